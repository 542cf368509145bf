"""The report for a terminal: the verdict, the causes with what to do, what follows from them, what stays open."""

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from bot.model.finding import Status
from bot.model.report import Report, ReportedCheck
from bot.render.indent import Indented
from bot.render.prose import Look
from bot.render.sections import Sections, divide
from bot.render.terminal_finding import show_cause, show_consequence
from bot.render.words import PATH, STATUS, VERDICT, count, meaning, tell_checks, tell_impact

WIDEST = 100


def render_text(report: Report, console: Console, verbose: bool = False) -> None:
    """Prints the report: at most WIDEST columns, without colour where the console has none.

    `verbose` adds all evidence, the reasons of consequences and every check.
    """
    for part in _parts(report, Look.of(console), verbose):
        console.print(part, width=min(console.width, WIDEST))


def _parts(report: Report, look: Look, verbose: bool) -> Iterator[RenderableType]:
    yield from _head(report, look)
    yield from _found(divide(report), look, verbose)
    yield from _paths(report, look)
    yield from _open_ends(report, look)
    yield from _checks(report, look, verbose)


def _head(report: Report, look: Look) -> Iterator[RenderableType]:
    mark = VERDICT[report.verdict]
    verdict = Text(report.verdict, style=f"bold {mark.style}")
    site = look.verbatim(f"{report.site}: {meaning(report)}", "bold")
    yield Text.assemble(look.sign(mark), " ", verdict, "  ", site)
    if impact := tell_impact(report.impact):
        yield Indented(Text(impact), 2)


def _found(sections: Sections, look: Look, verbose: bool) -> Iterator[RenderableType]:
    causes, consequences, notes = sections
    if causes:
        yield _heading("The cause" if len(causes) == 1 else f"{len(causes)} causes")
        yield from _spaced(show_cause(finding, look, verbose) for finding in causes)
    if consequences:
        yield _heading(f"{count(len(consequences), 'consequence')} of the above")
        for finding in consequences:
            yield from show_consequence(finding, causes, look, verbose)
    if notes:
        yield _heading("To note")
        yield from _spaced(show_cause(finding, look, verbose) for finding in notes)


def _paths(report: Report, look: Look) -> Iterator[RenderableType]:
    if not report.paths:
        return
    yield _heading("Paths")
    table = _table()
    for path in report.paths:
        mark = PATH[path.status]
        way = look.verbatim(f"{path.sender} -> {path.receiver}")
        table.add_row(look.sign(mark), Text(path.status, style=mark.style), Text(path.kind), way)
    yield Indented(table, 2)


def _open_ends(report: Report, look: Look) -> Iterator[RenderableType]:
    for status, title in ((Status.ERROR, "Could not tell"), (Status.SKIPPED, "Skipped")):
        checks = [check for check in report.checks if check.status is status]
        if checks:
            yield _heading(title)
            yield from _list_checks(checks, look)
    if report.coverage.unlisted_peers:
        yield _heading("Registered on the appliances, but in no site of the inventory")
        yield Indented(look.verbatim(", ".join(report.coverage.unlisted_peers)), 2)


def _checks(report: Report, look: Look, verbose: bool) -> Iterator[RenderableType]:
    if verbose:
        yield _heading("Checks")
        table = _table()
        for check in report.checks:
            mark = STATUS[check.status]
            status = Text(check.status.value, style=mark.style)
            seconds = Text(f"{check.seconds:.1f} s", style="dim")
            table.add_row(look.sign(mark), status, Text(check.id), look.verbatim(check.subject), seconds)
        yield Indented(table, 2)
    yield Text()
    yield Text(tell_checks(report), style="dim")


def _list_checks(checks: list[ReportedCheck], look: Look) -> Iterator[RenderableType]:
    """One row a check and reason; subjects with the same reason share it."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for check in checks:
        grouped.setdefault((check.id, check.reason or "no reason given"), []).append(check.subject)
    table = _table()
    for (check_id, reason), subjects in grouped.items():
        mark = look.sign(STATUS[checks[0].status])
        told = look.prose(reason)
        table.add_row(mark, Text(check_id), look.verbatim("\n".join(subjects)), told)
    yield Indented(table, 2)


def _table() -> Table:
    return Table.grid(padding=(0, 2, 0, 0))


def _heading(title: str) -> RenderableType:
    return Indented(Text(title, style="bold underline"), 0, apart=True)


def _spaced(blocks: Iterator[Iterator[RenderableType]]) -> Iterator[RenderableType]:
    for number, block in enumerate(blocks):
        if number:
            yield Text()
        yield from block
