"""Connections to peers: the lines of one DCID joined into one Sending, whoever it turns out to belong to."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import singledispatchmethod

from bot.maillog import events as e
from bot.maillog.owner import Owner
from bot.maillog.signs import owner
from bot.maillog.traffic import LINES_KEPT, Sending


@dataclass(slots=True, eq=False)
class Outgoing:
    """What is known so far of one connection; `place` is its rank by first line among all connections."""

    place: int
    sending: Sending
    owner: Owner | None = None
    mids: set[int] = field(default_factory=set)

    @property
    def cpq(self) -> bool:
        return self.owner is Owner.CPQ

    def take(self, event: e.Event, ports: Collection[int]) -> None:
        """Add one event of this connection; the cause and the effect of a failed handshake become one."""
        self._settle(owner(event, ports))
        self._keep(event)
        self._follow(event)

    def _settle(self, sign: Owner | None) -> None:
        if sign is Owner.SPAM or (sign is Owner.CPQ and self.owner is not Owner.SPAM) or self.owner is None:
            self.owner = sign

    def _keep(self, event: e.Event) -> None:
        """A busy connection's messages must not crowd out the line that tells how it failed."""
        room = LINES_KEPT // 2 if isinstance(event, e.Started | e.Done) else LINES_KEPT
        if len(self.sending.lines) < room:
            self.sending = replace(self.sending, lines=(*self.sending.lines, event.line))

    @singledispatchmethod
    def _follow(self, event: e.Event) -> None:
        pass

    @_follow.register
    def _(self, event: e.OutOpened) -> None:
        self.sending = replace(
            self.sending,
            opened_at=event.at,
            interface=event.interface,
            address=event.address,
            port=event.port,
        )

    @_follow.register
    def _(self, event: e.TlsOk) -> None:
        self.sending = replace(
            self.sending,
            tls="ok",
            tls_at=event.at,
            tls_reason=None,
            protocol=event.protocol,
            cipher=event.cipher,
        )

    @_follow.register
    def _(self, event: e.TlsFailed) -> None:
        self.sending = replace(
            self.sending, tls="failed", tls_at=event.at, tls_reason=event.reason or "no reason given"
        )

    @_follow.register
    def _(self, event: e.TlsRequired) -> None:
        address = self.sending.address or event.address
        self.sending = replace(self.sending, address=address)
        if self.sending.tls != "failed":
            self.sending = replace(self.sending, tls="failed", tls_at=event.at, tls_reason=event.reason)

    @_follow.register
    def _(self, event: e.ConnectionFailed) -> None:
        self.sending = replace(
            self.sending,
            error=self.sending.error or error_text(event),
            error_at=self.sending.error_at or event.at,
            interface=self.sending.interface or event.interface,
            address=self.sending.address or event.address,
            port=self.sending.port or event.port,
        )

    @_follow.register
    def _(self, event: e.Started) -> None:
        self.mids.add(event.mid)
        self.sending = replace(self.sending, started=self.sending.started + 1)

    @_follow.register
    def _(self, event: e.Done) -> None:
        self.mids.add(event.mid)
        self.sending = replace(self.sending, done=self.sending.done + 1)

    @_follow.register
    def _(self, event: e.Delayed) -> None:
        self.sending = replace(self.sending, delayed=self.sending.delayed + 1)

    @_follow.register
    def _(self, event: e.Bounced) -> None:
        self.sending = replace(self.sending, bounced=self.sending.bounced + 1)

    @_follow.register
    def _(self, event: e.OutClosed) -> None:
        self.sending = replace(self.sending, closed_at=event.at)


def error_text(event: e.ConnectionFailed) -> str:
    """`network error: [Errno 61] Connection refused`: what it was called, then what the socket or the peer said."""
    return f"{event.reason}: {event.details}" if event.details else event.reason
