"""`tophosts`: the 20 destinations with most recipients waiting."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.asyncos.reading import choose, read_count, unreadable
from bot.model.command import Question, Reading
from bot.model.errors import Garbled

_ROW = re.compile(r"^\s*+(\*?)\s*+\d++(?:\s*+(\*))?\s++(\S+)" + r"\s+([\d,]+)" * 5 + r"\s*$")
_ROW_BEGINS = re.compile(r"^\s*+\*?\s*+\d++(?:\s*+\*)?\s++[^\s\d]")
_HEAD = re.compile(r"Recipient\s*Host", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TopHost:
    """One destination: recipients waiting, connections open now, counts since the last reboot.

    `down` is the `*`: the last attempt to deliver to it failed.
    """

    host: str
    active: int
    connections: int
    delivered: int
    soft_bounced: int
    hard_bounced: int
    down: bool


@dataclass(frozen=True, slots=True)
class TopHosts:
    """The table, largest first; a destination without a row is empty, or not among the 20 largest."""

    rows: tuple[TopHost, ...]

    def find(self, host: str) -> TopHost | None:
        return next((row for row in self.rows if row.host.casefold() == host.casefold()), None)


def tophosts() -> Reading[TopHosts]:
    return Reading("tophosts", parse_tophosts, (Question(r"sort results", _by_active),), timeout=30.0)


def parse_tophosts(text: str) -> TopHosts:
    rows = tuple(_read_rows(text))
    if not rows and not _HEAD.search(text):
        raise unreadable("tophosts", text)
    return TopHosts(rows)


def _by_active(text: str) -> str:
    try:
        return choose(text, "Active Recipients", "sort order")
    except Garbled:
        return "1"


def _read_rows(text: str) -> Iterator[TopHost]:
    lines = [line for line in text.splitlines() if line.strip()]
    for index, line in enumerate(lines):
        if not _ROW_BEGINS.match(line):
            continue
        following = lines[index + 1] if index + 1 < len(lines) else ""
        found = _ROW.match(line) or _ROW.match(line + following) or _ROW.match(f"{line} {following}")
        if found:
            before, after, host, *counts = found.groups()
            active, connections, delivered, soft, hard = (read_count(count) for count in counts)
            yield TopHost(host, active, connections, delivered, soft, hard, bool(before or after))
