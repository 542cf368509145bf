"""One line of mail log to one typed event: head, then the first word, then a template for all the rest.

Subjects, header values, replies and reverse names are written by strangers, so no body is ever searched:
whatever does not match a template from its first character to its last is unrecognised.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from bot.maillog.events import Event, Ordinary, Unrecognised
from bot.maillog.heads import Head, split_head
from bot.maillog.templates import TEMPLATES

_LONGEST = 8192
"""Characters of a line that are looked at; the longest line known has a few hundred."""

_NUMBERS = frozenset({"dcid", "icid", "mid", "original", "port"})

_Reader = tuple[type[Event], re.Pattern[str]]
_READERS: dict[str, tuple[_Reader, ...]] = {
    word: tuple((event, re.compile(rest, re.DOTALL)) for event, rest in templates)
    for word, templates in TEMPLATES.items()
}


def parse_line(line: str, *, stamped: bool = False) -> Event:
    """Read one physical line, with or without its line end.

    With `stamped`, a line without a time stamp is not believed: in a log whose other lines have one it
    continues the line before, and its text may be a stranger's.
    """
    head, line = _cut(line)
    return _read(head, line) if head.stamped or not stamped else Unrecognised(None, line)


def parse(lines: Iterable[str]) -> Iterator[Event]:
    """Read physical lines in the order of the file; lines end at LF alone, for a header may hold a bare CR.

    From the first stamped line on, lines without a stamp are taken for continuations.
    """
    stamped = False
    for text in lines:
        head, line = _cut(text)
        stamped = stamped or head.stamped
        yield _read(head, line) if head.stamped or not stamped else Unrecognised(None, line)


def _cut(line: str) -> tuple[Head, str]:
    line = line[:_LONGEST].removeprefix("\ufeff").rstrip("\r\n")
    return split_head(line), line


def _read(head: Head, line: str) -> Event:
    word, _, rest = head.body.rstrip().partition(" ")
    if not word:
        return Ordinary(head.at, line)
    for event, pattern in _READERS.get(word, ()):
        if match := pattern.fullmatch(rest):
            return event(head.at, line, **_fields(match))
    return Unrecognised(head.at, line)


def _fields(match: re.Match[str]) -> dict[str, Any]:
    return {
        name: int(text) if text is not None and name in _NUMBERS else text
        for name, text in match.groupdict().items()
    }
