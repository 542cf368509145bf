"""Selected lines into a tally: the usual forms by one pattern, the others by the grammar; both say the same."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

from bot.maillog import events as e
from bot.maillog.followed import Told
from bot.maillog.grammar import parse_line
from bot.maillog.outgoing import error_text
from bot.maillog.owner import Owner
from bot.maillog.pieces import LONGEST
from bot.maillog.reasons import fault_reason
from bot.maillog.selection import Selection
from bot.maillog.signs import owner, owner_of
from bot.maillog.tally import Tally
from bot.maillog.text import name_of, text_of

_ID = rb"(\d{1,18})"
_RIDS = rb"\[[\d, ]*\]"
_USUAL = (
    rb"New SMTP DCID %(id)s interface (\S+) address (\S+) port (\d{1,5})"  # 2 to 5
    rb"|DCID %(id)s TLS success protocol \S+ cipher \S+ (?:for )?(the\.cpq\.\S*)"  # 6, 7
    rb"|Delivery start DCID %(id)s MID %(id)s to RID %(rids)s to Centralized Policy Quarantine"  # 8, 9
    rb"|Message done DCID %(id)s MID %(id)s to RID %(rids)s \(centralized policy quarantine\)"  # 10, 11
    rb"|MID %(id)s enqueued for transfer to centralized quarantine \"[^\"()\n]{1,90}\"(?: \([^\n]*\))?"  # 12
    rb"|DCID %(id)s TLS failed: ([^\n]*\S)"  # 13, 14
    rb"|(Delayed|Bounced): DCID %(id)s MID %(id)s to (?:RID )?\[?[\d, ]+\]? - ([^\n]*\S)"  # 15 to 18
    rb"|Connection Error: DCID %(id)s domain: (\S+) IP: (\S+) port: (\d{1,5}) details: ([^\n]*) "
    rb"interface: \S+ reason: ([^\n]*\S)"  # 19 to 24
    rb"|DCID %(id)s (TLS was required but could not be successfully negotiated)"  # 25, 26
    rb"|MID \d{1,18} (?:Subject|Message-ID) ([^\n]*\S)"  # 27
    rb"|New CPQ ICID \d{1,18} interface [^\n]+ address (\S+)(?: [^\n]*)?"  # 28
    rb"|MID %(id)s received from the SMA \S+ \(MID originally %(id)s\)(?: [^\n]*)?"  # 29, 30
) % {b"id": _ID, b"rids": _RIDS}
_STAMP = rb"(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}) (?:Info|Warning|Critical|Debug|Trace): "
_FORM = rb"(?:%s(?:%s)[ \r]*|[^\n]*)$" % (_STAMP, _USUAL)
_LINE = re.compile(rb"^" + _FORM, re.MULTILINE)
_NUMBERED_LINE = re.compile(rb"^\d+:\d+:" + _FORM, re.MULTILINE)
(
    _OPENED, _TLS_OK, _STARTED, _DONE, _ENQUEUED, _TLS_FAILED, _POSTPONED, _FAILED, _REQUIRED, _TEXT, _CPQ_IN,
    _RETURNED,
) = (5, 7, 9, 11, 12, 14, 18, 24, 26, 27, 28, 30)  # fmt: skip
_KINDS: dict[bytes, Literal["delay", "bounce"]] = {b"Delayed": "delay", b"Bounced": "bounce"}

Match = re.Match[bytes]


@lru_cache(256)
def _owner_of_port(port: bytes, cpq: int) -> Owner | None:
    return owner_of(None, int(port), (cpq,))


@dataclass(slots=True)
class Digest:
    """Reads selected lines of one file after the other into the tally of their appliance.

    `stamped` says that the lines of the file have time stamps: one without is a continuation, and its text may
    be a stranger's. Connections from peers are read by `Receptions`, which see the lines between as well.
    """

    tally: Tally
    selection: Selection
    stamped: bool = True

    def feed(self, lines: bytes, *, numbered: bool = False) -> None:
        """Take whole lines, in the order of the log; `numbered` ones begin with number and place: `12:1034:`."""
        handlers, begin = self._HANDLERS, 0
        for match in (_NUMBERED_LINE if numbered else _LINE).finditer(lines):
            kind, end = match.lastindex, match.end()
            if kind is None or end - begin > LONGEST:
                self._read(match[0].split(b":", 2)[2] if numbered else match[0])
            else:
                handlers[kind](self, match)
            begin = end + 1

    def take(self, event: e.Event, line: bytes) -> None:
        """Take one line of an unusual form, read by the grammar."""
        match event:
            case e.OutOpened() | e.TlsOk() | e.TlsFailed() | e.TlsRequired() | e.Started() | e.Done():
                self._take_outgoing(event, line)
            case e.ConnectionFailed():
                told = Told(event.at, error_text(event).encode(), line)
                sign = owner(event, (self.tally.port,))
                self.tally.connection_failed(event.dcid, told, event.address, sign)
            case e.Delayed() | e.Bounced():
                told = Told(event.at, event.text.encode(), line)
                kind: Literal["delay", "bounce"] = "delay" if isinstance(event, e.Delayed) else "bounce"
                self.tally.postponed(kind, event.dcid, event.mid, told)
            case e.Unrecognised():
                if self.selection.exact.search(line):
                    self.tally.unknown(line)
            case _:
                self._take_other(event, line)

    def _take_outgoing(self, event: e.Event, line: bytes) -> None:
        tally, sign = self.tally, owner(event, (self.tally.port,))
        match event:
            case e.OutOpened() if sign is Owner.CPQ:
                tally.opened(event.dcid, event.address, event.interface)
            case e.OutOpened() if sign is Owner.SPAM:
                tally.opened_elsewhere(event.dcid, sign)
            case e.TlsOk() if sign is Owner.CPQ:
                tally.tls_ok(event.dcid, event.destination or "")
            case e.TlsFailed():
                tally.tls_failed(
                    event.dcid, Told(event.at, (event.reason or "no reason given").encode(), line)
                )
            case e.TlsRequired():
                tally.tls_failed(event.dcid, Told(event.at, event.reason.encode(), line))
            case e.Started() if sign is Owner.CPQ:
                tally.started(event.dcid, event.mid)
            case e.Done() if sign is Owner.CPQ:
                tally.done(event.at, event.dcid, event.mid)

    def _take_other(self, event: e.Event, line: bytes) -> None:
        tally = self.tally
        match event:
            case e.Enqueued():
                tally.enqueued(event.at, event.mid)
            case e.Released():
                tally.quarantine.released += 1
                if event.why == "queue full":
                    tally.quarantine.released_queue_full += 1
                    tally.early.note("fault", event.quarantine, event.at, line)
                self._leave(event, event.why or "released")
            case e.Deleted():
                tally.quarantine.deleted += 1
                self._leave(event, "deleted")
            case e.Fault():
                tally.faults.note("fault", fault_reason(event.text), event.at, line)
            case e.Returned() if tally.trips is not None and event.original is not None:
                tally.trips.returned(event.original, event.mid, event.at)
            case e.Response() if tally.trips is not None:
                if accepted := re.fullmatch(r"'?ok:  Message (\d{1,18}) accepted'?", event.text):
                    tally.trips.answered(event.mid, int(accepted[1]))

    def _leave(self, event: e.Released | e.Deleted, how: str) -> None:
        if self.tally.trips is not None:
            self.tally.trips.left(event.mid, event.at, how)

    def _read(self, line: bytes) -> None:
        """A line of another form; one that is too long to be believed is told where it may concern CPQ."""
        if len(line) > LONGEST:
            if self.selection.exact.search(line, 0, LONGEST):
                self.tally.unknown(line[:LONGEST])
        elif line and not line.isspace():
            self.take(parse_line(text_of(line), stamped=self.stamped), line)

    def _opened(self, match: Match) -> None:
        dcid, interface, address, port = match.group(2, 3, 4, 5)
        sign = _owner_of_port(port, self.tally.port)
        if sign is Owner.CPQ:
            self.tally.opened(int(dcid), name_of(address), name_of(interface))
        elif sign is Owner.SPAM:
            self.tally.opened_elsewhere(int(dcid), sign)

    def _tls_ok(self, match: Match) -> None:
        dcid, domain = match.group(6, 7)
        self.tally.tls_ok(int(dcid), name_of(domain))

    def _started(self, match: Match) -> None:
        dcid, mid = match.group(8, 9)
        self.tally.started(int(dcid), int(mid))

    def _done(self, match: Match) -> None:
        at, dcid, mid = match.group(1, 10, 11)
        self.tally.done(at, int(dcid), int(mid))

    def _enqueued(self, match: Match) -> None:
        at, mid = match.group(1, 12)
        self.tally.enqueued(at, int(mid))

    def _tls_failed(self, match: Match) -> None:
        line, at, dcid, words = match.group(0, 1, 13, 14)
        self.tally.tls_failed(int(dcid), Told(at, words, line))

    def _required(self, match: Match) -> None:
        self.tally.tls_failed(int(match[25]), Told(match[1], match[26], match[0]))

    def _postponed(self, match: Match) -> None:
        line, at, kind, dcid, mid, words = match.group(0, 1, 15, 16, 17, 18)
        self.tally.postponed(_KINDS[kind], int(dcid), int(mid), Told(at, words, line))

    def _failed(self, match: Match) -> None:
        line, at, dcid, domain, address, port, details, reason = match.group(0, 1, 19, 20, 21, 22, 23, 24)
        told = Told(at, b"%s: %s" % (reason, details) if details else reason, line)
        sign = owner_of(name_of(domain), int(port), (self.tally.port,))
        self.tally.connection_failed(int(dcid), told, name_of(address), sign)

    def _returned(self, match: Match) -> None:
        if self.tally.trips is not None:
            at, mid, original = match.group(1, 29, 30)
            self.tally.trips.returned(int(original), int(mid), at)

    def _pass(self, match: Match) -> None:
        """Somebody's text, or a line that `Receptions` read."""

    _HANDLERS: ClassVar[dict[int, Callable[["Digest", Match], None]]] = {
        _OPENED: _opened,
        _TLS_OK: _tls_ok,
        _STARTED: _started,
        _DONE: _done,
        _ENQUEUED: _enqueued,
        _TLS_FAILED: _tls_failed,
        _POSTPONED: _postponed,
        _FAILED: _failed,
        _REQUIRED: _required,
        _TEXT: _pass,
        _CPQ_IN: _pass,
        _RETURNED: _returned,
    }
