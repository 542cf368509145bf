"""The report for a ticket, as one Markdown document."""

import re
from collections.abc import Iterator

from bot.model.finding import Evidence, Status
from bot.model.report import Fix, Report, ReportedFinding
from bot.render.json import format_time
from bot.render.marks import Kind, split_marks
from bot.render.neutral import neutralise
from bot.render.sections import divide
from bot.render.words import (
    count,
    meaning,
    tell_checks,
    tell_explanation,
    tell_impact,
    tell_line,
    tell_state,
    tell_way,
    title_lines,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&@!])")


def render_markdown(report: Report) -> str:
    """The report as one Markdown document that ends with a newline."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {_escape(report.site)}: {report.verdict}, {meaning(report)}"
    yield ""
    yield f"{tell_impact(report.impact)} Started {format_time(report.started)}, run {report.id}.".strip()
    causes, consequences, notes = divide(report)
    for title, findings in ((count(len(causes), "cause"), causes), ("To note", notes)):
        if findings:
            yield from ("", f"## {title}")
        for finding in findings:
            yield from _cause(finding)
    yield from _consequences(consequences, causes)
    yield from _paths(report)
    yield from _open_ends(report)
    yield from ("", tell_checks(report))


def _cause(finding: ReportedFinding) -> Iterator[str]:
    yield from ("", f"### {_prose(finding.title)}", "")
    yield f"{_code(finding.id)}, {tell_state(finding)}, {_code(finding.subject)}"
    yield from ("", _prose(finding.why))
    for evidence in finding.evidence:
        yield from _evidence(evidence)
    for fix in finding.fixes:
        yield from _fix(fix, finding)


def _evidence(evidence: Evidence) -> Iterator[str]:
    yield from (
        "",
        f"{_code(evidence.command)} on {_code(evidence.appliance)}, {format_time(evidence.at)}:",
        "",
    )
    yield from _block(evidence.excerpt.splitlines())


def _fix(fix: Fix, finding: ReportedFinding) -> Iterator[str]:
    yield from ("", f"#### Fix: {_prose(fix.title)}", "", f"{_escape(tell_way(fix))}.", "")
    if fix.because:
        yield from (_prose(fix.because), "")
    yield from (f"{number}. {_prose(step)}" for number, step in enumerate(fix.steps, start=1))
    for title, lines in (
        (title_lines(fix, finding), fix.commands),
        ("To take it back", fix.undo),
    ):
        if lines:
            yield from ("", f"{_escape(title)}:", "")
            yield from _block([tell_line(line) for line in lines])
    if fix.effect:
        yield from ("", _prose(fix.effect))
    yield from ("", f"Source: {_escape(fix.source)}")


def _consequences(
    findings: tuple[ReportedFinding, ...], causes: tuple[ReportedFinding, ...]
) -> Iterator[str]:
    if findings:
        yield from ("", "## Consequences", "")
    for finding in findings:
        because = _code(tell_explanation(finding, causes))
        yield f"- {_prose(finding.title)} ({_code(finding.id)}), because of {because}"


def _paths(report: Report) -> Iterator[str]:
    if report.paths:
        yield from ("", "## Paths", "", "| path | from | to | status |", "|---|---|---|---|")
    for path in report.paths:
        yield f"| {path.kind} | {_escape(path.sender)} | {_escape(path.receiver)} | {path.status} |"


def _open_ends(report: Report) -> Iterator[str]:
    for status, title in ((Status.ERROR, "Could not tell"), (Status.SKIPPED, "Skipped")):
        checks = [check for check in report.checks if check.status is status]
        if checks:
            yield from ("", f"## {title}", "")
        for check in checks:
            yield f"- {_code(check.id)} ({_code(check.subject)}): {_prose(check.reason or 'no reason given')}"


def _prose(text: str) -> str:
    """A sentence of ours: code stays code, names are emphasised, everything else is escaped."""
    return "".join(_mark(kind, piece) for kind, piece in split_marks(_one_line(text)))


def _mark(kind: Kind, piece: str) -> str:
    if kind == "code":
        return _code(piece)
    return f"*{_escape(piece)}*" if kind == "name" else _escape(piece)


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", _one_line(text))


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", neutralise(text))


def _code(text: str) -> str:
    """Inline code, fenced by more backticks than it holds."""
    line = _one_line(text)
    fence = _fence(line, 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _block(lines: list[str]) -> Iterator[str]:
    fence = _fence("\n".join(lines), 3)
    yield fence
    yield from (neutralise(line) for line in lines)
    yield fence


def _fence(text: str, least: int) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(least, longest + 1 if longest else 0)
