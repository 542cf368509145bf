"""What the bot can do about a finding here and now, and why a fix that it knows is manual all the same; pure."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.asyncos.commands.clusterconfig import clusterconfig, parse_clusterconfig
from bot.diagnosis.causes import Judged
from bot.diagnosis.planned import in_maintenance
from bot.knowledge.knowledge import Knowledge
from bot.model.errors import Garbled
from bot.model.finding import Detail, Exchange, Finding
from bot.model.inventory import Site
from bot.model.report import Fix

Remark = Callable[[str, Mapping[str, Detail]], str]
"""The sentence for a text of `remediation.toml` and its details."""

AFTER_THE_CAUSE = ("deliver-now",)
"""Fixes that are useless while what caused the finding goes on."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides besides the finding: the site, the time, and the names of two kinds of appliances.

    `uncommitted` hold changes that a commit would take along; `clustered` are in a cluster.
    """

    name: str
    site: Site
    now: dt.datetime
    uncommitted: frozenset[str]
    clustered: frozenset[str]


def offer(fix: Fix, judged: Judged, circumstances: Circumstances, remark: Remark) -> Fix:
    """The fix as far as it can be done here and now; lowered to manual, it says why."""
    if fix.applicability == "manual":
        return fix
    reason = _objection(fix, judged, circumstances)
    if reason is None:
        return fix
    because = remark(*reason)
    return fix.model_copy(update={"applicability": "manual", "approvals": 0, "because": because})


def find_clustered(exchanges: Iterable[Exchange]) -> frozenset[str]:
    """The appliances that said that they are in a cluster."""
    return frozenset(
        exchange.appliance
        for exchange in exchanges
        if exchange.command == clusterconfig().key and not exchange.failure and _has_machines(exchange.text)
    )


def find_uncommitted(findings: Iterable[Finding], knowledge: Knowledge) -> frozenset[str]:
    """The appliances with changes that somebody made and nobody committed."""
    return frozenset(
        finding.subject.asked.name for finding in findings if knowledge.prevents(finding.id, "commit")
    )


def _objection(
    fix: Fix, judged: Judged, circumstances: Circumstances
) -> tuple[str, Mapping[str, Detail]] | None:
    appliance = judged.finding.subject.asked.name
    if circumstances.site.mode != "remediate":
        return "observe", {"site": circumstances.name}
    if in_maintenance(circumstances.site, circumstances.now):
        return "maintenance", {"site": circumstances.name}
    if fix.id in AFTER_THE_CAUSE and judged.explained_by:
        return "cause-first", {"cause": ", ".join(dict.fromkeys(cause.id for cause in judged.explained_by))}
    if "commit" not in fix.commands:
        return None
    if appliance in circumstances.clustered:
        return "cluster-level", {}
    if appliance in circumstances.uncommitted:
        return "pending-changes", {"appliance": appliance}
    return None


def _has_machines(text: str) -> bool:
    try:
        return bool(parse_clusterconfig(text).machines)
    except Garbled:
        return False
