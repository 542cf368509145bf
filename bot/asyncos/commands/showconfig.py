"""`showconfig`: the parts of the configuration that CPQ depends on, hidden listener included."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import unescape

from bot.asyncos.configuration import (
    ConfigurationSieve,
    blocks,
    distil,
    element,
    host_access_table,
    is_cpq,
)
from bot.asyncos.reading import Interface, choose, unreadable
from bot.model.command import Question, Reading
from bot.model.errors import Garbled

__all__ = ["Configuration", "Listener", "distil", "parse_showconfig", "showconfig"]


@dataclass(frozen=True, slots=True)
class Listener:
    """One listener; `relay` are the entries of its RELAYLIST (read for CPQ listeners only)."""

    name: str
    protocol: str
    interface: str | None
    port: int | None
    relay: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Configuration:
    """What was recognised in the configuration; `complete` when all of it that matters was printed.

    `log_levels` maps names of text logs to their level.
    """

    listeners: tuple[Listener, ...]
    interfaces: tuple[Interface, ...]
    outbound_ciphers: str | None = None
    inbound_ciphers: str | None = None
    log_levels: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False

    @property
    def cpq_listener(self) -> Listener | None:
        return next(
            (listener for listener in self.listeners if is_cpq(listener.name, listener.protocol)), None
        )


def showconfig() -> Reading[Configuration]:
    return Reading(
        "showconfig",
        parse_showconfig,
        (Question(r"mask|passphrase|password", _mask),),
        distil=distil,
        sieve=ConfigurationSieve,
        timeout=300.0,
        limit=8_000_000,
    )


def parse_showconfig(text: str) -> Configuration:
    """Reads the printed text, or what `distil` left of it."""
    listeners = tuple(_read_listener(block) for block in blocks(text, "listener"))
    interfaces = tuple(_read_interfaces(text))
    if not listeners and not interfaces and "<config>" not in text:
        raise unreadable("showconfig", text)
    ssl = next(blocks(text, "ssl"), "")
    return Configuration(
        listeners,
        interfaces,
        element(ssl, "ssl_outbound_ciphers"),
        element(ssl, "ssl_inbound_ciphers"),
        dict(_read_levels(text)),
        "</config>" in text,
    )


def _mask(text: str) -> str:
    if re.search(r"^[ \t]*\d+\.", text, re.MULTILINE):
        masking = re.search(r"^[ \t]*\d+\.[ \t]*(\S*\s*mask[^(\r\n]*)", text, re.MULTILINE | re.IGNORECASE)
        return choose(text, masking[1].strip() if masking else "Mask passphrases", "option")
    if re.search(r"mask", text, re.IGNORECASE):
        return "Y"
    if re.search(r"includ|plain|show", text, re.IGNORECASE):
        return "N"
    raise Garbled("showconfig asks about passwords in words that are not known; nothing was answered")


def _read_listener(block: str) -> Listener:
    name, protocol = element(block, "listener_name") or "", element(block, "protocol") or ""
    port = element(block, "port") or ""
    relay = _read_relay(host_access_table(block)) if is_cpq(name, protocol) else ()
    return Listener(
        name, protocol, element(block, "interface_name"), int(port) if port.isdecimal() else None, relay
    )


def _read_interfaces(text: str) -> Iterator[Interface]:
    for block in blocks(text, "interface"):
        name, address = element(block, "interface_name"), element(block, "ip")
        if name and address:
            ssh_port = element(block, "sshd_port") or ""
            yield Interface(
                name,
                address,
                element(block, "hostname"),
                int(ssh_port) if ssh_port.isdecimal() else None,
            )


def _read_levels(text: str) -> Iterator[tuple[str, str]]:
    for block in blocks(text, "log_text"):
        name, level = element(block, "name"), element(block, "log_level")
        if name and level:
            yield name, level


def _read_relay(hat: str) -> tuple[str, ...]:
    """What stands between `RELAYLIST:` and the policy it leads to, comments in brackets left out."""
    found = re.search(r"RELAYLIST\s*:(.*?)(?:\$|\Z)", unescape(hat), re.DOTALL)
    return (
        tuple(re.split(r"[\s,]+", re.sub(r"\([^()]*\)", " ", found[1]).strip()))
        if found and found[1].strip()
        else ()
    )
