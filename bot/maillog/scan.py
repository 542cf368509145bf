"""One log file into the tally of its appliance: by a searching child, or in pieces; both find the same."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from bot.maillog.digest import Digest
from bot.maillog.outcome import Span
from bot.maillog.pieces import BYTE_ORDER_MARK, split_pieces
from bot.maillog.places import Places, first_line_since, first_time, last_time, opened_places
from bot.maillog.receptions import REACH, Receptions
from bot.maillog.searchers import Searcher
from bot.maillog.searching import Filter, matching_lines
from bot.maillog.selection import INCOMING, find_all, lines_with
from bot.maillog.sources import LogFile, opened
from bot.maillog.unwrap import unwrap
from bot.model.errors import Unusable

_WORTH_A_CHILD = 4 << 20

Tick = Callable[[int], None]


@dataclass(slots=True)
class Scan:
    """Reads the files of one appliance one after the other; `tick` is told how far it is in the present one.

    `passed` counts the bytes of the files before, so that places in the log go on from file to file.
    """

    digest: Digest
    receptions: Receptions
    searcher: Searcher | None
    tick: Tick
    passed: int = 0

    def read(self, file: LogFile, since: dt.datetime | None) -> Span:
        """All of a file, or from the first line on that is not older than `since`."""
        self.digest.stamped = self.receptions.stamped = file.stamped
        if file.seekable:
            return self._read_plain(file, since)
        with opened(file) as read, self._picking() as picking:
            pieces = split_pieces(read)
            return self._read_stream(unwrap(pieces, file.wrapped) if file.wrapped else pieces, since, picking)

    def _read_plain(self, file: LogFile, since: dt.datetime | None) -> Span:
        with opened_places(file) as places:
            begin = places.find(since) if since else 0
            if begin >= places.size:
                return Span()
            span = Span(0, places.first_time(begin), places.last_time())
            if self.searcher and _is_worth_a_child(places.size - begin, places.size):
                span.lines, begin = self._search(self.searcher, file, places, begin)
            for at, piece in split_pieces(places.reader(begin), begin):
                span.lines += _count_lines(piece)
                self._take(at, piece)
                self.tick(at + len(piece))
            self.passed += places.size
            return span

    def _read_stream(
        self, pieces: Iterator[tuple[int, bytes]], since: dt.datetime | None, picking: Filter | None
    ) -> Span:
        span, end = Span(), 0
        for at, piece in pieces:
            end = at + len(piece)
            self.tick(end)
            if since is not None:
                skipped = first_line_since(piece, since)
                if skipped == len(piece):
                    continue
                at, piece, since = at + skipped, piece[skipped:], None
            span.lines += _count_lines(piece)
            self._take(at, piece, picking)
            span.first = span.first or first_time(piece)
            span.last = last_time(piece) or span.last
        self.passed += end
        if picking:
            self._finish(picking)
        return span

    def _picking(self) -> AbstractContextManager[Filter | None]:
        return Filter(self.searcher, self.digest.selection.literals) if self.searcher else nullcontext()

    def _finish(self, picking: Filter) -> None:
        try:
            for lines in picking.finish():
                self.digest.feed(lines)
        except OSError as error:
            raise Unusable(f"The search through the log broke off ({error}); try --no-ripgrep.") from None

    def _take(self, at: int, piece: bytes, picking: Filter | None = None) -> None:
        """Read a piece whole; `picking` finds the lines of one after the other, maybe later."""
        text = piece.removeprefix(BYTE_ORDER_MARK) if at == 0 else piece
        incoming = find_all(text, INCOMING)
        for lines in picking.give(text) if picking else [self.digest.selection.pick(text, incoming)]:
            self.digest.feed(lines)
        self.receptions.scan(text, self.passed + at, incoming)

    def _search(self, searcher: Searcher, file: LogFile, places: Places, begin: int) -> tuple[int, int]:
        """Read what a child finds from `begin` on; the lines passed, and the byte from which more is to be read."""
        found = _Found(begin, places)
        if self.receptions.undecided:
            self.receptions.follow(places.read(REACH, begin), self.passed + begin)
        try:
            with matching_lines(searcher, self.digest.selection.literals, file.path) as read:
                for _, lines in split_pieces(read):
                    lines = found.wanted(lines)
                    if lines.endswith(b"\n"):
                        self.digest.feed(lines, numbered=True)
                        self._receive(lines, places)
                        self.tick(found.pass_over(lines))
        except OSError:
            return found.lines, found.end
        return found.lines + places.count_lines(found.end), places.size

    def _receive(self, lines: bytes, places: Places) -> None:
        """Open the receptions among numbered lines and look into the log behind each for its verdict."""
        for begin, end in lines_with(lines, find_all(lines, INCOMING)):
            _, at, line = lines[begin:end].split(b":", 2)
            after = int(at) + len(line)
            icid = self.receptions.open(line, self.passed + after)
            while icid is not None and (text := places.near(after)):
                icid = None if self.receptions.seek(icid, text, self.passed + after) else icid
                after += len(text)


@dataclass(slots=True)
class _Found:
    """How far the lines that the child found lead: `lines` were passed since the first byte, up to the byte `end`."""

    end: int
    places: Places
    lines: int = 0
    _number: int | None = None

    def wanted(self, lines: bytes) -> bytes:
        """Without the lines before the first byte wanted, where that is known to lie among them."""
        while self._number is None and lines and _place(lines)[1] < self.end:
            lines = lines[lines.find(b"\n") + 1 :]
        return lines

    def pass_over(self, lines: bytes) -> int:
        """Take note of numbered lines that were read; the byte after them."""
        if self._number is None:
            number, at = _place(lines)
            self.lines = self.places.count_lines(self.end, at)
            self._number = number - 1
        last = lines.rfind(b"\n", 0, -1) + 1
        number, at = _place(lines[last:])
        self.lines += number - self._number
        self._number, self.end = number, self.places.line_after(at + 1)
        return self.end


def _place(lines: bytes) -> tuple[int, int]:
    """Number and first byte of the first of numbered lines."""
    number, at, _ = lines.split(b":", 2)
    return int(number), int(at)


def _is_worth_a_child(wanted: int, size: int) -> bool:
    """A child starts in the time in which a few MiB are read, and reads the file from its beginning."""
    return wanted > _WORTH_A_CHILD and wanted * 8 > size


def _count_lines(piece: bytes) -> int:
    return piece.count(b"\n") + (not piece.endswith(b"\n"))
