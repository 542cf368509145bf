"""What waits on an appliance for its CPQ peer."""

from dataclasses import dataclass

from bot.asyncos.commands.tophosts import TopHost, tophosts
from bot.facts.impact import cpq_destination, oldest_cpq
from bot.model.finding import Detail, Evidence
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Subject


@dataclass(frozen=True, slots=True)
class Queue:
    """The row of the peer's destination (None = nothing waits) and the age of the oldest, where it is known."""

    subject: Subject
    host: str
    row: TopHost | None
    oldest_minutes: int | None
    evidence: tuple[Evidence, ...]

    @property
    def stalled(self) -> bool:
        """Marked down, or waiting without a connection and without one delivery since the last reboot."""
        row = self.row
        return (
            row is not None and row.active > 0 and (row.down or (row.connections == 0 and row.delivered == 0))
        )


async def read_queue(probes: Probes, subject: Subject) -> Queue:
    """The queue of the appliance that sends on `subject` (or that is it)."""
    node = subject.asked
    table = await probes.ask(node.name, tophosts())
    host = cpq_destination(node)
    oldest = await oldest_cpq(probes, node)
    return Queue(
        subject,
        host,
        table.value.find(host),
        int(oldest.total_seconds() // 60) if oldest else None,
        (table.exchange.quote("Recipient Host", "marked with", host.replace(".", r"\.")),),
    )


def describe_queue(queue: Queue, limits: Limits) -> dict[str, Detail]:
    """The details of the findings about a queue."""
    return {
        "waiting": queue.row.active if queue.row else 0,
        "limit": limits.queue_recipients,
        "down": "yes" if queue.row and queue.row.down else "no",
        "oldest_minutes": queue.oldest_minutes,
        "host": queue.host,
    }
