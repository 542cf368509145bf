"""`nslookup`: what a name resolves to, asked from the appliance itself."""

import re
from dataclasses import dataclass

from bot.asyncos.reading import unreadable
from bot.model.command import Question, Reading
from bot.model.errors import Garbled

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_ADDRESS = re.compile(r"\bA{1,4}[ \t]*=[ \t]*(\d+(?:\.\d+){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Resolution:
    """The addresses of a name, none when it does not resolve; `text` is what was printed."""

    addresses: tuple[str, ...]
    text: str


def nslookup(name: str) -> Reading[Resolution]:
    if not _NAME.fullmatch(name):
        raise Garbled(f"{name!r} is no name that can be typed; nothing was sent")
    return Reading(
        f"nslookup {name}",
        parse_nslookup,
        (Question(r"host or IP|hostname", name), Question(r"\bquery\b|\btype\b", "")),
        timeout=30.0,
    )


def parse_nslookup(text: str) -> Resolution:
    """The wording of a failure is not published: whatever holds no address is one."""
    if not text.strip():
        raise unreadable("nslookup", text)
    return Resolution(tuple(dict.fromkeys(_ADDRESS.findall(text))), text.strip())
