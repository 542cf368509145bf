"""Is each appliance's AsyncOS new enough for the centralized quarantine?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.asyncos.commands.version import Version, version
from bot.facts.release import is_supported, required
from bot.model.check import Check
from bot.model.errors import CouldNotTell
from bot.model.finding import Detail, Finding, Reply, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Node


@dataclass(frozen=True, slots=True)
class Release:
    """What `version` says of one appliance."""

    node: Node
    page: Reply[Version]


async def collect(probes: Probes, node: Node) -> Release:
    return Release(node, await probes.ask(node.name, version()))


def analyze(facts: Release, limits: Limits) -> Iterator[Finding]:
    release = facts.page.value.version
    supported = is_supported(release, facts.node.product) if release else None
    if supported is None:
        raise CouldNotTell("version-not-known", appliance=facts.node.name)
    if not supported:
        details: dict[str, Detail] = {"version": release, "required": required(facts.node.product)}
        evidence = (facts.page.exchange.quote(r"^\s*Product", r"^\s*Version"),)
        yield Finding("setup.version.unsupported", facts.node, Severity.CRITICAL, evidence, details)


CHECK = Check(
    id="setup.version",
    title="AsyncOS is new enough for the centralized quarantine",
    subjects=frozenset({"sma", "esa"}),
    collect=collect,
    analyze=analyze,
)
