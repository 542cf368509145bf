"""`resume` and `suspend`: receiving and delivery of the whole appliance."""

import re

from bot.asyncos.reading import confirmed
from bot.model.command import Changing, Entry

SECONDS = r"seconds"


def resume(listener: str = "") -> Changing[str]:
    """Acts at once. With `listener`, success is only a line that says that receiving resumed for it."""
    words = rf"^\s*Receiving resumed for\b.*\b{re.escape(listener)}\b" if listener else r"\bresumed\b"
    return Changing((Entry("resume"),), confirmed("resume", words))


def suspend() -> Changing[str]:
    """Acts at once, after the default number of seconds for open connections."""
    entries = (Entry("suspend"), Entry("", at=SECONDS, timeout=120.0))
    return Changing(entries, confirmed("suspend", r"\bsuspended\b"))
