"""`tlsverify`: which protocol and cipher a TLS connection from the appliance itself comes to."""

import re
from dataclasses import dataclass

from bot.asyncos.reading import unreadable
from bot.model.command import Question, Reading
from bot.model.errors import Garbled

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_ESTABLISHED = re.compile(
    r"TLS connection established\s*+(?::\s*+)?protocol\s+(\S+?)\s*,\s*cipher\s+(\S+?)\.?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_BEGUN = re.compile(
    r"^[ \t]*(?:Connect|Checking TLS|TLS (?:connection|verification))", re.IGNORECASE | re.MULTILINE
)
_CONNECTED = re.compile(r"^[ \t]*Connected to\b", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class TlsVerification:
    """How far it came; `protocol` and `cipher` are None without a TLS connection.

    Whether the certificate was verified says nothing here: that of CPQ is a private one.
    """

    connected: bool
    protocol: str | None
    cipher: str | None

    @property
    def anonymous(self) -> bool:
        """Whether the receiver needed no certificate."""
        return bool(self.cipher and re.match(r"(?:EXP-)?(?:ADH|AECDH)-", self.cipher))


def tlsverify(host: str, port: int) -> Reading[TlsVerification]:
    """Has the appliance connect to `host`, a name or an IPv4 address, with its outbound TLS settings."""
    if not (_HOST.fullmatch(host) and 0 < port < 65536):
        raise Garbled(f"{host!r} port {port} is no destination that can be typed; nothing was sent")
    return Reading(
        "tlsverify",
        parse_tlsverify,
        (Question(r"TLS domain to verify", host), Question(r"destination host", f"{host}:{port}")),
        variant=f"{host}:{port}",
        timeout=60.0,
    )


def parse_tlsverify(text: str) -> TlsVerification:
    if not _BEGUN.search(text):
        raise unreadable("tlsverify", text)
    established = _ESTABLISHED.search(text)
    protocol, cipher = established.groups() if established else (None, None)
    return TlsVerification(bool(_CONNECTED.search(text) or established), protocol, cipher)
