"""`pvo logs`: mail log files that people have, without asking any appliance."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.options import (
    UNTOLD,
    WRONG,
    Format,
    FormatOption,
    Language,
    LanguageOption,
    QuietOption,
    VerboseOption,
)
from bot.model.errors import Unusable

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.maillog.outcome import LogsRead
    from bot.model.logs import LogsReport

DRAWINGS = (".svg", ".png")


def logs(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Mail logs, also .gz, of any number of appliances; - = stdin."
        ),
    ],
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="TIME", help="Only from this time of the appliance on: 2026-11-24T03:00."
        ),
    ] = None,
    last: Annotated[
        str | None, typer.Option("--last", metavar="LENGTH", help="Only the end of the log: 15m, 2h, 3d.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65535, help="The CPQ port, where the lines do not show it."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Also draw CPQ over time: FILE.svg or FILE.png."),
    ] = None,
    form: FormatOption = Format.TEXT,
    language: LanguageOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
    ripgrep: Annotated[bool, typer.Option(hidden=True)] = True,
) -> None:
    """Analyses mail_logs files: what CPQ traffic there was, what went wrong, and what to do.

    Exit status: 0 nothing wrong, 1 something is wrong, 3 could not tell, 2 the call or a file is unusable.
    """
    from bot.commands.progress import Progress
    from bot.maillog.aside import begin_reader
    from bot.maillog.searchers import find_grep, find_ripgrep
    from bot.maillog.wanted import Wanted
    from bot.maillog.window import read_duration, read_time

    _expect_drawing(plot)
    if since and last:
        raise Unusable("--since and --last: give one of them, not both.")
    wanted = Wanted(
        paths=tuple(files),
        since=read_time(since) if since else None,
        last=read_duration(last) if last else None,
        port=port,
        series=plot is not None,
        searcher=(find_ripgrep() if ripgrep else None) or find_grep(),
    )
    shown = Progress(visible=sys.stderr.isatty() and not quiet)
    with (context.obj or begin_reader()).read(wanted, shown) as result:
        judge, show = _judge(language), _presenter(form, verbose=verbose)
        report = judge(read := result())
    shown.end()
    show(report)
    _draw(read, report.language, plot)
    raise typer.Exit(_exit_status(report))


alone = typer.Typer(name="pvo", pretty_exceptions_enable=False, add_completion=False)
"""`pvo` with this one command, which then need not wait until all others are loaded."""
alone.callback()(lambda: None)
alone.command()(logs)


def _judge(language: Language | None) -> "Callable[[LogsRead], LogsReport]":
    """What makes a report of what was read: loaded, as the presenter, while the files are read."""
    from bot.diagnosis.logfiles import report_logs
    from bot.knowledge.load import load
    from bot.locale import preferred_language

    told = language.value if language else preferred_language()
    knowledge = load(told)
    return lambda read: report_logs(read, knowledge, told)


def _presenter(form: Format, *, verbose: bool) -> "Callable[[LogsReport], None]":
    """What prints the report."""
    from bot.commands.output import presenter
    from bot.render.documents.logs import WIDEST, tell_logs

    present = presenter(form, WIDEST)
    return lambda report: present(report, tell_logs(report, verbose))


def _exit_status(report: "LogsReport") -> int:
    from bot.render.documents.logs import is_untold

    if any(finding.counts for finding in report.findings):
        return WRONG
    return UNTOLD if is_untold(report) else 0


def _expect_drawing(path: Path | None) -> None:
    if path is not None and path.suffix.lower() not in DRAWINGS:
        raise Unusable(f"--plot: {path} must end in {' or '.join(DRAWINGS)}.")


def _draw(read: "LogsRead", language: str, path: Path | None) -> None:
    if path is None:
        return
    from bot.commands.files import write_private
    from bot.maillog.series import together
    from bot.render.picture.series import draw_series

    series = together([log.tally.series for log in read.appliances if log.tally.series])
    png = path.suffix.lower() == ".png"
    write_private(path, draw_series(series.steps, series.minutes, language, png=png))
