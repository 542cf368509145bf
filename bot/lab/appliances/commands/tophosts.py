"""`tophosts`: the destinations of the delivery queue, as a table."""

from collections.abc import Callable

from bot.lab.appliances.parts import Destination
from bot.lab.appliances.session import Session

MAX_ROWS = 20
ORDERS: dict[str, Callable[[Destination], int]] = {
    "Active Recipients": lambda row: len(row.waiting),
    "Connections Out": lambda row: row.connections,
    "Delivered Recipients": lambda row: row.delivered,
}
BOUNCES: dict[str, Callable[[Destination], int]] = {
    "Hard Bounced Recipients": lambda row: row.hard_bounced,
    "Soft Bounced Events": lambda row: row.soft_bounced,
}
HEADING = """
                             Active  Conn.     Deliv.       Soft       Hard
  #   Recipient Host         Recip.    Out     Recip.    Bounced    Bounced
"""


async def tophosts(session: Session, arguments: str) -> None:
    """Ask for the order, then print the largest destinations."""
    bounces = list(BOUNCES) if session.appliance.model.release.soft_bounces_last else list(reversed(BOUNCES))
    names = [*ORDERS, *bounces]
    number = await session.ask_number("Sort results by:\n", names)
    appliance, measure = session.appliance, (ORDERS | BOUNCES)[names[number - 1]]
    with appliance.lock:
        rows = sorted(appliance.destinations.values(), key=measure, reverse=True)[:MAX_ROWS]
        table = [_render(rank, row) for rank, row in enumerate(rows, 1)]
    await session.terminal.write_pages(
        "\n".join(
            [
                "",
                f"Status as of:                   {appliance.clock.stamp()}",
                "Hosts marked with '*' were down as of the last delivery attempt.",
                HEADING,
                *table,
            ]
        )
    )


def _render(rank: int, row: Destination) -> str:
    label = f"{rank}{'*' if row.down else ' '}"
    return (
        f"  {label:4}{row.host:20} {len(row.waiting):8,} {row.connections:6,} {row.delivered:10,} "
        f"{row.soft_bounced:10,} {row.hard_bounced:10,}"
    )
