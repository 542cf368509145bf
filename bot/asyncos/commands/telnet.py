"""`telnet`: what answers at an address and port, asked from the appliance itself."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.asyncos.reading import INTERFACE, choose, unreadable
from bot.model.command import Key, Question, Reaction, Reading
from bot.model.errors import Garbled

Outcome = Literal["banner", "greeting", "refused", "timeout", "closed", "silent", "unresolvable"]

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")
_CONNECTED = re.compile(r"^[ \t]*(?:Escape character is.*|Connected to .*)$", re.MULTILINE | re.IGNORECASE)
_OURS = re.compile(r"\^[\]C]|^[ \t]*telnet>", re.MULTILINE)
_CLOSED = re.compile(r"^\s*(?:Connection (?:closed|reset)|.*Broken pipe)", re.IGNORECASE)
_REPLY = re.compile(r"\s*(\d{3})(?:([ -])|$)")
_FAILURES: tuple[tuple[str, Outcome], ...] = (
    (r"connection refused", "refused"),
    (r"timed out|no route to host|network is (?:unreachable|down)|host is (?:unreachable|down)", "timeout"),
    (
        r"hostname nor servname|not known|unknown host|(?:could|can)\s*not resolve|no address associated",
        "unresolvable",
    ),
)
LONGEST = 20_000
"""Characters, the list of interfaces included: a greeting has a few hundred."""
_PEER = r"\A(?>[\s\S]*?Escape character)[^\n]*+\n\s*"
_INTERRUPT = Reaction("", Key.INTERRUPT, quiet=2.0)
_ESCAPE = Reaction("", Key.TELNET_ESCAPE, quiet=2.0, then=(_INTERRUPT,))


@dataclass(frozen=True, slots=True)
class Telnet:
    """How far a connection came.

    `banner`: an SMTP reply with `code`; `greeting`: another first line, such as `SSH-2.0-…`; `closed`: connected,
    then closed without a word; `silent`: connected, and no word in time; `timeout`: no connection in time.
    `text` is what the peer said first, else the client's message; `source` the address of the chosen interface
    (None = Auto).
    """

    outcome: Outcome
    code: int | None
    text: str
    source: str | None


def telnet(host: str, port: int, interface: str | None = None, patience: float = 10.0) -> Reading[Telnet]:
    """Connects from `interface` (its name in the appliance's list; None = Auto), for `patience` seconds at most."""
    if not (_HOST.fullmatch(host) and 0 < port < 65536):
        raise Garbled(f"{host!r} port {port} is no address that can be typed; nothing was sent")

    def parse(text: str) -> Telnet:
        return parse_telnet(text, interface)

    questions = (
        Question(
            r"\binterface\b",
            lambda text: choose(text, interface or "Auto", "interface"),
            required=interface is not None,
        ),
        Question(r"remote host|hostname or IP", host),
        Question(r"remote port|\bport\b", str(port)),
        Question(r"telnet>", "quit"),
    )
    return Reading(
        "telnet",
        parse,
        questions,
        variant=f"{host} {port} from {interface or 'Auto'}",
        timeout=patience + 20.0,
        limit=LONGEST,
        reactions=_react(patience),
        fallback="" if interface else f"telnet {host} {port}",
    )


def _react(patience: float) -> tuple[Reaction, ...]:
    """220 is answered with QUIT at once; who says anything else is left time to close by himself."""
    return (
        Reaction(_PEER + r"(?:220-[^\n]*\n\s*)*220(?: [^\n]*)?\n", "QUIT", then=(_ESCAPE,)),
        Reaction(_PEER + r"\d{3}[ -][^\n]*\n", Key.TELNET_ESCAPE, quiet=1.0, then=(_INTERRUPT,)),
        Reaction(_PEER + r"(?!\d{3}|Connection)\S[^\n]*\n", Key.TELNET_ESCAPE, quiet=0.2, then=(_INTERRUPT,)),
        Reaction(
            r"^[ \t]*(?:Connected to|Escape character)", Key.TELNET_ESCAPE, quiet=patience, then=(_INTERRUPT,)
        ),
        Reaction(r"^[ \t]*Trying", Key.INTERRUPT, quiet=patience),
    )


def parse_telnet(text: str, interface: str | None = None) -> Telnet:
    source = _read_source(text, interface) if interface else None
    connected = list(_CONNECTED.finditer(text))
    if connected:
        return _read_peer(text[connected[-1].end() :], source)
    for words, outcome in _FAILURES:
        if found := re.search(rf"^.*(?:{words}).*$", text, re.MULTILINE | re.IGNORECASE):
            return Telnet(outcome, None, found[0].strip(), source)
    trying = re.search(r"^[ \t]*Trying.*$", text, re.MULTILINE)
    if not trying:
        raise unreadable("telnet", text)
    return Telnet("timeout", None, trying[0].strip(), source)


def _read_peer(text: str, source: str | None) -> Telnet:
    theirs = _OURS.split(text, maxsplit=1)[0]
    lines = [line.strip() for line in theirs.splitlines() if line.strip()]
    if not lines:
        return Telnet("silent", None, "", source)
    if _CLOSED.match(lines[0]):
        return Telnet("closed", None, lines[0], source)
    reply = _REPLY.match(lines[0])
    if not reply:
        return Telnet("greeting", None, lines[0], source)
    return Telnet("banner", int(reply[1]), "\n".join(_first_reply(lines)), source)


def _first_reply(lines: list[str]) -> list[str]:
    """The lines up to the one whose code is not followed by a hyphen."""
    for index, line in enumerate(lines):
        reply = _REPLY.match(line)
        if not reply:
            return lines[: max(index, 1)]
        if reply[2] != "-":
            return lines[: index + 1]
    return lines


def _read_source(text: str, interface: str) -> str | None:
    rows = (
        row for row in INTERFACE.finditer(text) if row["name"].rstrip().casefold() == interface.casefold()
    )
    return next((row["address"] for row in rows), None)
