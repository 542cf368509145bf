"""`who`: who is logged in to the appliance, this bot included."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.asyncos.reading import unreadable
from bot.model.command import Reading

_HEAD = re.compile(r"^.*user\s*name.*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who is logged in, and the address that the appliance sees them at."""

    user: str
    source: str


def who() -> Reading[tuple[Present, ...]]:
    return Reading("who", parse_who)


def parse_who(text: str) -> tuple[Present, ...]:
    head = _HEAD.search(text)
    if not head:
        raise unreadable("who", text)
    return tuple(_read_rows(text[head.end() :]))


def _read_rows(text: str) -> Iterator[Present]:
    for words in (line.split() for line in text.splitlines()):
        source = next((word for word in words[1:] if _is_address(word)), None)
        if source:
            yield Present(words[0], source)


def _is_address(word: str) -> bool:
    try:
        ipaddress.ip_address(word)
    except ValueError:
        return False
    return True
