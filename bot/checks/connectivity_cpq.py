"""Does the sender reach the receiver's CPQ listener, dialled from the appliance itself and the right interface?"""

from collections.abc import Iterator

from bot.facts.knock import Knock, knock
from bot.model.check import Check
from bot.model.errors import CouldNotTell
from bot.model.finding import Detail, Finding, Severity
from bot.model.inventory import Limits

SILENT_ENDINGS = {
    "refused": "connectivity.cpq.refused",
    "timeout": "connectivity.cpq.timeout",
    "closed": "connectivity.cpq.dropped",
    "silent": "connectivity.cpq.silent",
    "unresolvable": "connectivity.name.unresolvable",
}


def analyze(facts: Knock, limits: Limits) -> Iterator[Finding]:
    answer, dialled = facts.answer.value, facts.dialled
    if answer.outcome == "greeting":
        raise CouldNotTell("not-smtp", port=dialled.port, address=dialled.address, text=answer.text[:80])
    problem = SILENT_ENDINGS.get(answer.outcome) or _problem(answer.code or 0, answer.text)
    if problem is None:
        return
    details: dict[str, Detail] = {
        "sender_address": answer.source or dialled.source or facts.path.sender.address,
        "receiver_address": dialled.address,
        "port": dialled.port,
        "interface": dialled.interface or "Auto",
        "text": answer.text,
    }
    severity = Severity.WARNING if problem == "connectivity.cpq.busy" else Severity.CRITICAL
    yield Finding(problem, facts.path, severity, (facts.answer.exchange.quote(),), details)


def _problem(code: int, text: str) -> str | None:
    words = text[4:].strip()
    if code == 220:
        return "connectivity.cpq.masked-banner" if words.count("*") * 2 > len(words) > 0 else None
    return "connectivity.cpq.rejected" if code >= 500 else "connectivity.cpq.busy"


CHECK = Check(
    id="connectivity.cpq",
    title="The sender reaches the receiver's CPQ listener",
    subjects=frozenset({"quarantine", "release"}),
    collect=knock,
    analyze=analyze,
)
