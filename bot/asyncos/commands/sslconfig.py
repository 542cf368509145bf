"""`sslconfig`: TLS methods and cipher lists as the appliance prints them; its editor is never entered."""

import re
from dataclasses import dataclass, field

from bot.asyncos.reading import LEAVE_MENU, unreadable
from bot.model.command import Reading

_SETTING = re.compile(r"^\s*(\S.*?)(?<!\s)\s++(method|cipher)s?\s*+:(.*)$", re.IGNORECASE)
_WORD = re.compile(r"^\s*[A-Za-z0-9+!@_:.,=-]+\s*$")


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """Methods and OpenSSL cipher strings, joined with `:`; None where this release does not print one.

    `raw_outbound_lines` are the printed lines of the outbound cipher list.
    """

    inbound_method: str | None = None
    inbound_ciphers: str | None = None
    outbound_method: str | None = None
    outbound_ciphers: str | None = None
    raw_outbound_lines: tuple[str, ...] = ()


@dataclass
class _Setting:
    side: str
    kind: str
    lines: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def value(self) -> str | None:
        """Words one per line are joined with `:`; a list that was wrapped goes on where it stopped."""
        wrapped = any(":" in word for word in self.words)
        return ("" if wrapped else ":").join(self.words) or None


def sslconfig() -> Reading[TlsSettings]:
    return Reading("sslconfig", parse_sslconfig, (LEAVE_MENU,))


def parse_sslconfig(text: str) -> TlsSettings:
    settings = {(setting.side, setting.kind): setting for setting in reversed(_read_settings(text))}
    if not settings:
        raise unreadable("sslconfig", text)
    values = {key: setting.value for key, setting in settings.items()}
    outbound = settings.get(("outbound", "cipher"))
    return TlsSettings(
        values.get(("inbound", "method")),
        values.get(("inbound", "cipher")),
        values.get(("outbound", "method")),
        values.get(("outbound", "cipher")),
        tuple(outbound.lines) if outbound else (),
    )


def _read_settings(text: str) -> list[_Setting]:
    settings: list[_Setting] = []
    current: _Setting | None = None
    for line in text.splitlines():
        if head := _SETTING.match(line):
            current = _begin(head, line)
            settings.append(current)
        elif current and _WORD.match(line):
            current.lines.append(line.rstrip())
            current.words.append(line.strip())
        elif line.strip():
            current = None
    return [setting for setting in settings if setting.side]


def _begin(head: re.Match[str], line: str) -> _Setting:
    side = next((side for side in ("inbound", "outbound") if side in head[1].casefold()), "")
    first = head[3].strip()
    return _Setting(side, head[2].casefold(), [line.rstrip()], [first] if first else [])
