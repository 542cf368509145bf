"""The report on log files for a terminal."""

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from bot.model.logs import LogsReport
from bot.render.indent import Indented
from bot.render.logs_parts import Rows, count_rows, followed_rows, is_untold, outcome, reason_rows, told_span
from bot.render.logs_words import LogWords
from bot.render.prose import Look
from bot.render.sections import divide_findings
from bot.render.signs import VERDICT
from bot.render.terminal_finding import show_cause, show_consequence

WIDEST = 120


def render_logs_text(report: LogsReport, console: Console, verbose: bool = False) -> None:
    """Prints the report; `verbose` adds all evidence and the lines of unknown form."""
    for part in _parts(report, Look.of(console, report.language), verbose):
        console.print(part, width=min(console.width, WIDEST))


def _parts(report: LogsReport, look: Look, verbose: bool) -> Iterator[RenderableType]:
    words = LogWords(report.language)
    wrong = any(finding.counts for finding in report.findings)
    mark = VERDICT["broken" if wrong else "unknown" if is_untold(report) else "healthy"]
    said = look.verbatim(f"{words.say('title')}: {outcome(report, words)}", "bold")
    yield Text.assemble(look.sign(mark), " ", said)
    yield Indented(look.verbatim(told_span(report, words)), 2)
    if report.left_out:
        yield Indented(look.verbatim(words.say("left-out", files=", ".join(report.left_out)), "dim"), 2)
    yield from _findings(report, look, verbose)
    yield from _section(words.say("counts"), count_rows(report, words), look)
    if report.reasons:
        yield from _section(words.say("reasons"), reason_rows(report, words), look)
    if report.followed:
        yield from _section(words.say("followed"), followed_rows(report, words), look)
    if report.unrecognised:
        yield _heading(words.say("unknown", count=report.unrecognised), look)
        yield Indented(look.verbatim("\n".join(report.unknown if verbose else report.unknown[:1])), 2)


def _findings(report: LogsReport, look: Look, verbose: bool) -> Iterator[RenderableType]:
    causes, consequences, notes = divide_findings(report.findings)
    if causes:
        yield _heading(look.words.count("causes", len(causes)), look)
    for finding in causes:
        yield from show_cause(finding, look, verbose)
        yield Text()
    if consequences:
        yield _heading(look.words.count("consequences", len(consequences)), look)
    for finding in consequences:
        yield from show_consequence(finding, causes, look, verbose)
    if notes:
        yield _heading(look.words.say("notes"), look)
    for finding in notes:
        yield from show_cause(finding, look, verbose)


def _section(title: str, rows: Rows, look: Look) -> Iterator[RenderableType]:
    table = Table.grid(padding=(0, 2, 0, 0))
    width = max(len(row) for row in rows)
    for number, row in enumerate(rows):
        cells = [*row, *[""] * (width - len(row))]
        table.add_row(*(look.verbatim(cell, "" if number else "dim") for cell in cells))
    yield _heading(title, look)
    yield Indented(table, 2)


def _heading(title: str, look: Look) -> RenderableType:
    return Indented(look.verbatim(title, "bold underline"), 0, apart=True)
