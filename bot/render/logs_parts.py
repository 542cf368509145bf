"""What the text and the Markdown on log files both show: the outcome, and its tables as rows of text."""

import datetime as dt

from bot.model.logs import FollowedMessage, LogReceived, LogSent, LogsReport
from bot.render.logs_words import LogWords

REASONS_SHOWN = 12
FOLLOWED_SHOWN = 10

Rows = list[list[str]]


def outcome(report: LogsReport, words: LogWords) -> str:
    """The answer in one clause."""
    if any(finding.counts for finding in report.findings):
        return words.say("wrong")
    if not report.lines:
        return words.say("empty")
    return words.say("untold" if is_untold(report) else "nothing")


def is_untold(report: LogsReport) -> bool:
    """Whether nothing can be concluded: nothing was read, or only lines about CPQ that nobody can read."""
    return not report.lines or (bool(report.unrecognised) and not report.active)


def told_span(report: LogsReport, words: LogWords) -> str:
    """How much was read, of which time, from which files."""
    return words.say(
        "read",
        lines=f"{report.lines:,}",
        first=moment(report.span.first),
        last=moment(report.span.last),
        files=", ".join(report.files),
    )


def count_rows(report: LogsReport, words: LogWords) -> Rows:
    """A heading, then one row a counter: its name, all peers, each peer."""
    peers = [f"{peer.address or '?'}:{peer.port}" for peer in report.peers]
    rows = [[words.say("peer"), words.say("all"), *(peers if len(peers) > 1 else [])]]
    shown = report.peers if len(peers) > 1 else ()
    rows += _counted(words, "sent", report.sent, [peer.sent for peer in shown])
    rows += _counted(words, "received", report.received, [peer.received for peer in shown])
    for name, number in report.quarantine.model_dump().items():
        rows.append([f"{words.say('quarantine')}: {words.say(name)}", f"{number:,}"])
    return rows


def _counted(
    words: LogWords, what: str, total: LogSent | LogReceived, parts: list[LogSent] | list[LogReceived]
) -> Rows:
    return [
        [f"{words.say(what)}: {words.say(name)}", *(f"{getattr(part, name):,}" for part in (total, *parts))]
        for name in type(total).model_fields
    ]


def reason_rows(report: LogsReport, words: LogWords) -> Rows:
    """A heading, then the most frequent reasons."""
    return [
        words.say("reasons.columns").split(" | "),
        *(
            [reason.kind, f"{reason.count:,}", reason.reason, moment(reason.first), moment(reason.last)]
            for reason in report.reasons[:REASONS_SHOWN]
        ),
    ]


def followed_rows(report: LogsReport, words: LogWords) -> Rows:
    """A heading, then the newest messages."""
    newest = report.followed[-FOLLOWED_SHOWN:]
    return [words.say("followed.columns").split(" | "), *map(_followed, newest)]


def _followed(message: FollowedMessage) -> list[str]:
    mids = [str(mid) if mid is not None else "" for mid in (message.mid, message.sma_mid, message.new_mid)]
    return [
        message.esa,
        mids[0],
        moment(message.enqueued),
        mids[1],
        moment(message.left),
        message.how or "",
        mids[2],
        moment(message.returned),
    ]


def moment(at: dt.datetime | None) -> str:
    """`2026-11-24 03:00:01`, the appliance's time."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "?"
