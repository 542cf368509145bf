"""`grep`: the lines of one log that match a pattern."""

import re
from dataclasses import dataclass

from bot.asyncos.reading import unreadable
from bot.model.command import CUT, Reading
from bot.model.errors import Garbled

_HEAD = re.compile(
    r"^\s*(?:[A-Za-z]{3}\s+)?[A-Za-z]{3}\s+\d{1,2}\s+\d\d:\d\d:\d\d\s+\d{4}\s|^\s*\d{4}-\d\d-\d\d[ T]"
)
_COMPLAINT = re.compile(r"usage\s*:|no such|unknown|invalid|does not exist|error\s*:", re.IGNORECASE)
_LOG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
NARROWEST = 79


@dataclass(frozen=True, slots=True)
class Grep:
    """The matching lines, oldest first; `capped` when there were more: then these are the newest ones."""

    lines: tuple[str, ...]
    capped: bool


def grep(pattern: str, log: str) -> Reading[Grep]:
    """`pattern` is a regular expression, regardless of case; it must not hold quotes or begin with a hyphen."""
    if not pattern.strip() or re.search(r'["\x00-\x1f\x7f]|^\s*-|\\$', pattern):
        raise ValueError(f"{pattern!r} cannot be quoted on the appliance's command line")
    if not _LOG.fullmatch(log):
        raise Garbled(f"{log!r} is no name of a log that can be typed; nothing was sent")
    line = f'grep -i "{pattern}" {log}'
    return Reading(line, parse_grep, timeout=180.0, settle=0.05, overflow="keep-newest")


def parse_grep(text: str) -> Grep:
    """Lines without a log head belong to the one before when that was hard-wrapped, else to nobody."""
    lines: list[str] = []
    wrapped = False
    for line in text.splitlines():
        if _HEAD.match(line):
            lines.append(line.strip())
        elif wrapped and line.strip():
            lines[-1] += line.rstrip()
        wrapped = bool(lines) and len(line) >= NARROWEST
    if not lines and _COMPLAINT.search(text):
        raise unreadable("grep", text)
    return Grep(tuple(lines), text.startswith(CUT))
