"""Any place of a plain log file: where a time begins (by bisection, not by reading), where a line ends."""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.maillog.heads import split_head
from bot.maillog.pieces import LONGEST, Read
from bot.maillog.sources import LogFile

_NEAR = 1 << 16
_NEARBY = 1 << 14
_HEAD = 256


@dataclass(frozen=True, slots=True)
class Places:
    """A plain file in which every place can be read: `read(size, place)`; `size` in bytes when it was opened."""

    read: Callable[[int, int], bytes]
    size: int

    def find(self, since: dt.datetime) -> int:
        """The byte at which the first line that is not older than `since` begins; the size without one."""
        low, high = 0, self.size
        while high - low > _NEAR:
            middle = (low + high) // 2
            at = next((at for at, _ in self._times(middle)), None)
            if at is None or at >= since:
                high = middle
            else:
                low = middle
        return next((place for at, place in self._times(low) if at >= since), self.size)

    def first_time(self, place: int) -> dt.datetime | None:
        """The time of the first line that states one, of those that begin at `place` or later."""
        return next((at for at, _ in self._times(place)), None)

    def last_time(self) -> dt.datetime | None:
        """The time of the last line that states one."""
        end = self.size
        while end > 0:
            begin = max(0, end - _NEAR)
            lines = self.read(end - begin + LONGEST, begin).split(b"\n")
            times = (time_of(line) for line in reversed(lines[1:] if begin else lines))
            if at := next((at for at in times if at), None):
                return at
            end = begin
        return None

    def near(self, place: int) -> bytes:
        """A stretch of text from `place` on, to the end of a line; empty at the end of the file."""
        text = self._within(_NEARBY, place)
        whole = text.rfind(b"\n") + 1
        return text[:whole] if whole else text

    def line_after(self, place: int) -> int:
        """The first byte of the first line that begins at `place` or later; the size without one."""
        at = max(place - 1, 0)
        while place and (text := self._within(_NEARBY, at)):
            end = text.find(b"\n") + 1
            if end:
                return at + end
            at += len(text)
        return at if not place else self.size

    def count_lines(self, begin: int, end: int | None = None) -> int:
        """Physical lines between two places, both of them beginnings of lines or the end of the file."""
        end, lines, last = self.size if end is None else end, 0, b"\n"
        while begin < end and (text := self.read(min(_NEAR, end - begin), begin)):
            lines, begin, last = lines + text.count(b"\n"), begin + len(text), text[-1:]
        return lines + (last != b"\n")

    def reader(self, begin: int) -> Read:
        """How to read on from a place."""
        at = begin

        def read(size: int) -> bytes:
            nonlocal at
            text = self._within(size, at)
            at += len(text)
            return text

        return read

    def _within(self, size: int, place: int) -> bytes:
        return self.read(min(size, self.size - place), place) if place < self.size else b""

    def _times(self, place: int) -> Iterator[tuple[dt.datetime, int]]:
        """The times of the lines that begin at `place` or later, each with its line's first byte."""
        for begin, line in self._lines(place):
            if at := time_of(line):
                yield at, begin

    def _lines(self, place: int) -> Iterator[tuple[int, bytes]]:
        """The lines that begin at `place` or later, of long ones the beginning."""
        at = place - 1 if place else 0
        rest, skipped = b"", not place
        while text := self._within(_NEAR, at + len(rest)):
            *lines, rest = (rest + text).split(b"\n")
            for line in lines:
                if skipped:
                    yield at, line
                skipped = True
                at += len(line) + 1
            if len(rest) > _NEAR:
                at, rest = at + len(rest) - LONGEST, rest[-LONGEST:]
        if rest and skipped:
            yield at, rest


def time_of(line: bytes) -> dt.datetime | None:
    """The time that a line states at its beginning; None where it states none or no year."""
    return split_head(line[:_HEAD].decode("latin-1")).at


def first_line_since(piece: bytes, since: dt.datetime) -> int:
    """The byte of a piece at which its first line begins that is not older than `since`; its length without one."""
    last = last_time(piece)
    if last is None or last < since:
        return len(piece)
    begin = 0
    for line in piece.split(b"\n"):
        at = time_of(line)
        if at is not None and at >= since:
            return begin
        begin += len(line) + 1
    return len(piece)


def first_time(piece: bytes) -> dt.datetime | None:
    """The time of the first line of a piece that states one."""
    return next(filter(None, map(time_of, piece.split(b"\n"))), None)


def last_time(piece: bytes) -> dt.datetime | None:
    """The time of the last line of a piece that states one."""
    end = len(piece)
    while end > 0:
        begin = piece.rfind(b"\n", 0, end) + 1
        if at := time_of(piece[begin : begin + _HEAD]):
            return at
        end = begin - 1
    return None


@contextmanager
def opened_places(file: LogFile) -> Iterator[Places]:
    """A plain log file, open for reading at any place."""
    with Path(file.path).open("rb", buffering=0) as stream:
        yield Places(lambda size, place: os.pread(stream.fileno(), size, place), file.size)
