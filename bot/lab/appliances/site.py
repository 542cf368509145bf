"""The laboratory: one SMA and its ESAs, simulated on loopback, with faults to put in and take out."""

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

from bot.lab.appliances.algorithms import choose_algorithms
from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.building import build_site, judge_shape
from bot.lab.appliances.cpq import CpqListener
from bot.lab.appliances.fault import Fault
from bot.lab.appliances.faults import FAULTS
from bot.lab.appliances.inventory import write_inventory, write_sites
from bot.lab.appliances.keys import create_key_pair
from bot.lab.appliances.network import Network
from bot.lab.appliances.options import LabSettings
from bot.lab.appliances.traffic import Traffic
from bot.model.errors import Unusable


class LabUnavailable(Unusable):
    """The laboratory cannot start here; the message says what is missing."""


class Lab:
    """The simulated site-a. Start it inside a running event loop; the directory belongs to the caller.

    Raises ValueError, in a sentence, for a fault or a shape that there is not.
    """

    def __init__(
        self, directory: Path, faults: Iterable[str] = (), settings: LabSettings | None = None
    ) -> None:
        self._directory = directory
        self._settings = settings or LabSettings()
        judge_shape(self._settings.shape)
        self._initial = [find_fault(name) for name in faults]
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start healthy, see mail pass on every path, then put the initial faults in and see them show.

        Raises LabUnavailable when a needed library is not installed.
        """
        try:
            from bot.lab.appliances import ssh
        except ModuleNotFoundError as error:
            raise LabUnavailable(
                f"The simulated appliances need {error.name}: install the project with its extra 'demo'."
            ) from None
        try:
            key = create_key_pair()
            self._site = await build_site(self._settings, key)
            self._servers = {
                item.name: ssh.SshServer(item, self._site.network, self._settings)
                for item in self._site.appliances
            }
            await self._open()
            self._doors = {
                name: server.describe_door(key, self._listeners[name].number)
                for name, server in self._servers.items()
            }
            self.inventory = write_inventory(self._directory, self._site, self._doors, self._settings)
            self._written = self._describe_inventory()
            await self._begin()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End every session, thread, socket and task; the inventory's files stay."""
        await self._running.aclose()

    @property
    def appliances(self) -> Mapping[str, Appliance]:
        """The appliances by name, the SMA first."""
        return {appliance.name: appliance for appliance in self._site.appliances}

    @property
    def active_faults(self) -> tuple[str, ...]:
        """The names of the faults that are in the site now."""
        return tuple(fault.name for fault in FAULTS.values() if fault.is_active(self._site))

    @property
    def ssh_ports(self) -> Mapping[str, int]:
        """The loopback port of each appliance's SSH server."""
        return {name: server.port for name, server in self._servers.items()}

    @property
    def network(self) -> Network:
        """The network between the appliances."""
        return self._site.network

    def advance(self, seconds: float) -> None:
        """Let time pass on every appliance at once: log windows end and messages grow old."""
        for appliance in self._site.appliances:
            appliance.clock.ahead += seconds

    def change_host_key(self, name: str) -> str:
        """Replace the SSH host key of an appliance and return the public one; the inventory keeps the old."""
        appliance = self.appliances[name]
        appliance.host_key = create_key_pair(choose_algorithms(appliance).host_key)
        return appliance.host_key.public

    async def inject(self, name: str) -> None:
        """Put a fault in, at once; raises ValueError for an unknown name."""
        find_fault(name).inject(self._site)
        self._rewrite_inventory()

    async def mend(self, name: str) -> None:
        """Take a fault out and have waiting mail tried again; raises ValueError for an unknown name."""
        find_fault(name).mend(self._site)
        self._rewrite_inventory()
        for appliance in self._site.appliances:
            appliance.deliver_now()

    async def settle(self) -> None:
        """Send a message on every path and wait until each was tried: queues and logs then show the faults."""
        await self._traffic.settle()

    def quarantine(self, esa: str) -> int:
        """Let an ESA quarantine one message now; returns its MID."""
        return self._traffic.quarantine(self.appliances[esa])

    def release(self, esa: str) -> int | None:
        """Let the SMA release one message to an ESA now; returns its MID on the SMA, None without one."""
        return self._traffic.release(self.appliances[esa])

    def snapshot(self) -> dict[str, Any]:
        """Appliances with their mail counters, and faults, for a panel."""
        return {
            "appliances": [_describe(appliance) for appliance in self._site.appliances],
            "faults": [
                {
                    "name": fault.name,
                    "title": fault.title,
                    "text": fault.text,
                    "active": fault.is_active(self._site),
                }
                for fault in FAULTS.values()
            ],
        }

    async def _open(self) -> None:
        network = self._site.network
        self._traffic = Traffic(self._site, self._settings)
        self._listeners = {item.name: CpqListener(item, network) for item in self._site.appliances}
        for appliance in self._site.appliances:
            listener, server = self._listeners[appliance.name], self._servers[appliance.name]
            listener.follow()
            self._running.push_async_callback(listener.stop)
            await server.start()
            self._running.push_async_callback(server.stop)
            self._running.callback(appliance.stop)
        self._running.push_async_callback(self._traffic.stop)
        self._running.callback(network.close)
        await self._traffic.open()

    async def _begin(self) -> None:
        for fault in self._initial:
            fault.inject(self._site)
        self._rewrite_inventory()
        if self._initial:
            await self._traffic.settle()
        self._traffic.start()

    def _describe_inventory(self) -> list[tuple[str, bool]]:
        return [(item.known_as, item.pinned) for item in self._site.appliances]

    def _rewrite_inventory(self) -> None:
        """Only for a fault of the inventory itself: what a caller wrote into the file is lost by it."""
        if self._written != self._describe_inventory():
            self._written = self._describe_inventory()
            write_sites(self._directory, self._site, self._doors, self._settings)


def find_fault(name: str) -> Fault:
    """The fault of that name; raises ValueError with the known names for another."""
    if name not in FAULTS:
        raise ValueError(f"There is no fault named {name!r}; known are {', '.join(FAULTS)}.")
    return FAULTS[name]


def _describe(appliance: Appliance) -> dict[str, Any]:
    return {
        "name": appliance.name,
        "product": appliance.model.product,
        "address": appliance.address,
        "status": appliance.system_status,
        "lines": _count(appliance),
    }


def _count(appliance: Appliance) -> list[str]:
    is_sma = appliance.model.product == "sma"
    with appliance.lock:
        row = appliance.destination(appliance.cpq_host)
        lines = [f"{len(appliance.quarantine)} in quarantine"] if is_sma else []
        lines.append(f"{len(row.waiting)} waiting{' (destination down)' if row.down else ''}")
        lines.append(f"{row.delivered} {'released' if is_sma else 'quarantined'}")
    return lines
