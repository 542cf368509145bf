"""`oldmessage`: the MID of the message that has waited longest, for whatever destination."""

import re

from bot.asyncos.reading import unreadable
from bot.model.command import Reading

_MID = re.compile(r"\bMID\b[ \t]*[:=]?[ \t]*(\d+)", re.IGNORECASE)
_NONE = re.compile(r"\bno (?:old )?messages?\b|\bempty\b", re.IGNORECASE)


def oldmessage() -> Reading[int | None]:
    """Its MID; None when nothing waits."""
    return Reading("oldmessage", parse_oldmessage, distil=distil_oldmessage)


def distil_oldmessage(text: str) -> str:
    """The line with the MID: the headers below it are a stranger's."""
    found = _MID.search(text)
    return f"MID {found[1]}" if found else text


def parse_oldmessage(text: str) -> int | None:
    if found := _MID.search(text):
        return int(found[1])
    if _NONE.search(text):
        return None
    raise unreadable("oldmessage", text)
