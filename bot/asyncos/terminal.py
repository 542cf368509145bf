"""Bytes of a terminal, cut anywhere, into clean text: no pager, no colours, one kind of line end."""

import re
from collections import deque

from bot.model.command import Sieve

PAGER = re.compile(r"-+ ?(?:Press Any Key For More|More) ?-+", re.IGNORECASE)
LONGEST_TAIL = 4_096
LONGEST_LINE = 8_192
"""Characters of a line that are read; the longest ones known, cipher lists and log lines, have some hundred."""
LINE_CUT = " [the rest of this line was dropped: it is longer than is read]"
MOST_HELD = 65_536
"""Bytes that are held of a line that has not ended."""

_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()*+][0-9A-Za-z]|[=>78cDEHMNOZ])"
)
_ERASED = re.compile(rf"^{PAGER.pattern}(?:\r *\r|\x08+ *\x08*)", re.IGNORECASE | re.MULTILINE)
_BACKSPACED = re.compile(r"\x08+ *\x08*")
_LINE_END = re.compile(r"(?<!\r)\r++(?=\n|\Z)")
_OVERWRITTEN_BLANKS = re.compile(r"^(?:\r *)*\r|\r *(?=\r)", re.MULTILINE)
_SILENT = {code: None for code in (*range(9), *range(11, 32), *range(127, 160)) if code != 13} | {
    0x2028: " ",
    0x2029: " ",
}


def decode(data: bytes) -> str:
    """UTF-8 where a line is that, else ISO-8859-1; never fails."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return "\n".join(_decode_line(line) for line in data.split(b"\n"))


def _decode_line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def clean(text: str) -> str:
    """What a reader would see, line by line; a carriage return in the middle begins a new line."""
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    text = _LINE_END.sub("", text)
    if "\r" in text or "\x08" in text:
        text = _BACKSPACED.sub("", _ERASED.sub("", text))
        text = _OVERWRITTEN_BLANKS.sub("", text).replace("\r", "\n")
    return text.translate(_SILENT)


class Transcript:
    """What was printed since the last line sent; never more than about `limit` characters are held.

    `cut` tells that more was printed: with `keep_newest` the oldest lines were dropped, else the rest was. Of lines
    that have ended, only what a `sieve` keeps is held. A line that is too long ends with LINE_CUT, and `line_cut`
    tells that there was one. `read` is how many bytes there were in all.
    """

    def __init__(self, limit: int, keep_newest: bool = False, sieve: Sieve | None = None) -> None:
        self._blocks: deque[str] = deque()
        self.tail = b""
        self._limit = limit
        self._keep_newest = keep_newest
        self._sieve = sieve
        self.size = 0
        self.read = 0
        self.cut = False
        self.line_cut = False
        self._skipping = False

    def feed(self, data: bytes) -> None:
        self.read += len(data)
        if self._skipping:
            _, newline, data = data.partition(b"\n")
            self._skipping = not newline
        head, newline, self.tail = (self.tail + data).rpartition(b"\n")
        if newline:
            self._append(clean(decode(head)) + "\n")
        if len(self.tail) > MOST_HELD:
            # A sieve knows what it looks for, wherever lines end; nobody else needs more of this one.
            self._skipping = self._sieve is None
            self._append(clean(decode(self.tail)) + ("\n" if self._skipping else ""))
            self.tail = b""

    def _append(self, block: str) -> None:
        block = self._cut_lines(self._sieve.take(block) if self._sieve else block)
        self._blocks.append(block)
        self.size += len(block)
        while self.size > self._limit:
            self.cut = True
            self.size -= len(self._blocks.popleft() if self._keep_newest else self._blocks.pop())

    def _cut_lines(self, block: str) -> str:
        lines = block.split("\n")
        if len(max(lines, key=len)) <= LONGEST_LINE + len(LINE_CUT):
            return block
        self.line_cut = True
        return "\n".join(
            line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + LINE_CUT for line in lines
        )

    @property
    def last_line(self) -> str:
        """The line that has no end yet, where prompts and questions stand; empty while it is too long for one."""
        if len(self.tail) > LONGEST_TAIL or self.tail.endswith(b"\r"):
            return ""
        return clean(decode(self.tail)).rpartition("\n")[2]

    @property
    def complete(self) -> str:
        """All lines that have ended."""
        return "".join(self._blocks)

    @property
    def text(self) -> str:
        return self.complete + clean(decode(self.tail))

    def drop_head(self, length: int) -> None:
        """Forgets the first characters of the lines that have ended."""
        rest = self.complete[length:]
        self._blocks, self.size = deque([rest]), len(rest)

    def forget_last_line(self) -> None:
        """Drops the line without end: a pager, which the appliance wipes itself."""
        self.tail = b""
