"""`grep`: the lines of one log that match a pattern."""

import re
from dataclasses import dataclass

from bot.asyncos.reading import unreadable
from bot.model.command import CUT, Question, Reading
from bot.model.errors import Garbled

_HEAD_FORMS = (
    r"^[ \t]*(?:[A-Za-z]{3}[ \t]+)?[A-Za-z]{3}[ \t]+\d{1,2}[ \t]+\d\d:\d\d:\d\d[ \t]+\d{4}\s"
    r"|^[ \t]*\d{4}-\d\d-\d\d[ T]"
)
_HEAD = re.compile(_HEAD_FORMS)
_COMPLAINTS = r"usage\s*:|no such|unknown|invalid|does not exist|error\s*:"
_COMPLAINT = re.compile(_COMPLAINTS, re.IGNORECASE)
_NO_LINES = rf"\A(?![\s\S]*(?:{_HEAD_FORMS}))[\s\S]*"
"""Log lines may hold anything, a question of ours too: none is answered below one."""
_LOG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
NARROWEST = 79


@dataclass(frozen=True, slots=True)
class Grep:
    """The matching lines, oldest first; `capped` when there were more: then these are the newest ones."""

    lines: tuple[str, ...]
    capped: bool


def grep(pattern: str, log: str) -> Reading[Grep]:
    """`pattern` is a regular expression, regardless of case; it must not hold quotes or begin with a hyphen.

    Asked in one line; by questions where the appliance does not take that line.
    """
    if not pattern.strip() or re.search(r'["\x00-\x1f\x7f]|^\s*-|\\$', pattern):
        raise ValueError(f"{pattern!r} cannot be quoted on the appliance's command line")
    if not _LOG.fullmatch(log):
        raise Garbled(f"{log!r} is no name of a log that can be typed; nothing was sent")
    return Reading(
        f'grep -i "{pattern}" {log}',
        parse_grep,
        _questions(pattern, log),
        timeout=180.0,
        limit=2_000_000,
        settle=0.01,
        overflow="keep-newest",
        fallback="grep",
        fallback_when=rf"{_NO_LINES}(?:{_COMPLAINTS})",
    )


def _questions(pattern: str, log: str) -> tuple[Question, ...]:
    """Which of them are asked, and in which order, differs between releases."""
    return (
        Question(rf"{_NO_LINES}^(?>[^\n]*?\blog\b)[^\n]*\bgrep\b", lambda text: _choose_log(text, log)),
        Question(rf"{_NO_LINES}regular expression", pattern),
        Question(rf"{_NO_LINES}case.insensitive", "Y"),
        Question(rf"{_NO_LINES}non.matching", "N"),
        Question(rf"{_NO_LINES}\btail\b", "N"),
        Question(rf"{_NO_LINES}\bpaginate\b", "N"),
    )


def _choose_log(text: str, log: str) -> str:
    found = re.search(rf'^[ \t]*(\d+)\.[ \t]*"?{re.escape(log)}"?(?=\s|$)', text, re.MULTILINE)
    if not found:
        raise Garbled(f"grep offers no log {log!r}")
    return found[1]


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
