"""`pvo check` and `pvo replay`: a site diagnosed from its appliances, or from a capture of them."""

import asyncio
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot import wiring
from bot.commands.files import expect_writable, read_capture, write_capture, write_private
from bot.commands.options import (
    Format,
    FormatOption,
    InventoryOption,
    LanguageOption,
    PictureOption,
    QuietOption,
    VerboseOption,
    exit_status,
    log_level,
    spoken,
)
from bot.commands.output import presenter
from bot.diagnosis.diagnose import Diagnosis, Order
from bot.model.errors import Unusable
from bot.model.report import Report

DRAWINGS = (".svg", ".png")


def check(
    site: Annotated[str, typer.Argument(metavar="SITE", help="A site of the inventory.")],
    inventory: InventoryOption = None,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="AREA[,AREA]", help="connectivity, setup, tls, queue, log."),
    ] = None,
    capture: Annotated[
        Path | None,
        typer.Option(
            "--capture", metavar="FILE", help="Also keep everything asked and answered, for replay."
        ),
    ] = None,
    picture: PictureOption = None,
    form: FormatOption = Format.TEXT,
    language: LanguageOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Diagnoses a site in the terminal, without Slack or Redis.

    Exit status: 0 nothing wrong, 1 something is wrong, 3 could not tell, 2 the call or a file is unusable.
    """
    settings = wiring.settings_for(level=log_level(quiet))
    expect_writable(capture)
    _expect_drawing(picture)
    path = wiring.find_inventory(settings, inventory)
    order = wiring.terminal_order(path, site, _areas(only), spoken(language, settings))
    shown = _Progress(order, visible=sys.stderr.isatty() and not quiet)
    diagnosis = asyncio.run(wiring.check_site(order, shown))
    shown.end()
    show_report(diagnosis.report, form, verbose=verbose)
    _keep(order, diagnosis, capture)
    _draw(diagnosis.report, picture)
    raise typer.Exit(exit_status(diagnosis.report))


def replay(
    capture: Annotated[Path, typer.Argument(metavar="CAPTURE", help="A file of pvo check --capture.")],
    picture: PictureOption = None,
    form: FormatOption = Format.TEXT,
    language: LanguageOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Diagnoses again from a capture, without touching any appliance.

    Exit status: 0 nothing wrong, 1 something is wrong, 3 could not tell, 2 the call or a file is unusable.
    """
    settings = wiring.settings_for(level=log_level(quiet))
    _expect_drawing(picture)
    report = asyncio.run(wiring.replay(read_capture(capture), spoken(language, settings)))
    show_report(report, form, verbose=verbose)
    _draw(report, picture)
    raise typer.Exit(exit_status(report))


def show_report(report: Report, form: Format, *, verbose: bool = False) -> None:
    """Prints the report on stdout."""
    from bot.render.documents.report import tell_report

    presenter(form)(report, tell_report(report, verbose))


def _areas(only: str | None) -> tuple[str, ...]:
    from bot.checks import discover

    known = sorted({check.area for check in discover()})
    areas = tuple(area.strip() for area in (only or "").split(",") if area.strip())
    for area in areas:
        if area not in known:
            raise Unusable(f"--only: there is no area {area!r} (known: {', '.join(known)}).")
    return areas


def _keep(order: Order, diagnosis: Diagnosis, path: Path | None) -> None:
    if path is None:
        return
    from bot.diagnosis.replay import make_capture

    write_capture(path, make_capture(order, diagnosis, installed_version("pvo")))


def _expect_drawing(path: Path | None) -> None:
    expect_writable(path)
    if path is not None and path.suffix.lower() not in DRAWINGS:
        raise Unusable(f"--picture: {path} must end in {' or '.join(DRAWINGS)}.")
    if path is not None and path.suffix.lower() == ".png":
        from bot.render.picture.draw import expect_pillow

        expect_pillow()


def _draw(report: Report, path: Path | None) -> None:
    if path is None:
        return
    from bot.render.picture.draw import draw_png, draw_svg

    drawn = draw_png(report) if path.suffix.lower() == ".png" else draw_svg(report).encode()
    write_private(path, drawn)


class _Progress:
    """One line on stderr while checks run."""

    def __init__(self, order: Order, *, visible: bool) -> None:
        from bot.knowledge.voice import Voice

        self._voice, self._site = Voice(order.language), order.site
        asking = self._voice.say("asking", site=order.site)
        self._status = Console(stderr=True).status(asking) if visible else None
        if self._status:
            self._status.start()

    async def __call__(self, done: int, total: int) -> None:
        if self._status:
            self._status.update(self._voice.say("progress", site=self._site, done=done, total=total))

    def end(self) -> None:
        if self._status:
            self._status.stop()
