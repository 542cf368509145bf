"""Connections to peers that a stream of lines follows, and what waits until a line says whose it is."""

from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from bot.maillog.counts import Peer, Stamp
from bot.maillog.owner import Owner

_PENDING = 8

V = TypeVar("V")


class Told(NamedTuple):
    """What a line says of a trouble: when, why in the appliance's words, and the raw line."""

    at: Stamp
    words: bytes
    line: bytes


class Followed:
    """One DCID; `pending` are troubles that count once a line says that it is CPQ.

    `mid` is the message begun last; `tls` and `failed` say that a handshake or an error was counted.
    """

    __slots__ = ("failed", "mid", "owner", "peer", "pending", "tls")

    def __init__(self, peer: Peer, owner: Owner | None = None) -> None:
        self.peer = peer
        self.owner = owner
        self.mid = -1
        self.tls = False
        self.failed = False
        self.pending: list[Undecided] | None = None

    def postpone(self, undecided: "Undecided") -> None:
        """Remember a trouble; of too many the first ones tell enough."""
        if self.pending is None:
            self.pending = [undecided]
        elif len(self.pending) < _PENDING:
            self.pending.append(undecided)

    def move(self, peer: Peer) -> None:
        """The peer of a connection that was opened before the first line has become known."""
        self.peer.sent.connections -= 1
        peer.sent.connections += 1
        self.peer = peer


class Undecided:
    """A trouble of which no line has told whether it is CPQ's: its connection, if any, or its message decides.

    `address` is the peer's where the line names it.
    """

    __slots__ = ("address", "counted", "dcid", "kind", "told")

    def __init__(self, kind: str, dcid: int, told: Told, address: str = "") -> None:
        self.kind = kind
        self.dcid = dcid
        self.told = told
        self.address = address
        self.counted = False


@dataclass(slots=True)
class Recent(Generic[V]):
    """Values by id in bounded memory: at least the `least` newest ones, at most twice as many.

    Nothing is ever removed one by one: a connection that ends by an error has no closing line to wait for.
    """

    least: int
    _young: dict[int, V] = field(default_factory=dict)
    _old: dict[int, V] = field(default_factory=dict)

    def get(self, number: int) -> V | None:
        """The newest value under this id."""
        return self._young.get(number) or self._old.get(number)

    def put(self, number: int, value: V) -> None:
        """A new value under this id."""
        if len(self._young) >= self.least:
            self._old, self._young = self._young, {}
        self._young[number] = value

    def pop(self, number: int) -> V | None:
        """Take the value under this id out."""
        value = self._young.pop(number, None)
        return self._old.pop(number, None) if value is None else value

    def clear(self) -> None:
        """Forget all."""
        self._young, self._old = {}, {}
