"""The parts of a simulated appliance's state: model, interface, listener, message, destination."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

CPQ_PORT = 7025
SSH_PORT = 22
ACCOUNT = "pvo"

Product = Literal["sma", "esa"]


def read_clock() -> datetime:
    """The clock of every appliance, in GMT."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Model:
    """What an appliance is: the words that `version` and the banner print."""

    product: Product
    name: str
    title: str
    release: str
    build: str
    first_mid: int

    @property
    def version(self) -> str:
        """`14.2.0-620`."""
        return f"{self.release}-{self.build}"


SMA = Model("sma", "M300V", "Cisco M300V Secure Email and Web Manager", "14.2.0", "224", 9001)
ESA = Model("esa", "C100V", "Cisco C100V Email Security Virtual Appliance", "14.2.0", "620", 101)


@dataclass(frozen=True)
class Interface:
    """One IP interface of an appliance."""

    name: str
    address: str


@dataclass
class Listener:
    """One listener; `peers` is its RELAYLIST, None means that everybody may connect."""

    name: str
    protocol: str
    port: int
    peers: list[str] | None = None
    suspended: bool = False

    @property
    def hidden(self) -> bool:
        """Whether only the configuration file shows it."""
        return self.protocol == "CPQ"

    def accepts(self, source: str) -> bool:
        """Whether the HAT lets this address in."""
        return self.peers is None or source in self.peers


@dataclass(frozen=True)
class Message:
    """A quarantined message; `origin` is the address of its ESA, `original_mid` its MID there."""

    mid: int
    origin: str
    original_mid: int
    quarantine: str
    reason: str
    created: datetime = field(default_factory=read_clock)


@dataclass
class Destination:
    """A destination object of the delivery queue: one row of `tophosts`."""

    host: str
    waiting: list[tuple[str, Message]] = field(default_factory=list)  # address of the next hop, message
    down: set[str] = field(default_factory=set)  # next hops whose last attempt failed
    connections: int = 0
    delivered: int = 0
    soft_bounced: int = 0
    hard_bounced: int = 0
