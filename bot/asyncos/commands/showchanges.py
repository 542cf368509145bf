"""`showchanges`: configuration changes that nobody has committed."""

import re
from dataclasses import dataclass

from bot.model.command import Reading

_NONE = re.compile(
    r"(?:\A|(?<=\.))(?>[^.\n]*?\b(?:no|not any|nothing)\b)[^.\n]*\b(?:changes?|data|commit|pending|modified)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What `showchanges` printed, line by line; no lines when nothing is pending."""

    lines: tuple[str, ...]

    @property
    def pending(self) -> bool:
        return bool(self.lines)


def showchanges() -> Reading[Changes]:
    return Reading("showchanges", parse_showchanges)


def parse_showchanges(text: str) -> Changes:
    """An empty answer or one sentence that there are no changes = none; anything else is a change."""
    lines = tuple(line.rstrip() for line in text.splitlines() if line.strip())
    return Changes(()) if len(lines) <= 1 and (not lines or _NONE.search(lines[0])) else Changes(lines)
