"""The simulated network: appliance addresses mapped to loopback ports, with firewall rules."""

import asyncio
import errno
import ipaddress
import socket
import threading

LOOPBACK = "127.0.0.1"

Endpoint = tuple[str, int]


class Network:
    """Connects appliance addresses by real TCP on loopback; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ports: dict[Endpoint, int] = {}
        self._names: dict[str, str] = {}
        self._known: set[str] = set()
        self._sources: dict[int, str] = {}
        self._dropped: set[tuple[str, str, int]] = set()
        self._translated: dict[tuple[str, str], str] = {}
        self._closed = threading.Event()

    def register(self, host: str, address: str, *others: str) -> None:
        """Make an appliance known, so that its closed ports refuse instead of hanging; its name is of `address`."""
        with self._lock:
            self._names[host] = address
            self._known.update((address, *others))

    def forget(self, host: str) -> None:
        """The DNS does not know this name any more; its address goes on to answer."""
        with self._lock:
            self._names.pop(host, None)

    def attach(self, endpoint: Endpoint, loopback_port: int) -> None:
        """Let connections to `endpoint` arrive at a port of the loopback interface."""
        with self._lock:
            self._ports[endpoint] = loopback_port

    def detach(self, endpoint: Endpoint) -> None:
        """Nobody listens there any more: connections are refused."""
        with self._lock:
            self._ports.pop(endpoint, None)

    def locate(self, endpoint: Endpoint) -> Endpoint | None:
        """Where an appliance's port really is, on loopback; None when nobody listens there."""
        with self._lock:
            port = self._ports.get(endpoint)
        return None if port is None else (LOOPBACK, port)

    def resolve(self, host: str) -> str | None:
        """The address of a host name or literal address; None when the name is unknown."""
        try:
            return str(ipaddress.ip_address(host))
        except ValueError:
            return self._names.get(host.lower())

    def drop(self, source: str, destination: Endpoint) -> None:
        """Add a firewall rule: new connections hang until their time-out."""
        with self._lock:
            self._dropped.add((source, *destination))

    def allow(self, source: str, destination: Endpoint) -> None:
        """Remove the firewall rule; without one nothing happens."""
        with self._lock:
            self._dropped.discard((source, *destination))

    def drops(self, source: str, destination: Endpoint) -> bool:
        """Whether a packet from `source` to `destination` gets no answer."""
        with self._lock:
            known = destination[0] in self._known
            return not known or (source, *destination) in self._dropped

    def translate(self, source: str, destination: str, shown: str | None) -> None:
        """Let connections from `source` to an address come from another one; None ends that."""
        with self._lock:
            if shown is None:
                self._translated.pop((source, destination), None)
            else:
                self._translated[source, destination] = shown

    def shown_as(self, source: str, destination: str) -> str:
        """The address that a connection from `source` has where it arrives."""
        with self._lock:
            return self._translated.get((source, destination), source)

    def connect(self, source: str, destination: Endpoint, timeout: float) -> socket.socket:
        """Open a blocking connection; raises TimeoutError, ConnectionRefusedError or another OSError."""
        if self.drops(source, destination):
            self._closed.wait(timeout)
            raise TimeoutError(errno.ETIMEDOUT, "Operation timed out")
        connection = self._dial(source, destination)
        connection.settimeout(timeout)
        return connection

    async def open_connection(
        self, source: str, destination: Endpoint, timeout: float
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection for the event loop; raises as `connect` does."""
        if self.drops(source, destination):
            await asyncio.sleep(timeout)
            raise TimeoutError(errno.ETIMEDOUT, "Operation timed out")
        return await asyncio.open_connection(sock=self._dial(source, destination))

    def take_source(self, local_port: int) -> str:
        """The appliance address behind a connection just accepted; loopback for strangers."""
        with self._lock:
            return self._sources.pop(local_port, LOOPBACK)

    def close(self) -> None:
        """Wake whoever waits for a time-out."""
        self._closed.set()

    def _dial(self, source: str, destination: Endpoint) -> socket.socket:
        with self._lock:
            loopback_port = self._ports.get(destination)
        if loopback_port is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.bind((LOOPBACK, 0))
        local_port = connection.getsockname()[1]
        shown = self.shown_as(source, destination[0])
        with self._lock:
            self._sources[local_port] = shown
        try:
            connection.connect((LOOPBACK, loopback_port))
        except OSError:
            self.take_source(local_port)
            connection.close()
            raise
        return connection
