"""The printed configuration while it arrives: what matters of each block is kept, everything else let go at once."""

import re
from collections.abc import Iterator
from xml.sax.saxutils import unescape

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
ENOUGH = {"interfaces", "listeners", "ssl", "log_subscriptions"}
"""When all of these have ended, nothing that is kept can follow."""
LARGEST_BLOCK = 2_000_000

_TAG = re.compile(rf"<(/?)({'|'.join((*KEPT, *ENOUGH - KEPT.keys(), 'config'))})>")
_TAG_BEGUN = re.compile(r"<[/\w]{0,20}\Z")


class ConfigurationSieve:
    """A `Sieve` for the text of `showconfig`; what stands before the configuration passes as it is."""

    def __init__(self) -> None:
        self.satisfied = False
        self._begun = False
        self._tag = ""
        self._block: list[str] = []
        self._size = 0
        self._ended: set[str] = set()
        self._cut = ""

    def take(self, text: str) -> str:
        """What is to be kept of the next piece."""
        text, self._cut = _split_begun_tag(self._cut + text)
        kept: list[str] = []
        at = 0
        for tag in _TAG.finditer(text):
            kept += (self._pass(text[at : tag.start()]), self._turn(tag))
            at = tag.end()
        return "".join((*kept, self._pass(text[at:])))

    def end(self) -> str:
        """What is still in hand when nothing more comes."""
        return self._pass(self._cut) + self._end_block()

    def _pass(self, text: str) -> str:
        """What stands between two tags."""
        if self._tag and self._size < LARGEST_BLOCK:
            self._block.append(text)
            self._size += len(text)
        return "" if self._begun else text

    def _turn(self, tag: re.Match[str]) -> str:
        """A tag: it may end the block in hand, whose own end may be missing, and begin the next."""
        closing, name = tag.groups()
        if self.satisfied:
            return ""
        if self._tag and name not in (self._tag, f"{self._tag}s", "config"):
            return self._pass(tag[0])
        kept = self._begin() + self._end_block()
        if closing:
            self._ended.add(name)
            self.satisfied = name == "config" or self._ended >= ENOUGH
            return f"{kept}</config>\n" if self.satisfied else kept
        self._tag = name if name in KEPT else ""
        return kept

    def _begin(self) -> str:
        begun, self._begun = self._begun, True
        return "" if begun else "<config>\n"

    def _end_block(self) -> str:
        tag, block = self._tag, "".join(self._block)
        self._tag, self._size = "", 0
        self._block.clear()
        return "\n".join([f"<{tag}>", *_keep(block, KEPT[tag]), f"</{tag}>\n"]) if tag else ""


def distil(text: str) -> str:
    """The same configuration with nothing in it but what is read; other text as it is."""
    first = _TAG.search(text)
    if not first:
        return text
    sieve = ConfigurationSieve()
    return (sieve.take(text[first.start() :]) + sieve.end()).rstrip("\n")


def blocks(text: str, tag: str) -> Iterator[str]:
    """The insides of each `<tag>`, to its end tag, the next `<tag>`, the end of the list or of the text."""
    pattern = rf"<{tag}>(.*?)(?=<{tag}>|</{tag}>|</{tag}s>|</config>|\Z)"
    return (found[1] for found in re.finditer(pattern, text, re.DOTALL))


def element(block: str, name: str) -> str | None:
    """The text of the first `<name>` in a block; None when it is empty or missing."""
    found = re.search(rf"<{name}>([^<]*)</{name}>", block)
    return (unescape(found[1]).strip() or None) if found else None


def host_access_table(block: str) -> str:
    """The text of a listener's HAT."""
    found = re.search(r"<hat>(.*?)(?:</hat>|\Z)", block, re.DOTALL)
    return found[1] if found else ""


def is_cpq(name: str | None, protocol: str | None) -> bool:
    """Whether a listener of that name and protocol is the hidden one."""
    return name == "cpq_listener" or (protocol or "").upper() == "CPQ"


def _keep(block: str, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if found := re.search(rf"<{name}>[^<]*</{name}>", block):
            yield "  " + " ".join(found[0].split())
    if is_cpq(element(block, "listener_name"), element(block, "protocol")):
        yield f"  <hat>\n{host_access_table(block).strip()}\n  </hat>"


def _split_begun_tag(text: str) -> tuple[str, str]:
    """The text, and a tag at its end that may go on in the next piece."""
    begun = _TAG_BEGUN.search(text)
    return (text[: begun.start()], begun[0]) if begun else (text, "")
