"""The report for a terminal: the verdict, the causes with what to do, what follows from them, what stays open."""

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from bot.model.finding import Status
from bot.model.report import Report, ReportedCheck
from bot.render.indent import Indented
from bot.render.prose import Look
from bot.render.sections import Sections, divide, group_by_reason
from bot.render.signs import PATH, STATUS, VERDICT
from bot.render.terminal_finding import show_cause, show_consequence

WIDEST = 100


def render_text(report: Report, console: Console, verbose: bool = False) -> None:
    """Prints the report: at most WIDEST columns, without colour where the console has none.

    `verbose` adds all evidence, the reasons of consequences and every check.
    """
    for part in _parts(report, Look.of(console, report.language), verbose):
        console.print(part, width=min(console.width, WIDEST))


def _parts(report: Report, look: Look, verbose: bool) -> Iterator[RenderableType]:
    yield from _head(report, look)
    yield from _found(divide(report), look, verbose)
    yield from _paths(report, look)
    yield from _open_ends(report, look)
    yield from _checks(report, look, verbose)


def _head(report: Report, look: Look) -> Iterator[RenderableType]:
    mark = VERDICT[report.verdict]
    verdict = look.verbatim(look.words.verdict(report.verdict), f"bold {mark.style}")
    site = look.verbatim(f"{report.site}: {look.words.meaning(report)}", "bold")
    yield Text.assemble(look.sign(mark), " ", verdict, "  ", site)
    if impact := look.words.impact(report.impact):
        yield Indented(look.verbatim(impact), 2)


def _found(sections: Sections, look: Look, verbose: bool) -> Iterator[RenderableType]:
    causes, consequences, notes = sections
    if causes:
        yield _heading(look.words.count("causes", len(causes)), look)
        yield from _spaced(show_cause(finding, look, verbose) for finding in causes)
    if consequences:
        yield _heading(look.words.count("consequences", len(consequences)), look)
        for finding in consequences:
            yield from show_consequence(finding, causes, look, verbose)
    if notes:
        yield _heading(look.words.say("notes"), look)
        yield from _spaced(show_cause(finding, look, verbose) for finding in notes)


def _paths(report: Report, look: Look) -> Iterator[RenderableType]:
    if not report.paths:
        return
    yield _heading(look.words.say("paths"), look)
    table = _table()
    for path in report.paths:
        mark = PATH[path.status]
        way = look.verbatim(f"{path.sender} -> {path.receiver}")
        status = look.phrase(f"path.{path.status}", mark.style)
        table.add_row(look.sign(mark), status, look.phrase(f"path.{path.kind}"), way)
    yield Indented(table, 2)


def _open_ends(report: Report, look: Look) -> Iterator[RenderableType]:
    for status, title in ((Status.ERROR, "open"), (Status.SKIPPED, "skipped")):
        checks = [check for check in report.checks if check.status is status]
        if checks:
            yield _heading(look.words.say(title), look)
            yield from _list_checks(checks, look)
    if report.coverage.unlisted_peers:
        yield _heading(look.words.say("unlisted"), look)
        yield Indented(look.verbatim(", ".join(report.coverage.unlisted_peers)), 2)


def _checks(report: Report, look: Look, verbose: bool) -> Iterator[RenderableType]:
    if verbose:
        yield _heading(look.words.say("checks"), look)
        table = _table()
        for check in report.checks:
            mark = STATUS[check.status]
            status = look.phrase(f"status.{check.status}", mark.style)
            seconds = Text(f"{check.seconds:.1f} s", style="dim")
            table.add_row(look.sign(mark), status, Text(check.id), look.verbatim(check.subject), seconds)
        yield Indented(table, 2)
    yield Text()
    yield look.verbatim(look.words.checks(report), "dim")


def _list_checks(checks: list[ReportedCheck], look: Look) -> Iterator[RenderableType]:
    """A row for each check and reason; a reason that several checks share stands once, with their ids."""
    mark = look.sign(STATUS[checks[0].status])
    table, shared = _table(), _table()
    for one in group_by_reason(checks):
        reason = look.prose(one.reason or look.words.say("no-reason"))
        if len(one.ids) == 1:
            table.add_row(mark, Text(one.ids[0]), look.verbatim("\n".join(one.subjects)), reason)
        else:
            shared.add_row(mark, Text.assemble(reason, ": ", look.verbatim(", ".join(one.ids), "dim")))
    yield from (Indented(rows, 2) for rows in (table, shared) if rows.row_count)


def _table() -> Table:
    return Table.grid(padding=(0, 2, 0, 0))


def _heading(title: str, look: Look) -> RenderableType:
    return Indented(look.verbatim(title, "bold underline"), 0, apart=True)


def _spaced(blocks: Iterator[Iterator[RenderableType]]) -> Iterator[RenderableType]:
    for number, block in enumerate(blocks):
        if number:
            yield Text()
        yield from block
