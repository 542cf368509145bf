"""`resumedel` and `suspenddel`: delivery to all domains; newer releases ask which."""

from bot.asyncos.commands.resume import SECONDS
from bot.asyncos.reading import confirmed
from bot.model.command import Changing, Entry

_DOMAINS = r"\A(?>[\s\S]*?domain)[\s\S]*\[ALL\]>"


def resumedel() -> Changing[str]:
    """Acts at once."""
    entries = (Entry("resumedel"), Entry("", at=_DOMAINS, optional=True))
    return Changing(entries, confirmed("resumedel", r"delivery resumed"))


def suspenddel() -> Changing[str]:
    """Acts at once, after the default number of seconds for open connections."""
    entries = (
        Entry("suspenddel"),
        Entry("", at=SECONDS, timeout=120.0),
        Entry("", at=_DOMAINS, optional=True, timeout=120.0),
    )
    return Changing(entries, confirmed("suspenddel", r"delivery suspended"))
