"""Whom the hidden listeners of a site let in, and who of them stands in no site of the inventory."""

import ipaddress
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bot.asyncos.commands.interfaceconfig import interfaceconfig
from bot.asyncos.commands.showconfig import showconfig
from bot.asyncos.reading import Interface
from bot.facts.attempt import attempt
from bot.model.finding import Reply
from bot.model.ports import Probes
from bot.model.subject import Node, Subject

_HOST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class Peers:
    """Entries of RELAYLISTs, sorted: of nobody in the inventory, and of appliances of other sites alone."""

    unlisted: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


async def find_peers(probes: Probes, subjects: Sequence[Subject], others: Collection[str]) -> Peers:
    """Compares every RELAYLIST of the site with the inventory; `others` are names and addresses beyond the site.

    Nothing is claimed while an appliance of the site does not tell its interfaces: the entries may be its own.
    """
    own: set[str] = set()
    entries: set[str] = set()
    for node in (subject for subject in subjects if isinstance(subject, Node)):
        configuration = await attempt(probes.ask(node.name, showconfig()))
        listed = await attempt(probes.ask(node.name, interfaceconfig()))
        interfaces = (
            *(configuration.value.interfaces if isinstance(configuration, Reply) else ()),
            *(listed.value if isinstance(listed, Reply) else ()),
        )
        if not interfaces:
            return Peers()
        own |= {node.address, *_tell_names(interfaces)}
        listener = configuration.value.cpq_listener if isinstance(configuration, Reply) else None
        entries |= set(filter(_names_somebody, listener.relay if listener else ()))
    strangers = {entry for entry in entries if not covers(entry, own)}
    elsewhere = {entry for entry in strangers if covers(entry, others)}
    return Peers(tuple(sorted(strangers - elsewhere)), tuple(sorted(elsewhere)))


def covers(entry: str, known: Collection[str]) -> bool:
    """Whether an entry (address, network or name) is, or contains, one of the known names and addresses."""
    if entry.casefold() in {name.casefold() for name in known}:
        return True
    network = _read_network(entry)
    return network is not None and any(address in network for address in _addresses(known))


def _names_somebody(entry: str) -> bool:
    """An address, a network or a whole host name; not a domain, nor words that somebody left there."""
    return _read_network(entry) is not None or _HOST_NAME.fullmatch(entry) is not None


def _read_network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None


def _tell_names(interfaces: Sequence[Interface]) -> Iterator[str]:
    for interface in interfaces:
        yield interface.address
        if interface.hostname:
            yield interface.hostname


def _addresses(names: Collection[str]) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    for name in names:
        try:
            yield ipaddress.ip_address(name)
        except ValueError:
            continue
