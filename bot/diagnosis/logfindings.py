"""What the counts of each appliance's log mean: findings, as the checks of a site would yield them."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.diagnosis.redact import redact
from bot.maillog.counts import Peer, Quarantine, Reason, Received, Sent, Stamp, moment
from bot.maillog.outcome import ApplianceLog
from bot.maillog.reasons import tls_problem
from bot.maillog.text import line_of
from bot.model.finding import Detail, Evidence, Finding, Severity
from bot.model.subject import Node, Path

REASONS_SHOWN = 3
LONGEST_SHOWN = 400
NOBODY = "?"

_TLS_FINDING = {"unverified": "tls.certificate.unverified"}


def show_line(line: bytes) -> str:
    """A raw line as it may be shown."""
    return redact(line_of(line))[:LONGEST_SHOWN]


@dataclass(frozen=True, slots=True)
class _Side:
    """One appliance's log and one of its peers, as subjects of findings."""

    log: ApplianceLog
    peer: Peer

    @property
    def here(self) -> str:
        return self.log.name

    @property
    def there(self) -> str:
        return f"{self.peer.address or NOBODY}:{self.peer.port}"

    def sending(self) -> Path:
        sender, receiver = ("sma", "esa") if self.peer.releases else ("esa", "sma")
        return Path(
            "release" if self.peer.releases else "quarantine",
            Node(self.here, "sma" if sender == "sma" else "esa", self.here),
            Node(self.there, "esa" if receiver == "esa" else "sma", self.peer.address or NOBODY),
        )

    def receiving(self) -> Path:
        return Path(
            "quarantine",
            Node(self.there, "esa", self.peer.address or NOBODY),
            Node(self.here, "sma", self.here),
        )


def find_in_logs(logs: Sequence[ApplianceLog]) -> Iterator[Finding]:
    """Everything wrong that the logs tell; that there is nothing of CPQ in any is told too."""
    found = False
    for log in logs:
        for peer in log.tally.all_peers:
            side = _Side(log, peer)
            yield from (*_handshakes(side), *_failing(side), *_rejected(side))
        yield from _at_home(log)
        found = found or _has_events(log)
    if not found and logs:
        yield _nothing(logs)


def _handshakes(side: _Side) -> Iterator[Finding]:
    """The newest handshake failed: the path does not work now."""
    newest = side.peer.handshakes
    if not newest.failing:
        return
    problem = tls_problem(newest.reason)
    details: dict[str, Detail] = {
        "reason": redact(newest.reason)[:LONGEST_SHOWN],
        "count": newest.failing,
        "since": _clock(newest.since),
        "peer": side.peer.address,
        "port": side.peer.port,
    }
    yield Finding(
        _TLS_FINDING.get(problem, f"tls.handshake.{problem}"),
        side.sending(),
        Severity.CRITICAL,
        (_evidence(side.log, [newest.line], newest.last),),
        details,
    )


def _failing(side: _Side) -> Iterator[Finding]:
    reasons = sorted(
        (reason for reason in side.peer.reasons.by_words.values() if reason.kind != "reject"),
        key=lambda reason: -reason.count,
    )
    if not reasons:
        return
    times = [at for reason in reasons for at in (moment(reason.first), moment(reason.last)) if at]
    details: dict[str, Detail] = {
        "count": sum(reason.count for reason in reasons),
        "reasons": "; ".join(
            f"{reason.count} x {redact(reason.reason)}" for reason in reasons[:REASONS_SHOWN]
        ),
        "first": _clock(min(times, default=None)),
        "last": _clock(max(times, default=None)),
        "recovered": "yes" if side.peer.worked_at else "no",
        "since": _clock(side.peer.worked_at),
    }
    lines = [reason.example for reason in reasons[:REASONS_SHOWN]]
    evidence = (_evidence(side.log, lines, reasons[0].last),)
    yield Finding("log.delivery.failing", side.sending(), Severity.WARNING, evidence, details)


def _rejected(side: _Side) -> Iterator[Finding]:
    if not side.peer.received.rejected:
        return
    reasons = [reason for reason in side.peer.reasons.by_words.values() if reason.kind == "reject"]
    evidence = (_evidence(side.log, [reason.example for reason in reasons], reasons[-1].last),)
    details: dict[str, Detail] = {"addresses": side.peer.address, "count": side.peer.received.rejected}
    yield Finding("log.receiver.rejected", side.receiving(), Severity.WARNING, evidence, details)


def _at_home(log: ApplianceLog) -> Iterator[Finding]:
    """What the log says about its own appliance."""
    home = Node(log.name, "sma", log.name)
    for fault in log.tally.faults.by_words.values():
        kind, _, place = fault.reason.partition(" at ")
        details: dict[str, Detail] = _counted(fault) | {"type": redact(kind), "place": redact(place) or None}
        evidence = (_evidence(log, [fault.example], fault.last),)
        yield Finding("log.application.fault", home, Severity.WARNING, evidence, details)
    early = [*log.tally.early.by_words.values()]
    if early:
        details = _counted(*early) | {"quarantines": ", ".join(redact(one.reason) for one in early)}
        evidence = (_evidence(log, [one.example for one in early], early[-1].last),)
        yield Finding("log.quarantine.early-release", home, Severity.CRITICAL, evidence, details)


def _counted(*reasons: Reason) -> dict[str, Detail]:
    return {
        "count": sum(reason.count for reason in reasons),
        "first": _clock(reasons[0].first),
        "last": _clock(max(filter(None, (moment(reason.last) for reason in reasons)), default=None)),
    }


def _has_events(log: ApplianceLog) -> bool:
    peers = any(peer.sent != Sent() or peer.received != Received() for peer in log.tally.all_peers)
    return peers or log.tally.quarantine != Quarantine() or bool(log.tally.faults.by_words)


def _nothing(logs: Sequence[ApplianceLog]) -> Finding:
    files = ", ".join(file for log in logs for file in log.files)
    log = logs[0]
    span = (
        f" ({log.span.first:%b %d %H:%M} - {log.span.last:%b %d %H:%M})"
        if log.span.first and log.span.last
        else ""
    )
    path = Path("quarantine", Node(log.name, "esa", log.name), Node(NOBODY, "sma", NOBODY))
    return Finding("log.activity.none", path, Severity.INFO, (), {"searched": f"{files}{span}"})


def _evidence(log: ApplianceLog, lines: Iterable[bytes], at: Stamp) -> Evidence:
    time = moment(at)
    return Evidence(
        appliance=log.name,
        command=", ".join(log.files),
        excerpt="\n".join(show_line(line) for line in lines),
        at=time or log.span.last or dt.datetime.min,
    )


def _clock(at: Stamp) -> str | None:
    time = moment(at)
    return f"{time:%b %d %H:%M}" if time else None
