"""Do the members of a cluster agree about PVO, and does the SMA know them all?"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bot.facts.attempt import attempt
from bot.facts.cluster import Member, Members, missing_interface, read_member, read_members
from bot.facts.levels import find_level_conflict
from bot.facts.registered import Registered, read_registered
from bot.model.check import Check
from bot.model.finding import Detail, Evidence, Finding, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Node


@dataclass(frozen=True, slots=True)
class Agreement:
    """An ESA among the members of its cluster (None = it stands alone); a conflict is what its log says."""

    member: Member
    cluster: Members | None
    conflict: tuple[str, Evidence] | None


@dataclass(frozen=True, slots=True)
class Roll:
    """The appliances that the SMA knows, and the clusters of the site's ESAs."""

    node: Node
    registered: Registered
    clusters: tuple[Members, ...]


async def collect(probes: Probes, node: Node) -> Agreement | Roll | None:
    """None for the SMA of a site without a cluster: there is nothing to agree about."""
    if node.product == "esa":
        cluster = await read_members(probes, node)
        conflict = await find_level_conflict(probes, node) if cluster else None
        return Agreement(await read_member(probes, node), cluster, conflict)
    clusters = await _read_clusters(probes)
    return Roll(node, await read_registered(probes, node), clusters) if clusters else None


async def _read_clusters(probes: Probes) -> tuple[Members, ...]:
    esas = [subject for subject in probes.subjects if isinstance(subject, Node) and subject.product == "esa"]
    found = [await attempt(read_members(probes, esa)) for esa in esas]
    clusters = {cluster.listed.value.machines: cluster for cluster in found if isinstance(cluster, Members)}
    return tuple(clusters.values())


def analyze(facts: Agreement | Roll | None, limits: Limits) -> Iterator[Finding]:
    if facts is None:
        return
    if isinstance(facts, Roll):
        yield from _not_added(facts)
        return
    yield from _interface(facts)
    yield from _override(facts)
    if facts.conflict:
        settings, evidence = facts.conflict
        node, details = facts.member.node, {"settings": settings}
        yield Finding("setup.cluster.level-conflict", node, Severity.WARNING, (evidence,), details)


def _interface(facts: Agreement) -> Iterator[Finding]:
    others = (
        tuple(one for one in facts.cluster.known if one.node != facts.member.node) if facts.cluster else ()
    )
    missing = missing_interface(facts.member, others)
    if missing:
        evidence = tuple(one.quote() for one in (facts.member, *others[:1]))
        node, details = facts.member.node, {"interface": missing}
        yield Finding("setup.cluster.interface-missing", node, Severity.CRITICAL, evidence, details)


def _override(facts: Agreement) -> Iterator[Finding]:
    """The subject is each member in the minority; in a tie all of them are."""
    members = facts.cluster.known if facts.cluster else ()
    settings = {one.node: (one.listener.port, one.listener.interface) for one in members if one.listener}
    own, counts = settings.get(facts.member.node), Counter(settings.values())
    if own is None or len(counts) < 2:
        return
    others = [(count, setting) for setting, count in counts.items() if setting != own]
    most, usual = max(others, key=lambda one: one[0])
    if counts[own] > most:
        return
    details: dict[str, Detail] = {
        "port": own[0],
        "interface": own[1],
        "usual_port": usual[0],
        "usual_interface": usual[1],
    }
    evidence = tuple(one.quote() for one in members if settings.get(one.node) in (own, usual))
    yield Finding("setup.cluster.override", facts.member.node, Severity.WARNING, evidence, details)


def _not_added(facts: Roll) -> Iterator[Finding]:
    """Only members whose addresses are known: what cannot be matched is unknown, not missing."""
    missing = [
        member.node.name
        for cluster in facts.clusters
        for member in cluster.known
        if not facts.registered.knows(member.names)
    ]
    if missing:
        listed = tuple(cluster.listed.exchange.quote("Machine") for cluster in facts.clusters)
        details = {"members": ", ".join(dict.fromkeys(missing))}
        evidence = (*facts.registered.evidence, *listed)
        yield Finding("setup.cluster.member-not-added", facts.node, Severity.CRITICAL, evidence, details)


CHECK = Check(
    id="setup.cluster",
    title="The members of a cluster agree, and the SMA knows them all",
    subjects=frozenset({"sma", "esa"}),
    collect=collect,
    analyze=analyze,
)
