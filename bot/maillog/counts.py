"""What is counted of a log: per peer and in all, with the reasons of what went wrong."""

import datetime as dt
from dataclasses import dataclass, field, fields
from typing import Literal, Self

from bot.maillog.distinct import Distinct
from bot.maillog.heads import split_head

ReasonKind = Literal["tls", "connection", "delay", "bounce", "reject", "fault"]
Stamp = bytes | dt.datetime | None
"""A time as the log states it (`Tue Nov 24 03:00:01 2026`, read only when it is shown), or read already."""

OTHER_REASONS = "other reasons"


@dataclass(slots=True)
class Counted:
    """Counters that can be added up."""

    def __iadd__(self, other: Self) -> Self:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        return self


@dataclass(slots=True)
class Sent(Counted):
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


@dataclass(slots=True)
class Received(Counted):
    """Connections from peers to the quarantine's own listener."""

    connections: int = 0
    accepted: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Quarantine(Counted):
    """Messages that wait for their transfer, and messages that left a quarantine on this appliance."""

    enqueued: int = 0
    released: int = 0
    released_queue_full: int = 0
    deleted: int = 0


@dataclass(slots=True)
class Reason:
    """One way in which things went wrong; `example` is a raw line."""

    kind: ReasonKind
    reason: str
    count: int = 0
    first: Stamp = None
    last: Stamp = None
    example: bytes = b""

    def note(self, at: Stamp, line: bytes) -> None:
        self.count += 1
        self.first = self.first or at
        self.last = at or self.last
        self.example = self.example or line


@dataclass(slots=True)
class Reasons:
    """Reasons by kind and words; past `most`, new ones are counted together."""

    most: int = 200
    by_words: dict[tuple[ReasonKind, str], Reason] = field(default_factory=dict)

    def note(self, kind: ReasonKind, words: str, at: Stamp, line: bytes) -> None:
        found = self.by_words.get((kind, words))
        if found is None:
            if len(self.by_words) >= self.most:
                words = OTHER_REASONS
            found = self.by_words.setdefault((kind, words), Reason(kind, words))
        found.note(at, line)


@dataclass(slots=True)
class Handshakes:
    """How the newest handshakes with a peer ended: `failing` counts those since the last success."""

    failing: int = 0
    since: Stamp = None
    last: Stamp = None
    reason: str = ""
    line: bytes = b""

    def fail(self, reason: str, at: Stamp, line: bytes) -> None:
        self.since = at if not self.failing else self.since
        self.failing += 1
        self.reason, self.last, self.line = reason, at, line


@dataclass(slots=True)
class Peer:
    """One other end; `worked_at` is when a message got through after the last trouble, None if none did.

    `releases` says that the connections to it bring released mail back: this appliance is an SMA.
    """

    address: str | None
    port: int
    sent: Sent = field(default_factory=Sent)
    received: Received = field(default_factory=Received)
    reasons: Reasons = field(default_factory=Reasons)
    handshakes: Handshakes = field(default_factory=Handshakes)
    messages: Distinct = field(default_factory=Distinct)
    troubled: bool = False
    worked_at: Stamp = None
    releases: bool = False

    def trouble(self, kind: ReasonKind, words: str, at: Stamp, line: bytes) -> None:
        self.reasons.note(kind, words, at, line)
        self.troubled, self.worked_at = True, None

    def absorb(self, other: "Peer") -> None:
        """Take over what was counted for a peer that no line named."""
        silent = not (self.sent.tls_ok or self.sent.tls_failed)
        self.sent += other.sent
        self.messages.update(other.messages)
        for (kind, words), reason in other.reasons.by_words.items():
            mine = self.reasons.by_words.setdefault((kind, words), Reason(kind, words))
            mine.count += reason.count
            mine.first, mine.last = mine.first or reason.first, mine.last or reason.last
            mine.example = mine.example or reason.example
        if silent:
            self.handshakes = other.handshakes
        if not self.troubled:
            self.troubled, self.worked_at = other.troubled, other.worked_at
        self.releases = self.releases or other.releases


def moment(at: Stamp) -> dt.datetime | None:
    """The time that a stamp states, without a zone; None where there is none or it is no time."""
    return split_head(f"{at.decode('latin-1')} Info: ").at if isinstance(at, bytes) else at
