"""Log files judged: what the counts of each appliance mean, told like the findings of a site."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from bot.diagnosis.causes import Judged, find_causes
from bot.diagnosis.followed import follow_messages
from bot.diagnosis.logfindings import LONGEST_SHOWN, NOBODY, find_in_logs, show_line
from bot.diagnosis.redact import redact
from bot.knowledge.knowledge import Knowledge
from bot.maillog.counts import Quarantine, Reason, Received, Sent, moment
from bot.maillog.outcome import ApplianceLog, LogsRead
from bot.model.finding import Finding
from bot.model.logs import LogPeer, LogQuarantine, LogReason, LogReceived, LogSent, LogSpan, LogsReport
from bot.model.report import Explanation, Fix, ReportedFinding
from bot.model.subject import Path


def report_logs(read: LogsRead, knowledge: Knowledge, language: str) -> LogsReport:
    """Everything that was read, with findings and fixes; `Unusable` for an unknown language."""
    logs = read.appliances
    judged = find_causes([*find_in_logs(logs)], knowledge)
    return LogsReport(
        language=language,
        files=tuple(file for log in logs for file in log.files),
        left_out=read.left_out,
        lines=sum(log.span.lines for log in logs),
        unrecognised=sum(log.tally.unrecognised for log in logs),
        unknown=tuple(show_line(line) for log in logs for line in log.tally.unknown_lines),
        span=LogSpan(
            first=min((log.span.first for log in logs if log.span.first), default=None),
            last=max((log.span.last for log in logs if log.span.last), default=None),
        ),
        sent=_sent(logs),
        received=_received(peer.received for log in logs for peer in log.tally.all_peers),
        quarantine=_quarantine(logs),
        peers=tuple(_tell_peers(logs)),
        reasons=tuple(_tell_reasons(logs)),
        followed=follow_messages(logs),
        findings=tuple(_tell(one, knowledge, language) for one in judged),
    )


def _sent(logs: Sequence[ApplianceLog]) -> LogSent:
    counted = Sent()
    for log in logs:
        for peer in log.tally.all_peers:
            counted += peer.sent
        counted.messages += log.tally.count_messages()
    return LogSent(**asdict(counted))


def _received(parts: Iterable[Received]) -> LogReceived:
    counted = Received()
    for part in parts:
        counted += part
    return LogReceived(**asdict(counted))


def _quarantine(logs: Sequence[ApplianceLog]) -> LogQuarantine:
    counted = Quarantine()
    for log in logs:
        counted += log.tally.quarantine
    return LogQuarantine(**asdict(counted))


def _tell_peers(logs: Sequence[ApplianceLog]) -> Iterator[LogPeer]:
    """The peers by address, those with most connections first."""
    known: dict[tuple[str | None, int], tuple[Sent, Received]] = {}
    for log in logs:
        for peer in log.tally.all_peers:
            sent, received = known.setdefault((peer.address, peer.port), (Sent(), Received()))
            sent += peer.sent
            sent.messages += peer.messages.count
            received += peer.received
    busiest = sorted(known.items(), key=lambda item: -item[1][0].connections - item[1][1].connections)
    for (address, port), (sent, received) in busiest:
        if address is not None or sent != Sent():
            yield LogPeer(
                address=address,
                port=port,
                sent=LogSent(**asdict(sent)),
                received=LogReceived(**asdict(received)),
            )


def _tell_reasons(logs: Sequence[ApplianceLog]) -> Iterator[LogReason]:
    """The reasons of all peers, the most frequent first, each with its first example."""
    known: dict[tuple[str, str], LogReason] = {}
    for log in logs:
        for reasons in (*(peer.reasons for peer in log.tally.all_peers), log.tally.faults):
            for reason in reasons.by_words.values():
                told, seen = _tell_reason(reason), known.get((reason.kind, reason.reason))
                known[reason.kind, reason.reason] = _together(seen, told) if seen else told
    yield from sorted(known.values(), key=lambda reason: -reason.count)


def _tell_reason(reason: Reason) -> LogReason:
    return LogReason(
        kind=reason.kind,
        reason=redact(reason.reason)[:LONGEST_SHOWN],
        count=reason.count,
        first=moment(reason.first),
        last=moment(reason.last),
        example=show_line(reason.example),
    )


def _together(one: LogReason, other: LogReason) -> LogReason:
    return one.model_copy(
        update={
            "count": one.count + other.count,
            "first": min(filter(None, (one.first, other.first)), default=None),
            "last": max(filter(None, (one.last, other.last)), default=None),
        }
    )


def _tell(judged: Judged, knowledge: Knowledge, language: str) -> ReportedFinding:
    finding = judged.finding
    description = knowledge.describe(finding, language)
    return ReportedFinding(
        id=finding.id,
        severity=finding.severity,
        role="cause" if judged.is_cause else "consequence",
        explained_by=tuple(
            Explanation(id=cause.id, subject=_subject(cause)) for cause in judged.explained_by
        ),
        subject=_subject(finding),
        title=description.title,
        why=description.why,
        details=dict(finding.details),
        evidence=finding.evidence,
        fixes=tuple(_by_hand(fix, knowledge, language) for fix in description.fixes),
    )


def _subject(finding: Finding) -> str:
    """The peer, `ADDRESS:PORT`; the appliance itself for what concerns no peer."""
    subject = finding.subject
    if not isinstance(subject, Path):
        return str(subject)
    ends = (
        (subject.sender, subject.receiver)
        if finding.id == "log.receiver.rejected"
        else (subject.receiver, subject.sender)
    )
    return str(ends[0] if ends[0].name != NOBODY else ends[1])


def _by_hand(fix: Fix, knowledge: Knowledge, language: str) -> Fix:
    """Nobody is logged in anywhere: what the bot could do elsewhere is done by hand here."""
    if fix.applicability == "manual":
        return fix
    because = knowledge.words(language).not_applied
    return fix.model_copy(update={"applicability": "manual", "approvals": 0, "because": because})
