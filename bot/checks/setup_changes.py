"""Are there configuration changes that nobody has committed?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.asyncos.commands.showchanges import Changes, showchanges
from bot.model.check import Check
from bot.model.finding import Finding, Reply, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Node

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Pending:
    """What `showchanges` prints on one appliance."""

    node: Node
    changes: Reply[Changes]


async def collect(probes: Probes, node: Node) -> Pending:
    return Pending(node, await probes.ask(node.name, showchanges()))


def analyze(facts: Pending, limits: Limits) -> Iterator[Finding]:
    changes = facts.changes.value
    if changes.pending:
        told = "; ".join(line.strip() for line in changes.lines)
        details = {"changes": told if len(told) <= SHOWN else f"{told[:SHOWN]}…"}
        evidence = (facts.changes.exchange.quote(),)
        yield Finding("setup.changes.pending", facts.node, Severity.WARNING, evidence, details)


CHECK = Check(
    id="setup.changes",
    title="No configuration change waits for its commit",
    subjects=frozenset({"sma", "esa"}),
    collect=collect,
    analyze=analyze,
)
