"""Counts the CPQ traffic of one appliance line by line, in memory that does not grow with the log.

The rules are those of `correlate`, with what a stream allows: a connection's first handshake counts, and what
belongs to a connection or a message that no line has named yet waits; the longest waiting are given up first.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from bot.maillog.counts import Peer, Quarantine, ReasonKind, Reasons, Stamp
from bot.maillog.distinct import Distinct
from bot.maillog.followed import Followed, Table
from bot.maillog.reasons import generalise
from bot.maillog.series import Series
from bot.maillog.signs import Owner
from bot.maillog.trips import Trips

DEFAULT_PORT = 7025
_MESSAGES_WAITING = 10_000
_TOLD_A_MESSAGE = 8
_PEERS = 1000
_UNKNOWN_SHOWN = 5

_words_of = lru_cache(4096)(generalise)


class Told(NamedTuple):
    """What a line says of a trouble: when, why in the appliance's words, and the raw line."""

    at: Stamp
    words: str
    line: bytes


@dataclass(slots=True)
class _Undecided:
    """A delay or bounce of which no line has told whether it is CPQ's."""

    kind: Literal["delay", "bounce"]
    told: Told
    connection: Followed | None
    counted: bool = False


@dataclass(slots=True)
class Tally:
    """What has been counted so far; `series` and `trips` are kept where somebody wants them."""

    port: int = DEFAULT_PORT
    series: Series | None = None
    trips: Trips | None = None
    own_address: str | None = None
    quarantine: Quarantine = field(default_factory=Quarantine)
    unplaced: Peer = field(init=False)
    peers: dict[str, Peer] = field(default_factory=dict)
    messages: Distinct = field(default_factory=Distinct)
    faults: Reasons = field(default_factory=Reasons)
    early: Reasons = field(default_factory=Reasons)
    unrecognised: int = 0
    unknown_lines: list[bytes] = field(default_factory=list)
    _enqueued: Distinct = field(default_factory=Distinct)
    _table: Table = field(init=False)
    _waiting: OrderedDict[int, list[_Undecided]] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.unplaced = Peer(None, self.port)
        self._table = Table(self.unplaced)

    def opened(self, dcid: int, address: str, interface: str) -> None:
        """A connection to the CPQ port of a peer: always a new one."""
        connection = self._table.begin(dcid)
        connection.owner = Owner.CPQ
        connection.peer = self._peer(address)
        connection.peer.sent.connections += 1
        self.own_address = self.own_address or interface

    def opened_elsewhere(self, dcid: int, owner: Owner | None) -> None:
        """A connection to another port: what follows under this id is not CPQ's."""
        self._table.begin(dcid).owner = owner

    def tls_ok(self, dcid: int, domain: str) -> None:
        """A handshake with the CPQ object `domain` succeeded."""
        connection = self._table.claim(dcid)
        if connection is None or connection.tls:
            return
        peer = connection.peer
        connection.tls = True
        peer.sent.tls_ok += 1
        peer.handshakes.failing = 0
        peer.releases = peer.releases or domain.startswith("the.cpq.release")

    def tls_failed(self, dcid: int, told: Told) -> None:
        """The cause or, where only that is seen, the effect of a failed handshake: one a connection."""
        connection = self._table.find(dcid)
        if connection.cpq:
            self._fail_tls(connection, told)
        elif not connection.told:
            connection.postpone(lambda: self._fail_tls(connection, told))

    def connection_failed(self, dcid: int, told: Told, address: str, owner: Owner | None) -> None:
        """An error that repeats on a DCID is one; without a DCID the line itself must say CPQ, by `owner`."""
        if dcid == 0:
            if owner is Owner.CPQ:
                self._fail_connection(self._peer(address), told)
            return
        connection = self._table.claim(dcid) if owner is Owner.CPQ else self._table.find(dcid)
        if connection is None:
            return
        connection.owner = connection.owner or owner
        if connection.cpq:
            self._fail_once(connection, told, address)
        elif not connection.told:
            connection.postpone(lambda: self._fail_once(connection, told, address))

    def started(self, dcid: int, mid: int) -> None:
        """A message begins to go to the quarantine of a peer."""
        connection = self._table.claim(dcid)
        if connection is not None:
            connection.peer.sent.started += 1
            self._know(connection.peer, mid)

    def done(self, at: Stamp, dcid: int, mid: int) -> None:
        """A peer took a message into its quarantine."""
        connection = self._table.claim(dcid)
        if connection is None:
            return
        peer = connection.peer
        peer.sent.done += 1
        if peer.troubled and peer.worked_at is None:
            peer.worked_at = at
        self._know(peer, mid)
        self._mark(at, "done")
        if self.trips is not None:
            self.trips.sent(mid, at)

    def enqueued(self, at: Stamp, mid: int) -> None:
        """A message waits for its transfer."""
        if not self._enqueued.add(mid):
            return
        self.quarantine.enqueued += 1
        self._mark(at, "enqueued")
        self._decide(mid)
        if self.trips is not None:
            self.trips.enqueued(mid, at)

    def postponed(self, kind: Literal["delay", "bounce"], dcid: int, mid: int, told: Told) -> None:
        """A delay or a bounce of a message, on a connection or (DCID 0) on none."""
        connection = self._table.find(dcid) if dcid else None
        undecided = _Undecided(kind, told, connection)
        if connection is not None and connection.cpq:
            self._count(undecided)
        elif connection is None or not connection.told:
            if mid in self._enqueued or mid in self.messages:
                self._count(undecided)
            else:
                self._wait(mid, undecided)

    def came_in(self, address: str, interface: str | None) -> Peer:
        """A connection from a peer to the quarantine's own listener; `admit` takes the peer that is returned."""
        peer = self._peer(address)
        peer.received.connections += 1
        self.own_address = self.own_address or interface
        return peer

    def admit(self, peer: Peer, at: Stamp, rejected_by: str | None, line: bytes) -> None:
        """The peer was let in, or was rejected by a sender group."""
        if rejected_by is None:
            peer.received.accepted += 1
        else:
            peer.received.rejected += 1
            peer.reasons.note("reject", f"rejected by the sender group {rejected_by}", at, line)

    def unknown(self, line: bytes) -> None:
        """A line that may concern CPQ and has a form that nobody has published."""
        self.unrecognised += 1
        if len(self.unknown_lines) < _UNKNOWN_SHOWN:
            self.unknown_lines.append(line)

    def finish(self) -> None:
        """The log has ended: what no line named belongs to the only peer there is, or stays nobody's."""
        self._table.clear()
        self._waiting.clear()
        sent_to = [peer for peer in self.peers.values() if peer.sent.connections]
        if len(sent_to) == 1:
            sent_to[0].absorb(self.unplaced)
            self.unplaced = Peer(None, self.port)

    def _peer(self, address: str) -> Peer:
        peer = self.peers.get(address)
        if peer is None:
            if len(self.peers) >= _PEERS:
                return self.unplaced
            peer = self.peers[address] = Peer(address, self.port)
        return peer

    def _fail_tls(self, connection: Followed, told: Told) -> None:
        if connection.tls:
            return
        connection.tls = True
        connection.peer.sent.tls_failed += 1
        connection.peer.handshakes.fail(told.words, told.at, told.line)
        self._trouble(connection.peer, "tls", told)

    def _fail_once(self, connection: Followed, told: Told, address: str) -> None:
        if connection.failed:
            return
        connection.failed = True
        if connection.peer is self.unplaced:
            connection.move(self._peer(address))
        self._fail_connection(connection.peer, told)

    def _fail_connection(self, peer: Peer, told: Told) -> None:
        peer.sent.connection_errors += 1
        self._trouble(peer, "connection", told)

    def _know(self, peer: Peer, mid: int) -> None:
        """A message on a CPQ connection is CPQ's, and so are its delays before."""
        peer.messages.add(mid)
        if self.messages.add(mid):
            self._decide(mid)

    def _wait(self, mid: int, undecided: _Undecided) -> None:
        if undecided.connection is not None:
            undecided.connection.postpone(lambda: self._count(undecided))
        waiting = self._waiting.setdefault(mid, [])
        if len(waiting) < _TOLD_A_MESSAGE:
            waiting.append(undecided)
        if len(self._waiting) > _MESSAGES_WAITING:
            self._waiting.popitem(last=False)

    def _decide(self, mid: int) -> None:
        for undecided in self._waiting.pop(mid, ()):
            if undecided.connection is None or undecided.connection.owner in (None, Owner.CPQ):
                self._count(undecided)

    def _count(self, undecided: _Undecided) -> None:
        if undecided.counted:
            return
        undecided.counted = True
        peer = undecided.connection.peer if undecided.connection else self.unplaced
        if undecided.kind == "delay":
            peer.sent.delayed += 1
        else:
            peer.sent.bounced += 1
            self._mark(undecided.told.at, "bounced")
        self._trouble(peer, undecided.kind, undecided.told)

    def _trouble(self, peer: Peer, kind: ReasonKind, told: Told) -> None:
        peer.trouble(kind, _words_of(told.words), told.at, told.line)
        self._mark(told.at, "failed")

    def _mark(self, at: Stamp, what: str) -> None:
        if self.series is not None:
            self.series.mark(at, what)
