"""Did the sender accept the certificate that it was shown, as its log tells it?"""

from collections.abc import Iterator

from bot.facts.handshake import PathLog, describe_failure, failing_handshakes, read_path_log
from bot.maillog.reasons import tls_problem
from bot.model.check import Check
from bot.model.finding import Finding, Severity
from bot.model.inventory import Limits


def analyze(facts: PathLog, limits: Limits) -> Iterator[Finding]:
    failed = failing_handshakes(facts)
    if failed and tls_problem(failed[-1].tls_reason or "") == "unverified":
        details, evidence = describe_failure(facts, failed)
        yield Finding("tls.certificate.unverified", facts.path, Severity.CRITICAL, evidence, details)


CHECK = Check(
    id="tls.certificate",
    title="The sender accepts the receiver's hidden certificate",
    subjects=frozenset({"quarantine", "release"}),
    collect=read_path_log,
    analyze=analyze,
)
