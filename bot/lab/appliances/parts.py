"""The parts of a simulated appliance's state: model, interface, listener, login, peer, message, destination."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.lab.appliances.releases import Product, Release

SSH_PORT = 22
ACCOUNT = "pvo"
COMMAND_CLIENT = "smaduser"  # as which an SMA logs in to its ESAs
AUTO = "Auto"
MANAGEMENT = "Management"


@dataclass(frozen=True)
class Model:
    """What an appliance is: the words that `version` and the banner print."""

    product: Product
    release: Release
    first_mid: int

    @property
    def name(self) -> str:
        """`C100V`."""
        if self.release.hardware:
            return "C170" if self.product == "esa" else "M170"
        return "C100V" if self.product == "esa" else "M300V"

    @property
    def brand(self) -> str:
        """What stands before the name in the banner."""
        return "Cisco IronPort" if self.release.hardware else "Cisco"

    @property
    def title(self) -> str:
        """The product in full."""
        if self.product == "esa":
            kind = "Messaging Gateway(tm)" if self.release.hardware else "Email Security Virtual"
            return f"{self.brand} {self.name} {kind} Appliance"
        kind = "Content Security Management" if self.release.hardware else "Secure Email and Web Manager"
        return f"Cisco {self.name} {kind}"

    @property
    def version(self) -> str:
        """`14.2.0-620`."""
        return self.release.version_of(self.product)


@dataclass(frozen=True)
class Interface:
    """One IP interface of an appliance."""

    name: str
    address: str


Greeting = Literal["serve", "drop", "silent", "busy", "mask"]
"""What becomes of a connection: service, an end, silence, 421, or a banner that a firewall has rewritten."""


@dataclass
class Listener:
    """One listener; `peers` is its RELAYLIST, None means that everybody may connect."""

    name: str
    protocol: str
    port: int
    peers: list[str] | None = None
    suspended: bool = False
    interface: str = MANAGEMENT
    enabled: bool = True
    manner: Greeting = "serve"

    @property
    def hidden(self) -> bool:
        """Whether only the configuration file shows it."""
        return self.protocol == "CPQ"

    def accepts(self, source: str) -> bool:
        """Whether the HAT lets this address in."""
        return self.peers is None or source in self.peers


@dataclass(frozen=True)
class Login:
    """Somebody logged in to the CLI."""

    user: str
    source: str
    since: datetime


@dataclass
class Peer:
    """An ESA as the SMA's command client knows it; `host_key` is the one it saw when the ESA was added."""

    name: str
    address: str
    user: str
    password: str
    host_key: str


@dataclass(frozen=True)
class Message:
    """A quarantined message; `origin` is the address of its ESA, `original_mid` its MID there."""

    mid: int
    origin: str
    original_mid: int
    quarantine: str
    reason: str


@dataclass
class Waiting:
    """A message in the delivery queue: `hop` is the address it goes to."""

    hop: str
    message: Message
    since: datetime
    attempts: int = 0


@dataclass
class Destination:
    """A destination object of the delivery queue: one row of `tophosts`."""

    host: str
    waiting: list[Waiting] = field(default_factory=list)
    down: set[str] = field(default_factory=set)  # next hops whose last attempt failed
    connections: int = 0
    delivered: int = 0
    soft_bounced: int = 0
    hard_bounced: int = 0

    def forget_counters(self) -> None:
        """What a reboot does: messages stay, counts begin anew."""
        self.delivered = self.soft_bounced = self.hard_bounced = 0
        self.down.clear()


def find_oldest(destinations: Iterable[Destination]) -> Waiting | None:
    """The message that has waited longest, for any destination."""
    entries = [entry for destination in destinations for entry in destination.waiting]
    return min(entries, key=lambda entry: entry.since, default=None)
