"""`showchanges`, `commit`, `clear`: the configuration changes that are not committed."""

from bot.lab.appliances.session import Session


async def showchanges(session: Session, arguments: str) -> None:
    """Print the changes of this session and those planted as another's, or one sentence that there are none."""
    lines = _list(session)
    if lines:
        await session.terminal.write_pages("\n".join(["", "Uncommitted changes:", *lines]))
    else:
        await session.say(f"\n{session.here.model.release.nothing_pending}")


async def commit(session: Session, arguments: str) -> None:
    """Activate the changes of this session, and whatever else is pending."""
    if not _list(session):
        await session.say("\nThere is no data to commit.")
        return
    question = session.here.manners.commit_question
    if question:
        await session.say()
        if not await session.ask_yes(question, default=False):
            await session.say("\nNothing was committed.")
            return
    await session.ask("Please enter some comments describing your changes:")
    await session.say()
    await session.ask_yes("Do you want to save the current configuration for rollback?", default=True)
    session.activate()
    await session.say(f"\nChanges committed: {session.here.clock.stamp()}")


async def clear(session: Session, arguments: str) -> None:
    """Abandon the changes of this session and those planted as another's."""
    usual = "Are you sure you want to clear all changes since the last commit?"
    await session.say()
    if await session.ask_yes(session.here.manners.clear_question or usual, default=False):
        session.abandon()
        await session.say("\nChanges cleared.")


def _list(session: Session) -> list[str]:
    here = session.here
    changes = session.pending | {(session.mode, name): value for name, value in here.foreign_changes.items()}
    lines = []
    for (mode, name), value in changes.items():
        before = here.configuration.get(name, "")
        place = f" ({mode})" if mode else ""
        lines += [f"  {name}{place}", f"    was: {before}", f"    now: {value}"]
    return lines
