"""`showconfig`: the parts of the configuration that CPQ depends on, hidden listener included."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import unescape

from bot.asyncos.reading import Interface, choose, unreadable
from bot.model.command import Question, Reading
from bot.model.errors import Garbled

KEPT = {
    "interface": ("interface_name", "ip", "hostname", "phys_interface", "sshd_port"),
    "listener": ("listener_name", "protocol", "interface_name", "port", "listen_queue_size", "type"),
    "ssl": (
        "ssl_inbound_method",
        "ssl_inbound_ciphers",
        "ssl_outbound_method",
        "ssl_outbound_ciphers",
    ),
    "log_text": ("name", "module", "log_level"),
}


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
    """What was recognised in the configuration; `complete` when it was printed to its end.

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
            (listener for listener in self.listeners if _is_cpq(listener.name, listener.protocol)), None
        )


def showconfig() -> Reading[Configuration]:
    return Reading(
        "showconfig",
        parse_showconfig,
        (Question(r"mask|passphrase|password", _mask),),
        distil=distil,
        timeout=300.0,
        limit=32_000_000,
    )


def parse_showconfig(text: str) -> Configuration:
    """Reads the printed text, or what `distil` left of it."""
    listeners = tuple(_read_listener(block) for block in _blocks(text, "listener"))
    interfaces = tuple(_read_interfaces(text))
    if not listeners and not interfaces and "<config>" not in text:
        raise unreadable("showconfig", text)
    ssl = next(_blocks(text, "ssl"), "")
    return Configuration(
        listeners,
        interfaces,
        _element(ssl, "ssl_outbound_ciphers"),
        _element(ssl, "ssl_inbound_ciphers"),
        dict(_read_levels(text)),
        "</config>" in text,
    )


def distil(text: str) -> str:
    """The same configuration with nothing in it but what `parse_showconfig` reads."""
    if "<config>" not in text and not re.search(r"<(listener|interface)>", text):
        return text
    lines = ["<config>"]
    for tag, names in KEPT.items():
        for block in _blocks(text, tag):
            lines += [f"<{tag}>", *_keep(block, names), f"</{tag}>"]
    return "\n".join([*lines, *(["</config>"] if "</config>" in text else [])])


def _keep(block: str, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if found := re.search(rf"<{name}>[^<]*</{name}>", block):
            yield "  " + " ".join(found[0].split())
    if _is_cpq(_element(block, "listener_name"), _element(block, "protocol")):
        yield f"  <hat>\n{_hat(block).strip()}\n  </hat>"


def _mask(text: str) -> str:
    if re.search(r"^[ \t]*\d+\.", text, re.MULTILINE):
        masking = re.search(r"^[ \t]*\d+\.[ \t]*(\S*\s*mask[^(\r\n]*)", text, re.MULTILINE | re.IGNORECASE)
        return choose(text, masking[1].strip() if masking else "Mask passphrases", "option")
    if re.search(r"mask", text, re.IGNORECASE):
        return "Y"
    if re.search(r"includ|plain|show", text, re.IGNORECASE):
        return "N"
    raise Garbled("showconfig asks about passwords in words that are not known; nothing was answered")


def _blocks(text: str, tag: str) -> Iterator[str]:
    """The insides of each `<tag>`, to its end tag, the next `<tag>`, the end of the list or of the text."""
    pattern = rf"<{tag}>(.*?)(?=<{tag}>|</{tag}>|</{tag}s>|</config>|\Z)"
    return (found[1] for found in re.finditer(pattern, text, re.DOTALL))


def _element(block: str, name: str) -> str | None:
    found = re.search(rf"<{name}>([^<]*)</{name}>", block)
    return (unescape(found[1]).strip() or None) if found else None


def _read_listener(block: str) -> Listener:
    name, protocol = _element(block, "listener_name") or "", _element(block, "protocol") or ""
    port = _element(block, "port") or ""
    relay = _read_relay(_hat(block)) if _is_cpq(name, protocol) else ()
    return Listener(
        name, protocol, _element(block, "interface_name"), int(port) if port.isdecimal() else None, relay
    )


def _read_interfaces(text: str) -> Iterator[Interface]:
    for block in _blocks(text, "interface"):
        name, address = _element(block, "interface_name"), _element(block, "ip")
        if name and address:
            ssh_port = _element(block, "sshd_port") or ""
            yield Interface(
                name,
                address,
                _element(block, "hostname"),
                int(ssh_port) if ssh_port.isdecimal() else None,
            )


def _read_levels(text: str) -> Iterator[tuple[str, str]]:
    for block in _blocks(text, "log_text"):
        name, level = _element(block, "name"), _element(block, "log_level")
        if name and level:
            yield name, level


def _hat(block: str) -> str:
    found = re.search(r"<hat>(.*?)(?:</hat>|\Z)", block, re.DOTALL)
    return found[1] if found else ""


def _read_relay(hat: str) -> tuple[str, ...]:
    """What stands between `RELAYLIST:` and the policy it leads to, comments in brackets left out."""
    found = re.search(r"RELAYLIST\s*:(.*?)(?:\$|\Z)", unescape(hat), re.DOTALL)
    return (
        tuple(re.split(r"[\s,]+", re.sub(r"\([^)]*\)", " ", found[1]).strip()))
        if found and found[1].strip()
        else ()
    )


def _is_cpq(name: str | None, protocol: str | None) -> bool:
    return name == "cpq_listener" or (protocol or "").upper() == "CPQ"
