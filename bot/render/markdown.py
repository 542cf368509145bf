"""The report for a ticket, as one Markdown document."""

import re
from collections.abc import Iterator

from bot.model.finding import Evidence, Status
from bot.model.report import Fix, Report, ReportedFinding
from bot.render.json import format_time
from bot.render.marks import Kind, split_marks
from bot.render.neutral import neutralise
from bot.render.sections import divide, group_by_reason
from bot.render.words import Words, tell_explanation, tell_line

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&@!])")


def render_markdown(report: Report) -> str:
    """The report as one Markdown document that ends with a newline."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: Report) -> Iterator[str]:
    words = Words(report.language)
    started = words.say("started", time=format_time(report.started), run=report.id)
    yield f"# {escape(report.site)}: {words.verdict(report.verdict)}, {words.meaning(report)}"
    yield from ("", f"{words.impact(report.impact)} {started}".strip())
    causes, consequences, notes = divide(report)
    for title, findings in ((words.count("causes", len(causes)), causes), (words.say("notes"), notes)):
        if findings:
            yield from ("", f"## {title}")
        for finding in findings:
            yield from tell_finding(finding, words)
    yield from tell_consequences(consequences, causes, words)
    yield from _paths(report, words)
    yield from _open_ends(report, words)
    yield from _coverage(report, words)
    yield from ("", words.checks(report))


def tell_finding(finding: ReportedFinding, words: Words) -> Iterator[str]:
    """A finding in full, below a heading of its own."""
    yield from ("", f"### {prose(finding.title)}", "")
    yield f"{code(finding.id)}, {words.state(finding)}, {code(finding.subject)}"
    yield from ("", prose(finding.why))
    for evidence in finding.evidence:
        yield from _evidence(evidence, words)
    for fix in finding.fixes:
        yield from tell_fix(fix, finding.subject, words)


def _evidence(evidence: Evidence, words: Words) -> Iterator[str]:
    command, appliance = code(evidence.command), code(evidence.appliance)
    yield from (
        "",
        words.say("asked", command=command, appliance=appliance, time=format_time(evidence.at)),
        "",
    )
    yield from _block(evidence.excerpt.splitlines())


def tell_fix(fix: Fix, subject: str, words: Words, depth: int = 4) -> Iterator[str]:
    """A fix in full, for a finding at `subject`, below a heading of `depth`."""
    yield from (
        "",
        f"{'#' * depth} {words.say('fix')}{prose(fix.title)}",
        "",
        f"{escape(words.way(fix))}.",
        "",
    )
    if fix.because:
        yield from (prose(fix.because), "")
    yield from (f"{number}. {prose(step)}" for number, step in enumerate(fix.steps, start=1))
    for title, lines in ((words.lines(fix, subject), fix.commands), (words.say("undo"), fix.undo)):
        if lines:
            yield from ("", f"{escape(title)}:", "")
            yield from _block([tell_line(line) for line in lines])
    if fix.effect:
        yield from ("", prose(fix.effect))
    yield from ("", f"{words.say('source')}{escape(fix.source)}")


def tell_consequences(
    findings: tuple[ReportedFinding, ...], causes: tuple[ReportedFinding, ...], words: Words
) -> Iterator[str]:
    """The consequences, one a line, below a heading of their own."""
    if findings:
        yield from ("", f"## {words.count('consequences', len(findings))}", "")
    for finding in findings:
        told = f"{prose(finding.title)} ({code(finding.id)})"
        yield f"- {words.say('because', finding=told, causes=code(tell_explanation(finding, causes)))}"


def _paths(report: Report, words: Words) -> Iterator[str]:
    if report.paths:
        yield from ("", f"## {words.say('paths')}", "")
        yield from (f"| {words.say('paths.columns')} |", "|---|---|---|---|")
    for path in report.paths:
        kind, status = words.say(f"path.{path.kind}"), words.say(f"path.{path.status}")
        yield f"| {kind} | {escape(path.sender)} | {escape(path.receiver)} | {status} |"


def _open_ends(report: Report, words: Words) -> Iterator[str]:
    for status, title in ((Status.ERROR, "open"), (Status.SKIPPED, "skipped")):
        checks = [check for check in report.checks if check.status is status]
        if checks:
            yield from ("", f"## {words.say(title)}", "")
        for one in group_by_reason(checks):
            reason = prose(one.reason or words.say("no-reason"))
            ids = ", ".join(map(code, one.ids))
            alone = f"{ids} ({', '.join(map(code, one.subjects))}): {reason}"
            yield f"- {alone}" if len(one.ids) == 1 else f"- {reason}: {ids}"


def _coverage(report: Report, words: Words) -> Iterator[str]:
    if report.coverage.unlisted_peers:
        yield from ("", f"## {words.say('unlisted')}", "")
    yield from (f"- {code(peer)}" for peer in report.coverage.unlisted_peers)


def prose(text: str) -> str:
    """A sentence of ours: code stays code, names are emphasised, everything else is escaped."""
    return "".join(_mark(kind, piece) for kind, piece in split_marks(_one_line(text)))


def _mark(kind: Kind, piece: str) -> str:
    if kind == "code":
        return code(piece)
    return f"*{escape(piece)}*" if kind == "name" else escape(piece)


def escape(text: str) -> str:
    """Text on one line, nothing of which is Markdown."""
    return _SPECIAL.sub(r"\\\1", _one_line(text))


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", neutralise(text))


def code(text: str) -> str:
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
