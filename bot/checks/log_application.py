"""Did an internal component of the SMA fail, as its mail log tells it?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.facts.log import CpqLog
from bot.facts.sought import search_mail_logs
from bot.facts.window import show_minute
from bot.model.check import Check
from bot.model.finding import Detail, Finding, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Node

QUOTED = 3


@dataclass(frozen=True, slots=True)
class Faults:
    """The application faults of one SMA."""

    node: Node
    log: CpqLog


async def collect(probes: Probes, node: Node) -> Faults:
    return Faults(node, await search_mail_logs(probes, node, "application fault occurred"))


def analyze(facts: Faults, limits: Limits) -> Iterator[Finding]:
    """A warning here: whether it is what stops releases is decided where all findings are known."""
    faults = facts.log.traffic.faults
    if not faults:
        return
    kind, _, place = faults[-1].reason.partition(" at ")
    details: dict[str, Detail] = {
        "count": len(faults),
        "type": kind,
        "place": place or None,
        "first": show_minute(faults[0].at),
        "last": show_minute(faults[-1].at),
    }
    evidence = facts.log.quote([fault.line for fault in faults[-QUOTED:]])
    yield Finding("log.application.fault", facts.node, Severity.WARNING, evidence, details)


CHECK = Check(
    id="log.application",
    title="No internal component of the SMA failed",
    subjects=frozenset({"sma"}),
    collect=collect,
    analyze=analyze,
)
