"""Did mail leave a full quarantine before anybody decided about it?"""

import re
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
class EarlyReleases:
    """What left the quarantines of one SMA because they were full."""

    node: Node
    log: CpqLog


async def collect(probes: Probes, node: Node) -> EarlyReleases:
    return EarlyReleases(node, await search_mail_logs(probes, node, "queue full"))


def analyze(facts: EarlyReleases, limits: Limits) -> Iterator[Finding]:
    released = facts.log.traffic.early_releases
    if not released:
        return
    names = dict.fromkeys(name for one in released for name in re.findall(r'"([^"]*)"', one.reason))
    details: dict[str, Detail] = {
        "count": len(released),
        "quarantines": ", ".join(names) or None,
        "first": show_minute(released[0].at),
        "last": show_minute(released[-1].at),
    }
    evidence = facts.log.quote([one.line for one in released[-QUOTED:]])
    yield Finding("log.quarantine.early-release", facts.node, Severity.CRITICAL, evidence, details)


CHECK = Check(
    id="log.quarantine",
    title="No mail left a full quarantine",
    subjects=frozenset({"sma"}),
    collect=collect,
    analyze=analyze,
)
