"""How much mail waits, as far as the appliances say."""

import datetime as dt
from collections.abc import Sequence

from bot.asyncos.commands.status import status
from bot.asyncos.commands.tophosts import TopHosts, tophosts
from bot.facts.attempt import attempt
from bot.model.finding import Reply
from bot.model.ports import Probes
from bot.model.report import Impact
from bot.model.subject import Node, Subject

QUARANTINE_HOST = "the.cpq.host"
RELEASE_HOST = "the.cpq.release.host"
BOUNCE_AFTER = dt.timedelta(hours=72)


async def measure_impact(probes: Probes, subjects: Sequence[Subject]) -> Impact:
    """Recipients waiting for all CPQ destinations of a site, and the age of the oldest where that is known."""
    nodes = [subject for subject in subjects if isinstance(subject, Node)]
    tables = {node: await attempt(probes.ask(node.name, tophosts())) for node in nodes}
    if not all(isinstance(table, Reply) for table in tables.values()):
        return Impact()
    waiting = sum(
        cpq_waiting(table.value, node) for node, table in tables.items() if isinstance(table, Reply)
    )
    ages = [age for node in nodes if (age := await oldest_cpq(probes, node)) is not None]
    oldest = max(ages, default=None)
    asked = max((table.exchange.at for table in tables.values() if isinstance(table, Reply)), default=None)
    bounces = asked + BOUNCE_AFTER - oldest if asked and oldest and waiting else None
    return Impact(
        waiting=waiting,
        oldest_minutes=int(oldest.total_seconds() // 60) if oldest else None,
        bounces_at=bounces,
    )


def cpq_destination(node: Node) -> str:
    """The destination object in which the appliance keeps what waits for its peer."""
    return QUARANTINE_HOST if node.product == "esa" else RELEASE_HOST


def cpq_waiting(table: TopHosts, node: Node) -> int:
    """Recipients that wait for the peer; no row = none (the table is sorted by them)."""
    row = table.find(cpq_destination(node))
    return row.active if row else 0


async def oldest_cpq(probes: Probes, node: Node) -> dt.timedelta | None:
    """The age of the oldest message, where nothing else than CPQ waits; None where that is not known."""
    table = await attempt(probes.ask(node.name, tophosts()))
    page = await attempt(probes.ask(node.name, status()))
    if not isinstance(table, Reply) or not isinstance(page, Reply):
        return None
    waiting = [row.host for row in table.value.rows if row.active]
    return page.value.oldest if waiting == [cpq_destination(node)] else None
