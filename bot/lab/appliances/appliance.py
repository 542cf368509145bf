"""The state of one simulated appliance: the CLI, the CPQ listener and the mail log all read it."""

import ssl
import threading
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.lab.appliances.log import MailLog
from bot.lab.appliances.network import Network
from bot.lab.appliances.parts import (
    CPQ_PORT,
    Destination,
    Interface,
    Listener,
    Message,
    Model,
    read_clock,
)
from bot.lab.appliances.tls import CERTIFICATE_ONLY, Identity, build_receiver_context

SSL_KINDS = ("gui", "inbound", "outbound")
SSL_METHOD = "tlsv1.1/tlsv1.2"


@dataclass(frozen=True)
class Login:
    """Somebody logged in to the CLI."""

    user: str
    source: str
    since: datetime


class Appliance:
    """Hold `lock` around `destinations` and `quarantine`; the rest is changed by the event loop only."""

    def __init__(self, name: str, model: Model, interface: Interface, identity: Identity) -> None:
        self.name = name
        self.model = model
        self.interfaces = [interface]
        self.identity = identity
        self.host = f"{name}.example.com"
        self.serial = f"4230{zlib.crc32(name.encode()):08X}-{model.name}"
        self.started = read_clock()
        self.log = MailLog(read_clock, model.version, self.serial)
        self.lock = threading.RLock()
        self.listeners = _create_listeners(model)
        self.delivery_suspended = False
        self.prefer_anonymous = False
        self.configuration = _create_configuration()
        self.accounts: dict[str, str] = {}
        self.destinations: dict[str, Destination] = {}
        self.quarantine: list[Message] = []
        self.received: list[str] = []
        self.logins = 0
        self.last_login: Login | None = None
        self.present: list[Login] = []
        self._counters = {"mid": model.first_mid, "icid": 7, "dcid": 55}
        self._watchers: list[Callable[[], None]] = []
        self._contexts = {choice: build_receiver_context(identity, choice) for choice in (False, True)}

    @property
    def address(self) -> str:
        """The address that its peers use."""
        return self.interfaces[0].address

    @property
    def cpq(self) -> Listener:
        """The hidden CPQ listener."""
        return next(listener for listener in self.listeners if listener.hidden)

    @property
    def cpq_host(self) -> str:
        """The destination object in which CPQ mail waits on this appliance."""
        return "the.cpq.release.host" if self.model.product == "sma" else "the.cpq.host"

    @property
    def tls_context(self) -> ssl.SSLContext:
        """How its CPQ listener answers STARTTLS at this moment."""
        return self._contexts[self.prefer_anonymous]

    @property
    def system_status(self) -> str:
        """The words after `System status:`."""
        receiving_suspended = all(listener.suspended for listener in self.listeners)
        if receiving_suspended and self.delivery_suspended:
            return "Offline"
        if receiving_suspended:
            return "Receiving suspended"
        return "Delivery suspended" if self.delivery_suspended else "Online"

    def count(self, kind: str) -> int:
        """The next MID, ICID or DCID."""
        with self.lock:
            number = self._counters[kind]
            self._counters[kind] += 1
            return number

    def last(self, kind: str) -> int:
        """The newest MID, ICID or DCID given out."""
        with self.lock:
            return self._counters[kind] - 1

    def destination(self, host: str) -> Destination:
        """The destination object of that name; made when it is new. Hold the lock to use it."""
        with self.lock:
            return self.destinations.setdefault(host, Destination(host))

    def watch(self, watcher: Callable[[], None]) -> None:
        """Have `watcher` called when listeners or deliveries are to look at the state again."""
        self._watchers.append(watcher)

    def set_receiving(self, listeners: Iterable[Listener], suspended: bool) -> None:
        """Suspend or resume listeners, at once."""
        for listener in listeners:
            listener.suspended = suspended
        self._tell()

    def set_delivery(self, suspended: bool) -> None:
        """Suspend or resume all deliveries, at once."""
        self.delivery_suspended = suspended
        self._tell()

    def deliver_now(self) -> None:
        """Have waiting messages tried again at once."""
        self._tell()

    def _tell(self) -> None:
        for watcher in self._watchers:
            watcher()


@dataclass(frozen=True)
class Site:
    """One SMA, its ESAs, and the network between them."""

    network: Network
    sma: Appliance
    esas: tuple[Appliance, ...]

    @property
    def appliances(self) -> tuple[Appliance, ...]:
        """All of them, the SMA first."""
        return (self.sma, *self.esas)


def _create_listeners(model: Model) -> list[Listener]:
    cpq = Listener("cpq_listener", "CPQ", CPQ_PORT, peers=[])
    if model.product == "sma":
        return [Listener("euq_listener", "EUQ", 6025, peers=[]), cpq]
    return [Listener("IncomingMail", "SMTP", 25), cpq]


def _create_configuration() -> dict[str, str]:
    """What `sslconfig` edits and `commit` activates, by its names in the XML configuration."""
    parts = {"method": SSL_METHOD, "ciphers": CERTIFICATE_ONLY}
    return {f"ssl_{kind}_{part}": value for kind in SSL_KINDS for part, value in parts.items()}
