"""AsyncOS releases that the simulated appliances can be of, and how each differs in what it prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Product = Literal["sma", "esa"]
SslDialect = Literal["pair", "colons", "lines", "contiguous"]
Masking = Literal["include", "mask", "three", "two"]

OLD_CIPHERS = "RC4-SHA:RC4-MD5:ALL:-aNULL"
MIDDLE_CIPHERS = "MEDIUM:HIGH:-SSLv2:-aNULL:!RC4:@STRENGTH:-EXPORT"
NEW_CIPHERS = "HIGH:MEDIUM:-aNULL"


@dataclass(frozen=True)
class StatusWords:
    """What follows `System status:`; only `Offline` is published, the others are guesses that vary."""

    online: str = "Online"
    receiving: str = "Receiving suspended"
    delivery: str = "Delivery suspended"
    offline: str = "Offline"


@dataclass(frozen=True)
class Release:
    """One AsyncOS release. `method` and `ciphers` are the defaults of all kinds of TLS.

    `ssl_dialect`: inbound and outbound only; six settings joined by colons; ciphers one per line; the same with
    TLS 1.3. `masking`: the question of `showconfig`. `modern_ssh`: no SHA-1 is needed to log in.
    """

    name: str
    esa: str
    sma: str
    ssl_dialect: SslDialect
    masking: Masking
    method: str
    ciphers: str
    hardware: bool = False
    modern_ssh: bool = True
    soft_bounces_last: bool = True
    idle_minutes: int = 30
    asks_domains: bool = False
    words: StatusWords = StatusWords()
    nothing_pending: str = "There are no configuration changes."
    unknown_command: str = "Unknown command or missing feature key"

    def version_of(self, product: Product) -> str:
        """`14.2.0-620`."""
        return self.esa if product == "esa" else self.sma


_OLD_WORDS = StatusWords(receiving="receiving suspended", delivery="delivery suspended")
_NEW_WORDS = StatusWords("online", "Receiving Suspended", "Delivery Suspended", "Offline")
_NO_CHANGES = "No changes have been made since the last commit."

RELEASES = (
    Release(
        *("8.0", "8.0.2-069", "8.1.1-013", "pair", "include", "sslv3tlsv1", OLD_CIPHERS),
        hardware=True,
        modern_ssh=False,
        soft_bounces_last=False,
        words=_OLD_WORDS,
        nothing_pending=_NO_CHANGES,
        unknown_command="Unknown command",
    ),
    Release(
        *("8.5", "8.5.6-106", "8.3.6-014", "colons", "include", "sslv3tlsv1", OLD_CIPHERS),
        hardware=True,
        modern_ssh=False,
        soft_bounces_last=False,
        words=_OLD_WORDS,
        nothing_pending=_NO_CHANGES,
        unknown_command="Unknown command",
    ),
    Release(
        *("9.1", "9.1.2-041", "9.1.0-103", "colons", "mask", "sslv3tlsv1", OLD_CIPHERS),
        hardware=True,
        modern_ssh=False,
        unknown_command="Unknown command",
    ),
    Release(
        *("9.6", "9.6.0-051", "9.5.0-111", "lines", "mask", "tlsv1/tlsv1.2", MIDDLE_CIPHERS),
        hardware=True,
        modern_ssh=False,
    ),
    Release(
        *("11", "11.0.1-027", "11.0.0-115", "lines", "three", "tlsv1/tlsv1.2", MIDDLE_CIPHERS),
        hardware=True,
        modern_ssh=False,
    ),
    Release("14", "14.2.0-620", "14.2.0-224", "lines", "two", "tlsv1.1/tlsv1.2", NEW_CIPHERS),
    Release(
        *("15", "15.0.0-104", "15.0.1-416", "lines", "two", "tlsv1.1/tlsv1.2", NEW_CIPHERS),
        idle_minutes=1440,
        asks_domains=True,
    ),
    Release(
        *("15.5", "15.5.1-055", "15.5.1-024", "contiguous", "two", "tlsv1.2/tlsv1.3", NEW_CIPHERS),
        idle_minutes=1440,
        asks_domains=True,
        words=_NEW_WORDS,
    ),
    Release(
        *("16", "16.0.0-050", "16.0.1-010", "contiguous", "two", "tlsv1.2/tlsv1.3", NEW_CIPHERS),
        idle_minutes=1440,
        asks_domains=True,
        soft_bounces_last=False,
        words=_NEW_WORDS,
    ),
)
DEFAULT_RELEASE = "14"

_BY_NAME: Mapping[str, Release] = {release.name: release for release in RELEASES}


def find_release(version: str) -> Release:
    """The release of a version such as `9.1`, `14` or `14.2`; raises ValueError with the known ones."""
    if version in _BY_NAME:
        return _BY_NAME[version]
    for release in RELEASES:
        if version and any(
            known.startswith((f"{version}.", f"{version}-")) for known in (release.esa, release.sma)
        ):
            return release
    raise ValueError(f"There is no AsyncOS {version!r} in the lab; known are {', '.join(_BY_NAME)}.")
