"""What the sender of a path dials: from which interface, to which address and port, and who says so."""

from dataclasses import dataclass
from typing import Literal

from bot.asyncos.commands.deliveryconfig import deliveryconfig
from bot.asyncos.commands.interfaceconfig import interfaceconfig
from bot.asyncos.commands.showconfig import Configuration, showconfig
from bot.asyncos.reading import Interface
from bot.facts.attempt import attempt
from bot.facts.log import DEFAULT_PORT, CpqLog, read_cpq_log
from bot.model.errors import ProbeError, Skipped
from bot.model.finding import Reply
from bot.model.ports import Probes
from bot.model.subject import Node, Path

PortSource = Literal["log", "listener", "inventory", "default"]


@dataclass(frozen=True, slots=True)
class Dialled:
    """The way of one path: `interface` is None where the appliance chooses; `source` is the address that the
    receiver should see, where that is known; `port_from` says what `port` rests on."""

    interface: str | None
    source: str | None
    address: str
    port: int
    port_from: PortSource


async def find_dialled(probes: Probes, path: Path) -> Dialled:
    """What the sender of a quarantine or release path dials; never the worker's own way in to the appliance."""
    receiver = await attempt(probes.ask(path.receiver.name, showconfig()))
    configuration = receiver.value if isinstance(receiver, Reply) else None
    listener = configuration.cpq_listener if configuration else None
    log = await read_log(probes, path, listener.port if listener else None)
    address = _listening_address(path, configuration)
    port, port_from = _port(path, log, configuration)
    interface = await _interface(probes, path, log, address)
    source = interface.address if interface else None
    return Dialled(interface.name if interface else None, source, address, port, port_from)


async def read_log(probes: Probes, path: Path, listening: int | None = None) -> CpqLog | None:
    """The sender's CPQ log, searched for the port that the path most likely uses; None where there is none."""
    try:
        return await read_cpq_log(probes, path.sender, path.cpq_port or listening)
    except (ProbeError, Skipped):
        return None


def receiver_addresses(path: Path, configuration: Configuration | None) -> set[str]:
    """Every address under which the sender may know the receiver."""
    interfaces = configuration.interfaces if configuration else ()
    return {path.receiver.address, *(interface.address for interface in interfaces)}


def _listening_address(path: Path, configuration: Configuration | None) -> str:
    """Q: the SMA's inventory address. R: the address of the ESA's `cpq_listener` interface, else its address."""
    listener = configuration.cpq_listener if configuration else None
    if path.kind == "release" and configuration and listener:
        for interface in configuration.interfaces:
            if interface.name == listener.interface:
                return interface.address
    return path.receiver.address


def _port(path: Path, log: CpqLog | None, configuration: Configuration | None) -> tuple[int, PortSource]:
    dialled = log.sent_on(path, receiver_addresses(path, configuration)) if log else ()
    newest = next((sending.port for sending in reversed(dialled) if sending.port), None)
    if newest:
        return newest, "log"
    listener = configuration.cpq_listener if configuration else None
    if listener and listener.port:
        return listener.port, "listener"
    return (path.cpq_port, "inventory") if path.cpq_port else (DEFAULT_PORT, "default")


async def _interface(probes: Probes, path: Path, log: CpqLog | None, address: str) -> Interface | None:
    """ESA: the delivery interface. SMA: the source of its own newest connection to that address, else its choice."""
    interfaces = (await probes.ask(path.sender.name, interfaceconfig())).value
    if path.sender.product == "esa":
        name = (await probes.ask(path.sender.name, deliveryconfig())).value
        return _named(interfaces, name) if name else None
    sendings = log.traffic.sent if log else ()
    source = next((s.interface for s in reversed(sendings) if s.interface and s.address == address), None)
    return next((interface for interface in interfaces if interface.address == source), None)


def _named(interfaces: tuple[Interface, ...], name: str) -> Interface | None:
    return next((interface for interface in interfaces if interface.name.lower() == name.lower()), None)


def own_addresses(node: Node, interfaces: tuple[Interface, ...]) -> set[str]:
    """Every address that an appliance may show to its peers."""
    return {node.address, *(interface.address for interface in interfaces)}
