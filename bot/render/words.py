"""A report in the words of one language: what stands beside the texts of the findings."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from bot.model.finding import Status
from bot.model.report import Fix, Impact, Report, ReportedFinding, Verdict
from bot.render.phrases import PHRASES


@dataclass(frozen=True, slots=True)
class Words:
    """Speaks one language; KeyError for a language that has no table of phrases."""

    language: str

    def say(self, key: str, /, **values: object) -> str:
        """The phrase `key` with its placeholders filled; KeyError for a phrase that does not exist."""
        return PHRASES[self.language][key].format(**values)

    def count(self, thing: str, number: int, **values: object) -> str:
        """ "1 check in …", "2 checks in …": a phrase that depends on a number."""
        return self.say(f"{thing}.{'one' if number == 1 else 'many'}", count=number, **values)

    def verdict(self, verdict: Verdict) -> str:
        """The verdict's word; the English one, which scripts look for, stays beside that of another language."""
        word = self.say(f"verdict.{verdict}")
        return word if word == verdict else f"{word} ({verdict})"

    def meaning(self, report: Report) -> str:
        """What the verdict means, in one clause."""
        failed = sum(path.status == "failed" for path in report.paths)
        return self.say(f"meaning.{report.verdict}", failed=failed, paths=len(report.paths))

    def checks(self, report: Report) -> str:
        """How many checks ended how, and how long all of it took."""
        statuses = [check.status for check in report.checks]
        ended = ", ".join(
            self.count(f"ended.{status}", statuses.count(status)) for status in Status if status in statuses
        )
        only = self.say("only", areas=", ".join(report.areas)) if report.areas else ""
        took = self.count("checked", len(statuses), seconds=f"{report.seconds:.1f}", only=only)
        return f"{took}{': ' if ended else ''}{ended}."

    def impact(self, impact: Impact) -> str:
        """What is known of the harm, as a sentence; empty when nothing waits or nothing is known."""
        parts = []
        if impact.waiting:
            parts.append(self.count("waiting", impact.waiting))
        if impact.oldest_minutes:
            parts.append(self.say("oldest", duration=duration(impact.oldest_minutes)))
        if impact.bounces_at is not None:
            parts.append(self.say("bounces", time=moment(impact.bounces_at)))
        told = ", ".join(parts)
        return f"{told[0].upper()}{told[1:]}." if told else ""

    def way(self, fix: Fix) -> str:
        """Who may do it and how risky it is."""
        approved = fix.applicability == "approval"
        way = self.count("way.bot", fix.approvals) if approved else self.say("way.hand")
        return f"{way}; {self.say(f'risk.{fix.risk}')}"

    def lines(self, fix: Fix, subject: str) -> str:
        """What the lines of a fix are, and where they go: to the subject, or the sending end of its path."""
        where = subject.split(" -> ", 1)[0]
        return self.say("lines.bot" if fix.applicability == "approval" else "lines.hand", appliance=where)

    def state(self, finding: ReportedFinding) -> str:
        """Severity, and whether it is planned or accepted."""
        marks = [f"severity.{finding.severity}"]
        marks += ["planned"] if finding.planned else []
        marks += ["accepted"] if finding.accepted else []
        return ", ".join(self.say(mark) for mark in marks)


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


def tell_explanation(finding: ReportedFinding, causes: Iterable[ReportedFinding]) -> str:
    """What a consequence comes from: the causes that explain it directly, else every link to them."""
    known = {(cause.id, cause.subject) for cause in causes}
    links = [(link.id, link.subject) for link in finding.explained_by]
    told = [link for link in links if link in known] or links
    return ", ".join(f"{finding_id} ({subject})" for finding_id, subject in told)


def tell_line(line: str) -> str:
    """A line to send as people read it; an empty one is the Enter key."""
    return line or "<Enter>"
