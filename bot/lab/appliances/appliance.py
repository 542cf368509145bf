"""The state of one simulated appliance: the CLI, the CPQ listener and the mail log all read it."""

import asyncio
import ssl
import threading
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from bot.lab.appliances.clock import Clock
from bot.lab.appliances.keys import KeyPair, create_key_pair
from bot.lab.appliances.log import MailLog
from bot.lab.appliances.network import Network
from bot.lab.appliances.options import CPQ_PORT, Door, Manners
from bot.lab.appliances.parts import (
    AUTO,
    MANAGEMENT,
    Destination,
    Interface,
    Listener,
    Login,
    Message,
    Model,
    Peer,
)
from bot.lab.appliances.tls import Identity, build_receiver_context

StartTls = Literal["serve", "refuse", "break"]
WayIn = Literal["open", "drop", "reject"]
"""What a firewall between the bot and an appliance does with SSH connections."""

SSL_KINDS = ("gui", "inbound", "outbound")
DELIVERY_INTERFACE = "default_delivery_interface"


@dataclass
class Cluster:
    """A cluster of ESAs, all in one group."""

    name: str
    members: tuple["Appliance", ...]
    group: str = "Main_Group"


@dataclass(frozen=True)
class Blueprint:
    """What is decided about an appliance before it exists."""

    name: str
    model: Model
    host: str
    interfaces: tuple[Interface, ...]
    clock: Clock = field(default_factory=Clock)
    cpq_port: int = CPQ_PORT


class Appliance:
    """Hold `lock` around `destinations` and `quarantine`; the rest is changed by the event loop only.

    `door`, `manners` and `host_key` may be replaced at any time; connections and commands that begin later
    follow. `client_keys` are the public keys that may log in, `client_key` is that of an SMA's command client.
    """

    def __init__(self, plan: Blueprint, identity: Identity) -> None:
        self.name, self.model, self.host = plan.name, plan.model, plan.host
        self.interfaces, self.clock = list(plan.interfaces), plan.clock
        self.identity = identity
        self.serial = f"4230{zlib.crc32(plan.name.encode()):08X}-{plan.model.name}"
        self.started = self.clock()
        self.log = MailLog(self.clock, plan.model.version, self.serial)
        self.lock = threading.RLock()
        self.listeners = _create_listeners(plan)
        self.delivery_suspended = False
        self.transfers_suspended = False
        self.away = False
        self.prefer_anonymous = False
        self.held = False  # deliveries do not begin, though nothing is suspended
        self.starttls: StartTls = "serve"
        self.conserving = 0
        self.ssh_off = False
        self.way_in: WayIn = "open"
        self.pinned = True  # the bot's inventory gives its host key
        self.known_by_name = False  # its peers, and the inventory, give its host name as its address
        self.former_key: KeyPair | None = None
        self.log_level = "Information"
        self.dials: dict[
            str, int
        ] = {}  # ports that it dials instead of those that its peers, by name, listen on
        self.door, self.manners = Door(), Manners()
        self.cluster: Cluster | None = None
        self.peers: list[Peer] = []
        self.configuration = _create_configuration(plan.model)
        self.foreign_changes: dict[str, str] = {}
        self.accounts: dict[str, str] = {}
        self.host_key, self.client_key = create_key_pair(), create_key_pair()
        self.client_keys: set[str] = set()
        self.destinations: dict[str, Destination] = {}
        self.quarantine: list[Message] = []
        self.received: list[str] = []
        self.received_by_session: list[list[str]] = []
        self.login_attempts: list[tuple[str, str]] = []
        self.logins = 0
        self.last_login: Login | None = None
        self.present: list[Login] = []
        self._counters = {"mid": plan.model.first_mid, "icid": 7, "dcid": 55}
        self._return: asyncio.TimerHandle | None = None
        self._watchers: list[Callable[[], None]] = []
        self._contexts = {choice: build_receiver_context(identity, choice) for choice in (False, True)}

    @property
    def address(self) -> str:
        """The address that its peers use: the one that CPQ listens on."""
        return next((one for one in self.interfaces if one.name == MANAGEMENT), self.interfaces[0]).address

    @property
    def known_as(self) -> str:
        """What its peers dial: its address, or its host name."""
        return self.host if self.known_by_name else self.address

    @property
    def delivery_source(self) -> str:
        """The address that its mail leaves from."""
        name = self.configuration[DELIVERY_INTERFACE]
        return self.address if name == AUTO else self.interface(name).address

    @property
    def cpq(self) -> Listener:
        """The hidden CPQ listener."""
        return next(listener for listener in self.listeners if listener.hidden)

    @property
    def listens(self) -> bool:
        """Whether its CPQ port is open."""
        placed = any(one.name == self.cpq.interface for one in self.interfaces)
        stopped = self.cpq.suspended or self.transfers_suspended or self.away
        return self.cpq.enabled and placed and not stopped

    @property
    def delivers(self) -> bool:
        """Whether its deliveries run."""
        return not (self.delivery_suspended or self.away or self.held)

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
        words = self.model.release.words
        receiving_suspended = all(listener.suspended for listener in self.listeners)
        if receiving_suspended and self.delivery_suspended:
            return words.offline
        if receiving_suspended:
            return words.receiving
        return words.delivery if self.delivery_suspended else words.online

    def interface(self, name: str) -> Interface:
        """The interface of that name; raises KeyError without one."""
        return {interface.name: interface for interface in self.interfaces}[name]

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

    def set_transfers(self, suspended: bool) -> None:
        """Suspend or resume what an SMA takes over from its ESAs, at once."""
        self.transfers_suspended = suspended
        self._tell()

    def reboot(self, seconds: float) -> None:
        """Be away for so long; then counters and uptime begin anew, and what was suspended still is."""
        self.away = True
        self._tell()
        self._return = asyncio.get_running_loop().call_later(seconds, self._come_back)

    def stop(self) -> None:
        """Never come back from a reboot that is under way."""
        if self._return:
            self._return.cancel()

    def deliver_now(self) -> None:
        """Have waiting messages tried again at once."""
        self._tell()

    def follow(self) -> None:
        """Have listeners and deliveries look at what was changed, at once."""
        self._tell()

    def _come_back(self) -> None:
        self.away = False
        self.held = False
        self.started = self.clock()
        self.log.begin()
        with self.lock:
            for destination in self.destinations.values():
                destination.forget_counters()
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
    incidents: set[str] = field(default_factory=set)
    """What was planted and cannot be read from the appliances: lines of a log, above all."""

    @property
    def appliances(self) -> tuple[Appliance, ...]:
        """All of them, the SMA first."""
        return (self.sma, *self.esas)

    @property
    def second_esa(self) -> Appliance:
        """The second ESA, or the only one."""
        return self.esas[min(1, len(self.esas) - 1)]


def _create_listeners(plan: Blueprint) -> list[Listener]:
    cpq = Listener("cpq_listener", "CPQ", plan.cpq_port, peers=[])
    if plan.model.product == "sma":
        return [Listener("euq_listener", "EUQ", 6025, peers=[]), cpq]
    return [Listener("IncomingMail", "SMTP", 25), cpq]


def _create_configuration(model: Model) -> dict[str, str]:
    """What may be edited and `commit` activates; TLS by its names in the XML configuration."""
    parts = {"method": model.release.method, "ciphers": model.release.ciphers}
    tls = {f"ssl_{kind}_{part}": value for kind in SSL_KINDS for part, value in parts.items()}
    return {**tls, DELIVERY_INTERFACE: AUTO}
