"""Connections from peers to the quarantine's own listener, and what became of each.

Only the opening line says CPQ; the lines after it look like everybody's, so they are sought for by id from
there, as far as REACH.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.maillog import events as e
from bot.maillog.counts import Peer
from bot.maillog.grammar import parse_line
from bot.maillog.pieces import LONGEST, line_around
from bot.maillog.selection import lines_with
from bot.maillog.tally import Tally
from bot.maillog.text import text_of

REACH = 1 << 20
"""Bytes of log after an opening line within which its verdict is sought; it usually is the next line."""

_UNDECIDED = 64


@dataclass(slots=True)
class _Reception:
    """A connection without a verdict so far, which may stand before the byte `until`."""

    icid: int
    peer: Peer
    until: int


@dataclass(slots=True)
class Receptions:
    """Reads a log's text piece by piece, each of whole lines; `stamped` as in `Digest`."""

    tally: Tally
    stamped: bool = True
    _undecided: OrderedDict[int, _Reception] = field(default_factory=OrderedDict)

    def scan(self, text: bytes, at: int, incoming: Sequence[int]) -> None:
        """Read all of a piece that begins at byte `at` of the log; `incoming` are the places of INCOMING in it."""
        self.follow(text, at)
        for begin, end in lines_with(text, incoming):
            icid = self.open(text[begin:end], at + end)
            if icid is not None:
                self._follow(icid, text, end, at)

    @property
    def undecided(self) -> bool:
        """Whether a verdict is still sought."""
        return bool(self._undecided)

    def follow(self, text: bytes, at: int) -> None:
        """Look in text that begins at byte `at` for the verdicts that are still sought, and for nothing else."""
        for icid in [*self._undecided]:
            self._follow(icid, text, 0, at)

    def open(self, line: bytes, end: int) -> int | None:
        """Begin a reception if this line, which ends at byte `end`, opens one; its ICID."""
        if len(line.rstrip(b"\n")) > LONGEST:
            return None
        event = parse_line(text_of(line), stamped=self.stamped)
        if not isinstance(event, e.InOpened) or event.protocol != "CPQ":
            return None
        peer = self.tally.came_in(event.address, event.interface_address)
        self._undecided.pop(event.icid, None)
        self._undecided[event.icid] = _Reception(event.icid, peer, end + REACH)
        if len(self._undecided) > _UNDECIDED:
            self._undecided.popitem(last=False)
        return event.icid

    def seek(self, icid: int, text: bytes, at: int) -> bool:
        """Look for the verdict on `icid` in text that begins at byte `at`; whether the search is over."""
        self._follow(icid, text, 0, at)
        return icid not in self._undecided

    def _follow(self, icid: int, text: bytes, start: int, at: int) -> None:
        reception = self._undecided[icid]
        for begin, line in _naming(icid, text, start):
            if at + begin >= reception.until or self._decide(reception, line):
                del self._undecided[icid]
                return
        if at + len(text) >= reception.until:
            del self._undecided[icid]

    def _decide(self, reception: _Reception, line: bytes) -> bool:
        """Whether the line ends the search."""
        if len(line) > LONGEST:
            return False
        event = parse_line(text_of(line), stamped=self.stamped)
        if not isinstance(event, e.InOpened | e.HatVerdict | e.InMessage | e.InClosed):
            return False
        if event.icid != reception.icid:
            return False
        if isinstance(event, e.HatVerdict) and event.action in ("REJECT", "TCPREFUSE"):
            self.tally.admit(reception.peer, event.at, event.group, line)
        elif isinstance(event, e.HatVerdict | e.InMessage):
            self.tally.admit(reception.peer, event.at, None, line)
        return True


def _naming(icid: int, text: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """The lines that name an ICID, from byte `start` on, each with its first byte."""
    words = b"ICID %d" % icid
    place = text.find(words, start)
    while place >= 0:
        after = place + len(words)
        if not text[after : after + 1].isdigit():
            begin, after = line_around(text, place)
            yield begin, text[begin:after].rstrip(b"\n")
        place = text.find(words, after)
