"""Which lines of a log can matter to CPQ at all, said for a prefilter, for a search in blocks, and exactly."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.maillog.pieces import line_around

_SPAM_PORT = 6025

_LITERALS = (
    "CPQ ICID ",
    ".cpq.",
    "entralized",
    "S failed",
    "S was",
    "elayed: ",
    "ounced: ",
    "n Error: ",
    "m quarantine ",
    "m the SMA ",
    "n fault",
)
"""What a vectorised search finds fast: each begins with letters that rarely stand together in other lines."""

INCOMING = b"CPQ ICID "
_WORDS = (
    b" for transfer to centralized quarantine ",
    b" from quarantine ",
    b" received from the SMA ",
    b"An application fault occurred",
)
_RESPONSE = "ok:  Message "
_ON_A_CONNECTION = (
    rb"DCID:? \d+ (?:TLS (?:failed|was)|TLS [^\n]*\.cpq\.|IP|domain: |interface [^\n]* port (?:%d|%d)\b"
    rb"|(?:MID|Message) \d+ (?:From: ?<|to (?:RID )?\[?[\d, ]+\]? - |to [^\n]*[Cc]entralized))"
)
_EXACT = (
    rb"CPQ ICID | for transfer to centralized quarantine | from quarantine | received from the SMA "
    rb"|An application fault occurred|(?:Delayed|Bounced|Connection Error): (?:[^\n]* )?DCID:? \d+ "
    rb"(?:IP|domain: |(?:MID|Message) \d+ (?:From: ?<|to (?:RID )?\[?[\d, ]+\]? - ))"
    rb"|DCID:? \d+ (?:IP \S+ )?TLS (?:failed|was)|DCID:? \d+ TLS [^\n]*\.cpq\."
    rb"|DCID:? \d+ interface [^\n]* port %d\b|DCID:? \d+ MID \d+ to [^\n]*[Cc]entralized"
)


@dataclass(frozen=True)
class Selection:
    """The selection for a log whose CPQ port is `port`; `responses` adds what peers answered to messages."""

    port: int
    responses: bool = False

    @property
    def literals(self) -> tuple[str, ...]:
        """One of them is in every line that counts, and in some others."""
        more = (_RESPONSE,) if self.responses else ()
        return (*_LITERALS, f"t {self.port}", f"t {_SPAM_PORT}", *more)

    @cached_property
    def connection(self) -> re.Pattern[bytes]:
        """Finds in a block every line on a connection that counts, and some others; begins with a literal."""
        return re.compile(_ON_A_CONNECTION % (self.port, _SPAM_PORT))

    @cached_property
    def exact(self) -> re.Pattern[bytes]:
        """Tells of one line whether it may concern CPQ: if its form is unknown, that must be told."""
        return re.compile(_EXACT % self.port)

    def pick(self, block: bytes, incoming: Sequence[int]) -> bytes:
        """The lines of a block of whole lines that the selection finds, in their order; `incoming` are the places
        of INCOMING in it, which the caller needs as well."""
        places = {match.start() for match in self.connection.finditer(block)}.union(incoming)
        for word in (*_WORDS, _RESPONSE.encode()) if self.responses else _WORDS:
            places.update(find_all(block, word))
        return b"".join(block[begin:end] for begin, end in lines_with(block, sorted(places)))


def lines_with(block: bytes, places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First byte and the byte after the end of each line that holds some of the places, in their order."""
    end = 0
    for place in places:
        if place >= end:
            begin, end = line_around(block, place)
            yield begin, end


def find_all(block: bytes, word: bytes) -> list[int]:
    """The places of a word in a block."""
    places, place = [], block.find(word)
    while place >= 0:
        places.append(place)
        place = block.find(word, place + 1)
    return places
