"""`resumetransfers` and `suspendtransfers` of an SMA; how they answer is published nowhere."""

from bot.asyncos.commands.resume import SECONDS
from bot.asyncos.reading import confirmed
from bot.model.command import Changing, Entry


def resumetransfers() -> Changing[str]:
    """Acts at once."""
    return Changing((Entry("resumetransfers"),), confirmed("resumetransfers", r"\bresumed\b"))


def suspendtransfers() -> Changing[str]:
    """Acts at once, after the default delay."""
    entries = (Entry("suspendtransfers"), Entry("", at=SECONDS, timeout=120.0))
    return Changing(entries, confirmed("suspendtransfers", r"\bsuspended\b"))
