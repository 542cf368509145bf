"""`showchanges`, `commit`, `clear`: the configuration changes a session has not committed."""

from bot.lab.appliances.log import format_time
from bot.lab.appliances.parts import read_clock
from bot.lab.appliances.session import Session

NOTHING_PENDING = "There are no configuration changes."


async def showchanges(session: Session, arguments: str) -> None:
    """Print the changes, or one sentence that there are none."""
    if not session.pending:
        await session.say(f"\n{NOTHING_PENDING}")
        return
    await session.say("\nUncommitted changes:\n  ssl")
    for name, value in session.pending.items():
        before = session.appliance.configuration[name]
        await session.say(f"    {name}\n      was: {before}\n      now: {value}")


async def commit(session: Session, arguments: str) -> None:
    """Activate the changes of this session."""
    if not session.pending:
        await session.say("\nThere is no data to commit.")
        return
    await session.ask("Please enter some comments describing your changes:")
    await session.say()
    await session.ask_yes("Do you want to save the current configuration for rollback?", default=True)
    session.appliance.configuration.update(session.pending)
    session.pending.clear()
    await session.say(f"\nChanges committed: {format_time(read_clock())} GMT")


async def clear(session: Session, arguments: str) -> None:
    """Abandon the changes of this session."""
    await session.say()
    if await session.ask_yes(
        "Are you sure you want to clear all changes since the last commit?", default=False
    ):
        session.pending.clear()
        await session.say("\nChanges cleared.")
