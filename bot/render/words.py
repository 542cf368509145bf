"""The words and signs of a report for people; a sign never stands for its word, a colour never for either."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from bot.model.finding import Severity, Status
from bot.model.report import Fix, Impact, PathStatus, Report, ReportedFinding, Verdict


class Mark(NamedTuple):
    """A sign, its twin for terminals without Unicode, and a Rich style."""

    sign: str
    ascii: str
    style: str


_GOOD = Mark("✔", "+", "green")
_POOR = Mark("▲", "!", "yellow")
_BAD = Mark("✖", "x", "red")
_OPEN = Mark("?", "?", "magenta")
_NOTE = Mark("i", "i", "blue")

VERDICT: dict[Verdict, Mark] = {"healthy": _GOOD, "degraded": _POOR, "broken": _BAD, "unknown": _OPEN}
SEVERITY: dict[Severity, Mark] = {
    Severity.CRITICAL: _BAD,
    Severity.WARNING: _POOR,
    Severity.INFO: _NOTE,
}
PATH: dict[PathStatus, Mark] = {"ok": _GOOD, "failed": _BAD, "unknown": _OPEN}
STATUS: dict[Status, Mark] = {
    Status.PASSED: _GOOD,
    Status.FAILED: _BAD,
    Status.ERROR: _OPEN,
    Status.SKIPPED: Mark("-", "-", "dim"),
}

_ENDED: dict[Status, str] = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.ERROR: "could not tell",
    Status.SKIPPED: "skipped",
}

_MEANING: dict[Verdict, str] = {
    "healthy": "mail passes, nothing is wrong",
    "degraded": "mail passes, but something is wrong",
    "broken": "mail does not pass",
    "unknown": "could not tell whether mail passes",
}


def meaning(report: Report) -> str:
    """What the verdict means, in one clause."""
    return _MEANING[report.verdict]


def tell_checks(report: Report) -> str:
    """How many checks ended how, and how long all of it took."""
    statuses = [check.status for check in report.checks]
    ended = ", ".join(
        f"{statuses.count(status)} {word}" for status, word in _ENDED.items() if status in statuses
    )
    only = f", only {', '.join(report.areas)}" if report.areas else ""
    return f"{count(len(statuses), 'check')} in {report.seconds:.1f} s{only}{': ' if ended else ''}{ended}."


def count(number: int, noun: str) -> str:
    """`1 cause`, `2 causes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tell_impact(impact: Impact) -> str:
    """What is known of the harm, as a sentence; empty when nothing waits or nothing is known."""
    parts = []
    if impact.waiting:
        parts.append(f"{count(impact.waiting, 'recipient')} waiting")
    if impact.oldest_minutes:
        parts.append(f"the oldest for {duration(impact.oldest_minutes)}")
    if impact.bounces_at is not None:
        parts.append(f"bounces from {moment(impact.bounces_at)}")
    return ", ".join(parts) + "." if parts else ""


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


def tell_way(fix: Fix) -> str:
    """Who may do it and how risky it is."""
    approved = fix.applicability == "approval"
    way = f"The bot can do it after {count(fix.approvals, 'approval')}" if approved else "By hand"
    return f"{way}; risk {fix.risk}"


def title_lines(fix: Fix, finding: ReportedFinding) -> str:
    """What the lines of a fix are, and where they go: to the subject, or the sending end of its path."""
    where = finding.subject.split(" -> ", 1)[0]
    return f"The bot sends to {where}" if fix.applicability == "approval" else f"Type on {where}"


def tell_state(finding: ReportedFinding) -> str:
    """Severity, and whether it is planned or accepted."""
    marks = [finding.severity.value]
    marks += ["planned"] if finding.planned else []
    marks += ["accepted"] if finding.accepted else []
    return ", ".join(marks)


def tell_explanation(finding: ReportedFinding, causes: Iterable[ReportedFinding]) -> str:
    """What a consequence comes from: the causes that explain it directly, else every link to them."""
    known = {(cause.id, cause.subject) for cause in causes}
    links = [(link.id, link.subject) for link in finding.explained_by]
    told = [link for link in links if link in known] or links
    return ", ".join(f"{finding_id} ({subject})" for finding_id, subject in told)


def tell_line(line: str) -> str:
    """A line to send as people read it; an empty one is the Enter key."""
    return line or "<Enter>"
