"""Counts the CPQ traffic of one appliance line by line, in memory that does not grow with the log.

The rules are those of `correlate`, with what a stream allows: a connection's first handshake counts, and what
belongs to a connection or a message that no line has named yet waits; the longest waiting are given up first.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from bot.maillog.counts import Peer, Quarantine, ReasonKind, Reasons, Stamp
from bot.maillog.distinct import Distinct
from bot.maillog.followed import Followed, Recent, Told, Undecided
from bot.maillog.owner import Owner
from bot.maillog.reasons import delivery_reason, generalise
from bot.maillog.series import Series
from bot.maillog.text import text_of
from bot.maillog.trips import Trips

DEFAULT_PORT = 7025
_CONNECTIONS = 15_000
_MESSAGES_WAITING = 5_000
_TOLD_A_MESSAGE = 8
_PEERS = 1000
_UNKNOWN_SHOWN = 5


@lru_cache(4096)
def _words_of(words: bytes) -> str:
    return generalise(delivery_reason(text_of(words)))


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
    faults: Reasons = field(default_factory=Reasons)
    early: Reasons = field(default_factory=Reasons)
    unrecognised: int = 0
    unknown_lines: list[bytes] = field(default_factory=list)
    _enqueued: Distinct = field(default_factory=Distinct)
    _senders: list[Peer] = field(default_factory=list)
    _connections: Recent[Followed] = field(default_factory=lambda: Recent(_CONNECTIONS))
    _waiting: Recent[list[Undecided]] = field(default_factory=lambda: Recent(_MESSAGES_WAITING))

    def __post_init__(self) -> None:
        self.unplaced = Peer(None, self.port)
        self._senders.append(self.unplaced)

    def opened(self, dcid: int, address: str, interface: str) -> None:
        """A connection to the CPQ port of a peer: always a new one."""
        peer = self.peers.get(address) or self._meet(address)
        peer.sent.connections += 1
        self._connections.put(dcid, Followed(peer, Owner.CPQ))
        self.own_address = self.own_address or interface

    def opened_elsewhere(self, dcid: int, owner: Owner) -> None:
        """A connection to the port of another service of the peer: what follows under this id is not CPQ's."""
        self._connections.put(dcid, Followed(self.unplaced, owner))

    def tls_ok(self, dcid: int, domain: str) -> None:
        """A handshake with the CPQ object `domain` succeeded."""
        connection = self._claim(dcid)
        if connection is None or connection.tls:
            return
        peer = connection.peer
        connection.tls = True
        peer.sent.tls_ok += 1
        peer.handshakes.failing = 0
        peer.releases = peer.releases or domain.startswith("the.cpq.release")

    def tls_failed(self, dcid: int, told: Told) -> None:
        """The cause or, where only that is seen, the effect of a failed handshake: one a connection."""
        connection = self._find(dcid)
        if connection.owner is Owner.CPQ:
            self._fail_tls(connection, told)
        elif connection.owner is None:
            connection.postpone(Undecided("tls", dcid, told))

    def connection_failed(self, dcid: int, told: Told, address: str, owner: Owner | None) -> None:
        """An error that repeats on a DCID is one; without a DCID the line itself must say CPQ, by `owner`."""
        if dcid == 0:
            if owner is Owner.CPQ:
                self._fail_connection(self.peers.get(address) or self._meet(address), told)
            return
        connection = self._claim(dcid) if owner is Owner.CPQ else self._find(dcid)
        if connection is None:
            return
        connection.owner = connection.owner or owner
        if connection.owner is Owner.CPQ:
            self._fail_once(connection, told, address)
        elif connection.owner is None:
            connection.postpone(Undecided("connection", dcid, told, address))

    def started(self, dcid: int, mid: int) -> None:
        """A message begins to go to the quarantine of a peer."""
        connection = self._claim(dcid)
        if connection is not None:
            connection.peer.sent.started += 1
            connection.mid = mid
            self._know(connection.peer, mid)

    def done(self, at: Stamp, dcid: int, mid: int) -> None:
        """A peer took a message into its quarantine."""
        connection = self._claim(dcid)
        if connection is None:
            return
        peer = connection.peer
        peer.sent.done += 1
        if peer.troubled and peer.worked_at is None:
            peer.worked_at = at
        if mid != connection.mid:
            self._know(peer, mid)
        if self.series is not None:
            self.series.mark(at, "done")
        if self.trips is not None:
            self.trips.sent(mid, at)

    def enqueued(self, at: Stamp, mid: int) -> None:
        """A message waits for its transfer."""
        if not self._enqueued.add(mid):
            return
        self.quarantine.enqueued += 1
        if self.series is not None:
            self.series.mark(at, "enqueued")
        self._decide(mid)
        if self.trips is not None:
            self.trips.enqueued(mid, at)

    def postponed(self, kind: Literal["delay", "bounce"], dcid: int, mid: int, told: Told) -> None:
        """A delay or a bounce of a message, on a connection or (DCID 0) on none."""
        connection = self._find(dcid) if dcid else None
        owner = connection.owner if connection else None
        if owner is Owner.CPQ or (owner is None and self._knows(mid)):
            self._count(Undecided(kind, dcid, told), connection)
        elif owner is None:
            self._wait(mid, Undecided(kind, dcid, told), connection)

    def came_in(self, address: str, interface: str | None) -> Peer:
        """A connection from a peer to the quarantine's own listener; `admit` takes the peer that is returned."""
        peer = self.peers.get(address) or self._meet(address)
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

    @property
    def all_peers(self) -> list[Peer]:
        """The peers, and at last what was counted for connections of which no line told the peer."""
        return [*self.peers.values(), self.unplaced]

    def count_messages(self) -> int:
        """Different messages that went to any peer."""
        all_of = Distinct()
        for peer in self._senders:
            all_of.update(peer.messages)
        return all_of.count

    def finish(self) -> None:
        """The log has ended: what no line named belongs to the only peer there is, or stays nobody's."""
        self._connections.clear()
        self._waiting.clear()
        sent_to = [peer for peer in self.peers.values() if peer.sent.connections]
        if len(sent_to) == 1:
            sent_to[0].absorb(self.unplaced)
            self.unplaced = Peer(None, self.port)

    def _meet(self, address: str) -> Peer:
        if len(self.peers) >= _PEERS:
            return self.unplaced
        peer = self.peers[address] = Peer(address, self.port)
        return peer

    def _find(self, dcid: int) -> Followed:
        """The connection, which may have been opened before the first line."""
        connection = self._connections.get(dcid)
        if connection is None:
            connection = Followed(self.unplaced)
            self._connections.put(dcid, connection)
        return connection

    def _claim(self, dcid: int) -> Followed | None:
        """The connection, now known as CPQ's; None where it is the spam quarantine's, which is final."""
        connection = self._connections.get(dcid) or self._find(dcid)
        if connection.owner is Owner.CPQ:
            return connection
        if connection.owner is Owner.SPAM:
            return None
        connection.owner = Owner.CPQ
        connection.peer.sent.connections += 1
        pending, connection.pending = connection.pending, None
        for undecided in pending or ():
            self._count(undecided, connection)
        return connection

    def _fail_tls(self, connection: Followed, told: Told) -> None:
        if connection.tls:
            return
        connection.tls = True
        connection.peer.sent.tls_failed += 1
        connection.peer.handshakes.fail(text_of(told.words), told.at, told.line)
        self._trouble(connection.peer, "tls", told)

    def _fail_once(self, connection: Followed, told: Told, address: str) -> None:
        if connection.failed:
            return
        connection.failed = True
        if connection.peer is self.unplaced:
            connection.move(self.peers.get(address) or self._meet(address))
        self._fail_connection(connection.peer, told)

    def _fail_connection(self, peer: Peer, told: Told) -> None:
        peer.sent.connection_errors += 1
        self._trouble(peer, "connection", told)

    def _know(self, peer: Peer, mid: int) -> None:
        """A message on a CPQ connection is CPQ's, and so are its delays before."""
        if peer.messages.add(mid):
            if peer.messages.count == 1 and peer is not self.unplaced:
                self._senders.append(peer)
            self._decide(mid)

    def _knows(self, mid: int) -> bool:
        if mid in self._enqueued:
            return True
        for peer in self._senders:  # noqa: SIM110 - twice as fast as any()
            if mid in peer.messages:
                return True
        return False

    def _wait(self, mid: int, undecided: Undecided, connection: Followed | None) -> None:
        if connection is not None:
            connection.postpone(undecided)
        waiting = self._waiting.get(mid)
        if waiting is None:
            self._waiting.put(mid, [undecided])
        elif len(waiting) < _TOLD_A_MESSAGE:
            waiting.append(undecided)

    def _decide(self, mid: int) -> None:
        """The message is CPQ's: so is what waited for it, unless its connection went elsewhere."""
        for undecided in self._waiting.pop(mid) or ():
            connection = self._connections.get(undecided.dcid) if undecided.dcid else None
            if connection is None or connection.owner in (None, Owner.CPQ):
                self._count(undecided, connection)

    def _count(self, undecided: Undecided, connection: Followed | None) -> None:
        if undecided.counted:
            return
        undecided.counted = True
        peer = connection.peer if connection else self.unplaced
        match undecided.kind:
            case "tls" if connection:
                self._fail_tls(connection, undecided.told)
            case "connection" if connection:
                self._fail_once(connection, undecided.told, undecided.address)
            case "delay":
                peer.sent.delayed += 1
                self._trouble(peer, "delay", undecided.told)
            case "bounce":
                peer.sent.bounced += 1
                self._trouble(peer, "bounce", undecided.told)

    def _trouble(self, peer: Peer, kind: ReasonKind, told: Told) -> None:
        peer.trouble(kind, _words_of(told.words), told.at, told.line)
        if self.series is not None:
            self.series.mark(told.at, "bounced" if kind == "bounce" else "failed")
