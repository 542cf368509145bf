"""What a stretch of mail log says about CPQ traffic: connections out and in, and what went wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LINES_KEPT = 12
"""Raw lines kept for one connection: enough for its opening, handshake, errors and end."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that went wrong; `line` is the raw line that says so.

    `address` and `port` are the peer's, where a line of the same connection named them.
    `dcid` is None where the line has none; 0 means that no connection was made.
    """

    at: datetime | None
    reason: str
    line: str
    address: str | None = None
    port: int | None = None
    dcid: int | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """One CPQ connection to a peer, known by its DCID.

    `opened_at`, `interface` (an address), `address` and `port` are None when it was opened before the
    first line read. `tls` is None while no line tells how the handshake went. `started` and `done` count
    messages; `delayed` and `bounced` count recipients.
    """

    dcid: int
    opened_at: datetime | None = None
    interface: str | None = None
    address: str | None = None
    port: int | None = None
    tls: Literal["ok", "failed"] | None = None
    tls_at: datetime | None = None
    tls_reason: str | None = None
    protocol: str | None = None
    cipher: str | None = None
    started: int = 0
    done: int = 0
    delayed: int = 0
    bounced: int = 0
    error: str | None = None
    error_at: datetime | None = None
    closed_at: datetime | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reception:
    """One CPQ connection from a peer, known by its ICID; `address` is the source that was seen.

    `verdict` is None while no line tells what the host access table said; `at` is the time of the verdict.
    """

    icid: int
    opened_at: datetime | None = None
    interface_name: str | None = None
    interface_address: str | None = None
    address: str | None = None
    verdict: Literal["accepted", "rejected"] | None = None
    at: datetime | None = None
    closed_at: datetime | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Traffic:
    """All CPQ events of the lines read, in their order; times are the appliance's local ones, without a zone.

    `lines` counts every line, `unrecognised` those whose form this reader does not know; `first` and
    `last` are the times of the first and last line that has one.
    """

    sent: tuple[Sending, ...] = ()
    received: tuple[Reception, ...] = ()
    delays: tuple[Trouble, ...] = ()
    bounces: tuple[Trouble, ...] = ()
    errors: tuple[Trouble, ...] = ()
    faults: tuple[Trouble, ...] = ()
    early_releases: tuple[Trouble, ...] = ()
    enqueued: int = 0
    first: datetime | None = None
    last: datetime | None = None
    lines: int = 0
    unrecognised: int = 0
