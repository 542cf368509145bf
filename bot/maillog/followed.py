"""Connections to peers that a stream of lines follows, and what waits until a line says whose it is."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.maillog.counts import Peer
from bot.maillog.signs import Owner

_CONNECTIONS = 20_000
_PENDING = 8


class Followed:
    """One DCID; `pending` are troubles that count once a line says that it is CPQ."""

    __slots__ = ("failed", "owner", "peer", "pending", "tls")

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.owner: Owner | None = None
        self.tls = False
        self.failed = False
        self.pending: list[Callable[[], None]] = []

    @property
    def cpq(self) -> bool:
        return self.owner is Owner.CPQ

    @property
    def told(self) -> bool:
        """Whether a line has told whose it is."""
        return self.owner is not None

    def postpone(self, count: Callable[[], None]) -> None:
        if len(self.pending) < _PENDING:
            self.pending.append(count)

    def move(self, peer: Peer) -> None:
        """The peer of a connection that was opened before the first line has become known."""
        self.peer.sent.connections -= 1
        peer.sent.connections += 1
        self.peer = peer


@dataclass(slots=True)
class Table:
    """The connections by DCID; the ones begun longest ago are given up when there are too many.

    There is no waiting for the end of a connection: one that ends by an error has no closing line.
    """

    nobody: Peer
    _by_dcid: OrderedDict[int, Followed] = field(default_factory=OrderedDict)

    def begin(self, dcid: int) -> Followed:
        """A new connection under this id."""
        self._by_dcid.pop(dcid, None)
        connection = self._by_dcid[dcid] = Followed(self.nobody)
        if len(self._by_dcid) > _CONNECTIONS:
            self._by_dcid.popitem(last=False)
        return connection

    def find(self, dcid: int) -> Followed:
        """The connection, which may have been opened before the first line."""
        return self._by_dcid.get(dcid) or self.begin(dcid)

    def claim(self, dcid: int) -> Followed | None:
        """The connection, now known as CPQ's; None where it is the spam quarantine's, which is final."""
        connection = self._by_dcid.get(dcid) or self.begin(dcid)
        if connection.owner is Owner.CPQ:
            return connection
        if connection.owner is Owner.SPAM:
            return None
        connection.owner = Owner.CPQ
        connection.peer.sent.connections += 1
        for count in connection.pending:
            count()
        connection.pending.clear()
        return connection

    def clear(self) -> None:
        """Forget all: the log has ended."""
        self._by_dcid.clear()
