"""What documents say of a report and its parts, as texts in one language."""

import datetime as dt
from collections.abc import Iterable

from bot.knowledge.voice import Voice
from bot.model.finding import Status
from bot.model.report import Fix, Impact, Report, ReportedFinding


def tell_meaning(report: Report, voice: Voice) -> str:
    """What the verdict means, in one clause."""
    failed = sum(path.status == "failed" for path in report.paths)
    return voice.say(f"meaning.{report.verdict}", failed=failed, paths=len(report.paths))


def tell_checks(report: Report, voice: Voice) -> str:
    """How many checks ended how, and how long all of it took."""
    statuses = [check.status for check in report.checks]
    ended = ", ".join(
        voice.count(f"ended.{status}", statuses.count(status)) for status in Status if status in statuses
    )
    only = voice.say("only", areas=", ".join(report.areas)) if report.areas else ""
    took = voice.count("checked", len(statuses), seconds=f"{report.seconds:.1f}", only=only)
    return f"{took}{': ' if ended else ''}{ended}."


def tell_impact(impact: Impact, voice: Voice) -> str:
    """What is known of the harm, as a sentence; empty when nothing waits or nothing is known."""
    parts = []
    if impact.waiting:
        parts.append(voice.count("waiting", impact.waiting))
    if impact.oldest_minutes:
        parts.append(voice.say("oldest", duration=duration(impact.oldest_minutes)))
    if impact.bounces_at is not None:
        parts.append(voice.say("bounces", time=moment(impact.bounces_at)))
    told = ", ".join(parts)
    return f"{told[0].upper()}{told[1:]}." if told else ""


def tell_way(fix: Fix, voice: Voice) -> str:
    """Who may do it and how risky it is."""
    approved = fix.applicability == "approval"
    way = voice.count("way.bot", fix.approvals) if approved else voice.say("way.hand")
    return f"{way}; {voice.say(f'risk.{fix.risk}')}"


def tell_where(fix: Fix, subject: str, voice: Voice) -> str:
    """What the lines of a fix are, and where they go: to the subject, or the sending end of its path."""
    where = subject.split(" -> ", 1)[0]
    return voice.say("lines.bot" if fix.applicability == "approval" else "lines.hand", appliance=where)


def tell_state(finding: ReportedFinding, voice: Voice) -> str:
    """Severity, and whether it is planned or accepted."""
    marks = [f"severity.{finding.severity}"]
    marks += ["planned"] if finding.planned else []
    marks += ["accepted"] if finding.accepted else []
    return ", ".join(voice.say(mark) for mark in marks)


def tell_explanation(finding: ReportedFinding, causes: Iterable[ReportedFinding]) -> str:
    """What a consequence comes from: the causes that explain it directly, else every link to them."""
    known = {(cause.id, cause.subject) for cause in causes}
    links = [(link.id, link.subject) for link in finding.explained_by]
    told = [link for link in links if link in known] or links
    return ", ".join(f"{finding_id} ({subject})" for finding_id, subject in told)


def tell_line(typed: str) -> str:
    """A line to send as people read it; an empty one is the Enter key."""
    return typed or "<Enter>"


def duration(minutes: int) -> str:
    """`45 min`, `1 h 37 min`, `2 d 6 h`."""
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        days, hours = divmod(hours, 24)
        return f"{days} d {hours} h"
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def moment(at: dt.datetime) -> str:
    """`2026-11-24 03:00 UTC`."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def format_time(at: dt.datetime) -> str:
    """`2026-11-24T03:00:00Z`; a time without a zone is UTC already."""
    utc = at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%SZ")
