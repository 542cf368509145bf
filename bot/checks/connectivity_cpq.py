"""Does the sender reach the receiver's CPQ listener, dialled from the appliance itself and the right interface?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.facts.knock import Knock, knock
from bot.facts.rejection import Rejection, read_rejection
from bot.model.check import Check
from bot.model.errors import CouldNotTell
from bot.model.finding import Detail, Evidence, Finding, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Path

SILENT_ENDINGS = {
    "refused": "connectivity.cpq.refused",
    "timeout": "connectivity.cpq.timeout",
    "closed": "connectivity.cpq.dropped",
    "silent": "connectivity.cpq.silent",
    "unresolvable": "connectivity.name.unresolvable",
}


@dataclass(frozen=True, slots=True)
class Attempted:
    """What answered and, where the sender was rejected, what the receiver says about that."""

    knock: Knock
    rejection: Rejection | None


async def collect(probes: Probes, path: Path) -> Attempted:
    knocked = await knock(probes, path)
    return Attempted(knocked, await read_rejection(probes, knocked))


def analyze(facts: Attempted, limits: Limits) -> Iterator[Finding]:
    path, answer, dialled = facts.knock.path, facts.knock.answer.value, facts.knock.dialled
    if answer.outcome == "greeting":
        raise CouldNotTell("not-smtp", port=dialled.port, address=dialled.address, text=answer.text[:80])
    problem = SILENT_ENDINGS.get(answer.outcome) or _problem(answer.code or 0, answer.text)
    if problem is None:
        return
    details: dict[str, Detail] = {
        "sender_address": answer.source or dialled.source or path.sender.address,
        "receiver_address": dialled.address,
        "port": dialled.port,
        "interface": dialled.interface or "Auto",
        "text": answer.text,
    }
    evidence: tuple[Evidence, ...] = (facts.knock.answer.exchange.quote(),)
    if facts.rejection:
        details |= {"source": facts.rejection.source, "relay": ", ".join(facts.rejection.relay) or None}
        evidence += facts.rejection.evidence
    severity = Severity.WARNING if problem == "connectivity.cpq.busy" else Severity.CRITICAL
    yield Finding(problem, path, severity, evidence, details)


def _problem(code: int, text: str) -> str | None:
    words = text[4:].strip()
    if code == 220:
        return "connectivity.cpq.masked-banner" if words.count("*") * 2 > len(words) > 0 else None
    return "connectivity.cpq.rejected" if code >= 500 else "connectivity.cpq.busy"


CHECK = Check(
    id="connectivity.cpq",
    title="The sender reaches the receiver's CPQ listener",
    subjects=frozenset({"quarantine", "release"}),
    collect=collect,
    analyze=analyze,
)
