"""The report on log files for a ticket, as one Markdown document."""

from collections.abc import Iterator

from bot.model.logs import LogsReport
from bot.render.logs_parts import Rows, count_rows, followed_rows, outcome, reason_rows, told_span
from bot.render.logs_words import LogWords
from bot.render.markdown import code, escape, prose, tell_consequences, tell_finding
from bot.render.sections import divide_findings
from bot.render.words import Words


def render_logs_markdown(report: LogsReport) -> str:
    """The report as one Markdown document that ends with a newline."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: LogsReport) -> Iterator[str]:
    words, common = LogWords(report.language), Words(report.language)
    yield f"# {words.say('title')}: {outcome(report, words)}"
    yield from ("", escape(told_span(report, words)))
    if report.left_out:
        yield from ("", escape(words.say("left-out", files=", ".join(report.left_out))))
    causes, consequences, notes = divide_findings(report.findings)
    for title, findings in ((common.count("causes", len(causes)), causes), (common.say("notes"), notes)):
        if findings:
            yield from ("", f"## {title}")
        for finding in findings:
            yield from tell_finding(finding, common)
    yield from tell_consequences(consequences, causes, common)
    yield from _table(words.say("counts"), count_rows(report, words))
    if report.reasons:
        yield from _table(words.say("reasons"), reason_rows(report, words))
    if report.followed:
        yield from _table(words.say("followed"), followed_rows(report, words))
    if report.unrecognised:
        yield from ("", prose(words.say("unknown", count=report.unrecognised)), "")
        yield from (f"- {code(line)}" for line in report.unknown)


def _table(title: str, rows: Rows) -> Iterator[str]:
    width = max(map(len, rows))
    yield from ("", f"## {title}", "")
    for number, row in enumerate(rows):
        yield f"| {' | '.join(map(escape, [*row, *[''] * (width - len(row))]))} |"
        if not number:
            yield "|" + "---|" * width
