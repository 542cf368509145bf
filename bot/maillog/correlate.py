"""From events to traffic: connections, and the troubles that belong to the centralized policy quarantine."""

from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.maillog import events as e
from bot.maillog.incoming import Incoming
from bot.maillog.outgoing import Outgoing, error_text
from bot.maillog.owner import Owner
from bot.maillog.reasons import delivery_reason, fault_reason
from bot.maillog.signs import owner
from bot.maillog.traffic import Sending, Traffic, Trouble

_FOLLOWED = 50_000
"""Connections followed at a time: those that end by an error have no closing line and would stay for ever."""

_OnDcid = (
    e.OutOpened
    | e.TlsOk
    | e.TlsFailed
    | e.TlsRequired
    | e.ConnectionFailed
    | e.Started
    | e.Done
    | e.Delayed
    | e.Bounced
    | e.OutClosed
)
_OnIcid = e.InOpened | e.HatVerdict | e.InMessage | e.InClosed


def correlate(events: Iterable[e.Event], ports: Collection[int] = (7025,)) -> Traffic:
    """Join the events of one appliance, in the order of its log, into CPQ traffic.

    `ports` are the CPQ ports known from configuration; the words of the lines count beside them, so that a
    connection opened before the first line is still known by its later ones.
    """
    reading = _Reading(ports)
    for event in events:
        reading.take(event)
    return reading.traffic()


@dataclass(slots=True)
class _Claim:
    """A trouble whose owner is known for certain only at the end of the log."""

    kind: type[e.Event]
    trouble: Trouble
    mid: int | None = None
    connection: Outgoing | None = None


@dataclass(slots=True)
class _Reading:
    ports: Collection[int]
    incoming: Incoming = field(default_factory=Incoming)
    open: OrderedDict[int, Outgoing] = field(default_factory=OrderedDict)
    ended: list[Outgoing] = field(default_factory=list)
    claims: list[_Claim] = field(default_factory=list)
    enqueued: set[int] = field(default_factory=set)
    faults: list[Trouble] = field(default_factory=list)
    early: list[Trouble] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None
    connections: int = 0
    lines: int = 0
    unrecognised: int = 0

    def take(self, event: e.Event) -> None:
        self.lines += 1
        self.first = self.first or event.at
        self.last = event.at or self.last
        if isinstance(event, _OnDcid):
            self._take_outgoing(event)
        elif isinstance(event, _OnIcid):
            self.incoming.take(event)
        else:
            self._take_other(event)

    def _take_other(self, event: e.Event) -> None:
        match event:
            case e.Unrecognised():
                self.unrecognised += 1
            case e.Enqueued():
                self.enqueued.add(event.mid)
            case e.Fault():
                self.faults.append(Trouble(event.at, fault_reason(event.text), event.line))
            case e.Released(why="queue full"):
                reason = f'released early from "{event.quarantine}": queue full'
                self.early.append(Trouble(event.at, reason, event.line))

    def _take_outgoing(self, event: _OnDcid) -> None:
        connection = self._connection(event)
        if isinstance(event, e.ConnectionFailed):
            self._claim_error(event, connection)
        elif isinstance(event, e.Delayed | e.Bounced):
            trouble = Trouble(event.at, delivery_reason(event.text), event.line, dcid=event.dcid)
            self.claims.append(_Claim(type(event), trouble, event.mid, connection))
        if connection is not None:
            connection.take(event, self.ports)
        if isinstance(event, e.OutClosed) and connection is not None and not connection.cpq:
            del self.open[event.dcid]

    def _connection(self, event: _OnDcid) -> Outgoing | None:
        """The connection the event is on; an opening line always begins a new one; DCID 0 is none."""
        if event.dcid == 0:
            return None
        if isinstance(event, e.OutOpened):
            self._end(event.dcid)
        if event.dcid not in self.open:
            self.connections += 1
            self.open[event.dcid] = Outgoing(self.connections, Sending(event.dcid))
            if len(self.open) > _FOLLOWED:
                self._end(next(iter(self.open)))
        self.open.move_to_end(event.dcid)
        return self.open[event.dcid]

    def _end(self, dcid: int) -> None:
        connection = self.open.pop(dcid, None)
        if connection is not None and connection.cpq:
            self.ended.append(connection)

    def _claim_error(self, event: e.ConnectionFailed, connection: Outgoing | None) -> None:
        """An error that repeats on a DCID is one trouble; without a DCID the line itself must say CPQ."""
        if connection is None and owner(event, self.ports) is not Owner.CPQ:
            return
        if connection is not None and connection.sending.error is not None:
            return
        trouble = Trouble(event.at, error_text(event), event.line, event.address, event.port, dcid=event.dcid)
        self.claims.append(_Claim(e.ConnectionFailed, trouble, connection=connection))

    def traffic(self) -> Traffic:
        ours = sorted(
            [*self.ended, *(connection for connection in self.open.values() if connection.cpq)],
            key=lambda connection: connection.place,
        )
        mids = self.enqueued.union(*(connection.mids for connection in ours))
        return Traffic(
            sent=tuple(connection.sending for connection in ours),
            received=tuple(self.incoming.receptions),
            delays=self._granted(e.Delayed, mids),
            bounces=self._granted(e.Bounced, mids),
            errors=self._granted(e.ConnectionFailed, mids),
            faults=tuple(self.faults),
            early_releases=tuple(self.early),
            enqueued=len(self.enqueued),
            first=self.first,
            last=self.last,
            lines=self.lines,
            unrecognised=self.unrecognised,
        )

    def _granted(self, kind: type[e.Event], mids: Collection[int]) -> tuple[Trouble, ...]:
        return tuple(_placed(claim) for claim in self.claims if claim.kind is kind and _is_cpq(claim, mids))


def _is_cpq(claim: _Claim, mids: Collection[int]) -> bool:
    """By its connection; by its message only where no line tells whose connection it was, or there was none."""
    if claim.connection is None:
        return claim.mid is None or claim.mid in mids
    return claim.connection.cpq or (claim.connection.owner is None and claim.mid in mids)


def _placed(claim: _Claim) -> Trouble:
    """Add the peer as the other lines of the connection name it."""
    if claim.connection is None:
        return claim.trouble
    sending = claim.connection.sending
    return replace(
        claim.trouble,
        address=claim.trouble.address or sending.address,
        port=claim.trouble.port or sending.port,
    )
