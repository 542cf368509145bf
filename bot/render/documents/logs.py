"""The report on log files: the outcome, what was found, and what was counted."""

import datetime as dt
from collections.abc import Iterator, Sequence

from bot.knowledge.voice import Voice
from bot.model.logs import FollowedMessage, LogReceived, LogSent, LogsReport
from bot.render.documents.report import heading, tell_findings
from bot.render.documents.sections import divide_findings
from bot.render.tree import VERDICT, Code, Heading, Listing, Only, Part, Prose, Span, Table, line

WIDEST = 120
REASONS_SHOWN = 12
FOLLOWED_SHOWN = 10

Rows = list[list[str]]


def tell_logs(report: LogsReport, verbose: bool = False) -> Iterator[Part]:
    """In the language of the report; `verbose` adds, on a screen, all evidence and the lines of unknown form."""
    voice = Voice(report.language)
    wrong = any(finding.counts for finding in report.findings)
    sign = VERDICT["broken" if wrong else "unknown" if is_untold(report) else "healthy"]
    said = f"{voice.say('logs.title')}: {_outcome(report, wrong, voice)}"
    yield Heading(1, (Span(said, look="bold"),), sign, apart=False)
    yield Prose(line(_span(report, voice)))
    if report.left_out:
        left_out = voice.say("logs.left-out", files=", ".join(report.left_out))
        yield Prose((Span(left_out, look="dim"),))
    yield from tell_findings(divide_findings(report.findings), voice, verbose)
    yield from _section(voice.say("logs.counts"), _count_rows(report, voice))
    if report.reasons:
        yield from _section(voice.say("logs.reasons"), _reason_rows(report, voice))
    if report.followed:
        rows = [_columns("logs.followed.columns", voice), *map(_followed, report.followed[-FOLLOWED_SHOWN:])]
        yield from _section(voice.say("logs.followed"), rows)
    if report.unrecognised:
        count = voice.say("logs.unknown", count=report.unrecognised)
        shown = report.unknown if verbose else report.unknown[:1]
        yield Only("screen", (heading(count), Code(shown, indent=2)))
        unknown = Listing(tuple((Span(one, "code"),) for one in report.unknown))
        yield Only("print", (Prose((Span(count, "prose"),)), unknown))


def is_untold(report: LogsReport) -> bool:
    """Whether nothing can be concluded: nothing was read, or only lines about CPQ that nobody can read."""
    return not report.lines or (bool(report.unrecognised) and not report.active)


def _outcome(report: LogsReport, wrong: bool, voice: Voice) -> str:
    """The answer in one clause."""
    if wrong:
        return voice.say("logs.wrong")
    if not report.lines:
        return voice.say("logs.empty")
    return voice.say("logs.untold" if is_untold(report) else "logs.nothing")


def _span(report: LogsReport, voice: Voice) -> str:
    """How much was read, of which time, from which files."""
    return voice.say(
        "logs.read",
        lines=f"{report.lines:,}",
        first=_moment(report.span.first),
        last=_moment(report.span.last),
        files=", ".join(report.files),
    )


def _section(title: str, rows: Rows) -> Iterator[Part]:
    width = max(map(len, rows))
    head, *others = ([*row, *[""] * (width - len(row))] for row in rows)
    yield heading(title)
    yield Table(tuple(line(*row) for row in others), tuple(head))


def _columns(key: str, voice: Voice) -> list[str]:
    return voice.say(key).split(" | ")


def _count_rows(report: LogsReport, voice: Voice) -> Rows:
    """A heading, then one row a counter: its name, all peers, each peer."""
    peers = [f"{peer.address or '?'}:{peer.port}" for peer in report.peers]
    shown = report.peers if len(peers) > 1 else ()
    rows = [[voice.say("logs.peer"), voice.say("logs.all"), *(peers if shown else [])]]
    rows += _counted(voice, "sent", report.sent, [peer.sent for peer in shown])
    rows += _counted(voice, "received", report.received, [peer.received for peer in shown])
    for name, number in report.quarantine.model_dump().items():
        rows.append([f"{voice.say('logs.quarantine')}: {voice.say(f'logs.{name}')}", f"{number:,}"])
    return rows


def _counted(
    voice: Voice, what: str, total: LogSent | LogReceived, parts: Sequence[LogSent | LogReceived]
) -> Rows:
    return [
        [
            f"{voice.say(f'logs.{what}')}: {voice.say(f'logs.{name}')}",
            *(f"{getattr(part, name):,}" for part in (total, *parts)),
        ]
        for name in type(total).model_fields
    ]


def _reason_rows(report: LogsReport, voice: Voice) -> Rows:
    """A heading, then the most frequent reasons."""
    return [
        _columns("logs.reasons.columns", voice),
        *(
            [reason.kind, f"{reason.count:,}", reason.reason, _moment(reason.first), _moment(reason.last)]
            for reason in report.reasons[:REASONS_SHOWN]
        ),
    ]


def _followed(message: FollowedMessage) -> list[str]:
    mid, sma_mid, new_mid = (
        "" if mid is None else str(mid) for mid in (message.mid, message.sma_mid, message.new_mid)
    )
    enqueued, left, returned = map(_moment, (message.enqueued, message.left, message.returned))
    return [message.esa, mid, enqueued, sma_mid, left, message.how or "", new_mid, returned]


def _moment(at: dt.datetime | None) -> str:
    """`2026-11-24 03:00:01`, the appliance's time."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "?"
