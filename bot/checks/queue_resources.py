"""Does an appliance save its resources, and therefore take mail more slowly?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.asyncos.commands.status_detail import is_conserving, status_detail
from bot.model.check import Check
from bot.model.errors import Skipped
from bot.model.finding import Evidence, Finding, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Node

GAUGES = ("Resource Conservation", "Utilization", "Active Recipients", "Kilobytes Free")


@dataclass(frozen=True, slots=True)
class Resources:
    """The gauge of one appliance as printed."""

    node: Node
    gauge: str
    evidence: Evidence


async def collect(probes: Probes, node: Node) -> Resources:
    page = await probes.ask(node.name, status_detail())
    if page.value is None:
        raise Skipped("no-conservation-gauge", appliance=node.name)
    return Resources(node, page.value, page.exchange.quote(*GAUGES))


def analyze(facts: Resources, limits: Limits) -> Iterator[Finding]:
    if is_conserving(facts.gauge):
        evidence, details = (facts.evidence,), {"text": facts.gauge}
        yield Finding("queue.resources.conservation", facts.node, Severity.WARNING, evidence, details)


CHECK = Check(
    id="queue.resources",
    title="The appliance does not have to save its resources",
    subjects=frozenset({"sma", "esa"}),
    collect=collect,
    analyze=analyze,
)
