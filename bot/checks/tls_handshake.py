"""Did the newest TLS handshake of each path succeed, as its sender's log tells it?"""

from collections.abc import Iterator

from bot.facts.handshake import PathLog, describe_failure, failing_handshakes, read_path_log
from bot.maillog.reasons import tls_problem
from bot.model.check import Check
from bot.model.finding import Finding, Severity
from bot.model.inventory import Limits


def analyze(facts: PathLog, limits: Limits) -> Iterator[Finding]:
    failed = failing_handshakes(facts)
    if not failed:
        return
    problem = tls_problem(failed[-1].tls_reason or "")
    if problem != "unverified":
        details, evidence = describe_failure(facts, failed)
        yield Finding(f"tls.handshake.{problem}", facts.path, Severity.CRITICAL, evidence, details)


CHECK = Check(
    id="tls.handshake",
    title="The sender agrees with the receiver on TLS",
    subjects=frozenset({"quarantine", "release"}),
    collect=read_path_log,
    analyze=analyze,
)
