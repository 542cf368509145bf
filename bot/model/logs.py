"""What mail log files say about CPQ: the contract's `pvo-logs/1`, for people and programs."""

import datetime as dt
from typing import Literal

from pydantic import Field

from bot.model.report import Part, ReportedFinding

LogReasonKind = Literal["tls", "connection", "delay", "bounce", "reject", "fault"]


class LogSpan(Part):
    """The times of the first and the last line that state one: the appliance's local time, without a zone."""

    first: dt.datetime | None = None
    last: dt.datetime | None = None


class LogSent(Part):
    """Connections to peers; `started` and `done` count messages as often as they were tried, `messages` once."""

    connections: int = 0
    tls_ok: int = 0
    tls_failed: int = 0
    connection_errors: int = 0
    started: int = 0
    done: int = 0
    delayed: int = 0
    bounced: int = 0
    messages: int = 0


class LogReceived(Part):
    """Connections from peers to the quarantine's own listener."""

    connections: int = 0
    accepted: int = 0
    rejected: int = 0


class LogQuarantine(Part):
    """Messages that wait for their transfer, and messages that left a quarantine on the appliance itself."""

    enqueued: int = 0
    released: int = 0
    released_queue_full: int = 0
    deleted: int = 0


class LogPeer(Part):
    """One other end; the address is null for connections of which no line tells it."""

    address: str | None
    port: int
    sent: LogSent
    received: LogReceived


class LogReason(Part):
    """Troubles of one reason; `example` is a redacted line."""

    kind: LogReasonKind
    reason: str
    count: int
    first: dt.datetime | None = None
    last: dt.datetime | None = None
    example: str


class FollowedMessage(Part):
    """One message on its way there and back: MIDs and times on the ESA, on the SMA, and on the ESA again."""

    esa: str
    mid: int
    enqueued: dt.datetime | None = None
    sent: dt.datetime | None = None
    sma: str | None = None
    sma_mid: int | None = None
    left: dt.datetime | None = None
    how: str | None = None
    new_mid: int | None = None
    returned: dt.datetime | None = None


class LogsReport(Part):
    """All that the files say; `followed` and `unknown` are there only where they hold something.

    `unknown` are examples of the lines of unknown form that may concern CPQ, redacted; `left_out` are files whose
    lines another one holds.
    """

    schema_: Literal["pvo-logs/1"] = Field(default="pvo-logs/1", alias="schema")
    language: str = Field(default="en", exclude=True)
    files: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    lines: int
    unrecognised: int
    unknown: tuple[str, ...] = ()
    span: LogSpan
    sent: LogSent
    received: LogReceived
    quarantine: LogQuarantine
    peers: tuple[LogPeer, ...]
    reasons: tuple[LogReason, ...]
    followed: tuple[FollowedMessage, ...] = ()
    findings: tuple[ReportedFinding, ...]

    @property
    def active(self) -> bool:
        """Whether there was any CPQ event at all."""
        counted = (self.sent, self.received, self.quarantine)
        return any(any(part.model_dump().values()) for part in counted) or bool(self.reasons)
