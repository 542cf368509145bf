"""The `pvo` command."""

import asyncio
import sys
import tempfile
import webbrowser
from enum import StrEnum
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot import wiring
from bot.diagnosis.diagnose import Order
from bot.model.errors import Unusable
from bot.model.report import Report
from bot.settings import environment, preferred_language

app = typer.Typer(
    name="pvo",
    help="Finds out why mail is stuck between Cisco ESAs and their central PVO quarantine, and says what to do.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

WRONG, UNUSABLE, UNTOLD = 1, 2, 3


class Format(StrEnum):
    """How a report is printed."""

    TEXT = "text"
    JSON = "json"


class Language(StrEnum):
    """The languages that texts for people may come in."""

    EN = "en"
    ES = "es"


InventoryOption = Annotated[
    Path | None,
    typer.Option("--inventory", metavar="FILE", help="The inventory, sites.toml (or PVO_INVENTORY)."),
]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pvo {installed_version('pvo')}")
        raise typer.Exit


@app.callback()
def pvo(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """Finds out why mail is stuck between Cisco ESAs and their central PVO quarantine, and says what to do."""


@app.command()
def check(
    site: Annotated[str, typer.Argument(metavar="SITE", help="A site of the inventory.")],
    inventory: InventoryOption = None,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="AREA[,AREA]", help="connectivity, setup, tls, queue, log."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to print the report.")] = Format.TEXT,
    language: Annotated[Language | None, typer.Option("--language", help="Language of the texts.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but the report.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Print every check and all evidence.")] = False,
) -> None:
    """Diagnoses a site in the terminal, without Slack or Redis.

    Exit status: 0 nothing wrong, 1 something is wrong, 3 could not tell, 2 the call or a file is unusable.
    """
    from bot.render.json import render_json
    from bot.render.terminal import render_text

    settings = wiring.settings_for()
    spoken = language.value if language else preferred_language(settings)
    path = wiring.find_inventory(settings, inventory)
    order = wiring.terminal_order(path, site, _areas(only), spoken)
    shown = _Progress(order, visible=sys.stderr.isatty() and not quiet)
    report = asyncio.run(wiring.check_site(order, shown)).report
    shown.end()
    if form is Format.JSON:
        typer.echo(render_json(report))
    else:
        render_text(report, Console(highlight=False), verbose=verbose)
    raise typer.Exit(exit_status(report))


@app.command()
def lab(
    fault: Annotated[
        list[str] | None,
        typer.Option("--fault", metavar="NAME", help="A fault to start with; may be repeated."),
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option("--dir", metavar="DIR", help="Where to write the inventory; a new one by default."),
    ] = None,
) -> None:
    """Runs only the simulated appliances of site-a, until Ctrl-C, and prints the inventory that reaches them."""
    wiring.settings_for()
    with tempfile.TemporaryDirectory(prefix="pvo-lab-") as temporary:
        asyncio.run(_run_lab(directory or Path(temporary), fault or []))


@app.command()
def demo(
    port: Annotated[
        int, typer.Option("--port", help="Port of the page on 127.0.0.1; 0 = any free one.")
    ] = 8025,
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Runs the whole product on this machine until Ctrl-C: appliances, Redis, a Slack workspace, app and workers."""
    wiring.settings_for()
    asyncio.run(_run_demo(port, show))


@app.command("app")
def slack_app(inventory: InventoryOption = None) -> None:
    """Runs the Slack app: the only process that holds Slack tokens."""
    settings = wiring.settings_for("slack_bot_token", "slack_app_token", "redis_url")
    asyncio.run(wiring.run_app(settings, wiring.find_inventory(settings, inventory)))


@app.command()
def worker(inventory: InventoryOption = None) -> None:
    """Takes jobs from Redis and runs them; any number, anywhere."""
    settings = wiring.settings_for("redis_url")
    asyncio.run(wiring.run_worker(settings, wiring.find_inventory(settings, inventory)))


def exit_status(report: Report) -> int:
    """0 nothing wrong, 1 something is wrong, 3 could not tell."""
    if any(finding.counts for finding in report.findings):
        return WRONG
    return UNTOLD if report.verdict == "unknown" else 0


def _areas(only: str | None) -> tuple[str, ...]:
    from bot.checks import discover

    known = sorted({check.area for check in discover()})
    areas = tuple(area.strip() for area in (only or "").split(",") if area.strip())
    for area in areas:
        if area not in known:
            raise Unusable(f"--only: there is no area {area!r} (known: {', '.join(known)}).")
    return areas


class _Progress:
    """One line on stderr while checks run."""

    def __init__(self, order: Order, *, visible: bool) -> None:
        from bot.render.words import Words

        self._words, self._site = Words(order.language), order.site
        asking = self._words.say("asking", site=order.site)
        self._status = Console(stderr=True).status(asking) if visible else None
        if self._status:
            self._status.start()

    async def __call__(self, done: int, total: int) -> None:
        if self._status:
            self._status.update(self._words.say("progress", site=self._site, done=done, total=total))

    def end(self) -> None:
        if self._status:
            self._status.stop()


async def _run_lab(directory: Path, faults: list[str]) -> None:
    from bot.lab.appliances import Lab

    stop = wiring.stop_on_signals()
    try:
        running = Lab(directory, faults)
    except ValueError as error:
        raise Unusable(f"--fault: {error}") from None
    async with running:
        typer.echo(f"inventory: {running.inventory}")
        await stop.wait()


async def _run_demo(port: int, show: bool) -> None:
    from bot.lab.demo import Demo, Surroundings

    stop = wiring.stop_on_signals()
    async with Demo(Surroundings(environment, lambda text: typer.echo(text, err=True)), port) as running:
        typer.echo(f"The demo runs at {running.url}  (type /pvo check site-a there; Ctrl-C ends everything)")
        if show:
            webbrowser.open(running.url)
        watching = asyncio.create_task(running.watch())
        await stop.wait()
        watching.cancel()
