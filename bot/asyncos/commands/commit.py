"""`commit` and `clear`: activating and abandoning what was entered."""

from bot.asyncos.reading import confirmed
from bot.model.command import Changing, Entry


def commit(comment: str) -> Changing[str]:
    """Activates all pending changes: nobody else's may be among them."""
    entries = (
        Entry("commit"),
        Entry(comment, at=r"comments? describing your changes"),
        Entry("", at=r"save the current configuration for rollback", optional=True),
    )
    return Changing(entries, confirmed("commit", r"changes committed"))


def clear() -> Changing[str]:
    """Abandons all pending changes: only for a session that entered them, and where nothing was pending before."""
    entries = (Entry("clear"), Entry("Y", at=r"sure you want to clear all changes"))
    return Changing(entries, confirmed("clear", r"cleared"))
