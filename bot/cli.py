"""The `pvo` command."""

import asyncio
import contextlib
import tempfile
import webbrowser
from collections.abc import Iterator
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bot import wiring
from bot.commands.audit import audit
from bot.commands.diagnose import check, replay
from bot.commands.doctor import doctor
from bot.commands.logs import logs
from bot.commands.look_up import explain, schema, sites
from bot.commands.options import InventoryOption, QuietLogOption, VerboseLogOption, log_level
from bot.model.errors import Unusable
from bot.settings import environment

app = typer.Typer(
    name="pvo",
    help="Finds out why mail is stuck between Cisco ESAs and their central PVO quarantine, and says what to do.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


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


app.command()(check)
app.command()(replay)
app.command()(audit)
app.command()(doctor)
app.command()(logs)
app.command()(explain)
app.command()(sites)
app.command()(schema)


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
    asyncos: Annotated[
        str, typer.Option("--asyncos", metavar="VERSION", help="Of all appliances, from 8.0 to 16.")
    ] = "14",
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="NAME", help="Join the ESAs in a cluster of this name.")
    ] = None,
    esas: Annotated[int, typer.Option("--esas", min=1, max=4, help="How many ESAs.")] = 2,
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="Of CPQ, on the SMA and on the ESAs.")
    ] = 7025,
    trait: Annotated[
        list[str] | None,
        typer.Option(
            "--with", metavar="TRAIT", help="pager, legacy-ssh, round-trip=200 …; a wrong one lists all."
        ),
    ] = None,
    redis: Annotated[
        int | None,
        typer.Option(
            "--redis", metavar="PORT", min=1, max=65535, help="Run a Redis on 127.0.0.1 too; its data go."
        ),
    ] = None,
    quiet: QuietLogOption = False,
    verbose: VerboseLogOption = False,
) -> None:
    """Runs only the simulated appliances of site-a, until Ctrl-C, and prints the inventory that reaches them."""
    wiring.settings_for(level=log_level(quiet, verbose))
    if directory is not None:
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Unusable(f"--dir: {directory} is no folder that can be used: {error.strerror}.") from None
    shape = {"asyncos": asyncos, "cluster": cluster, "esas": esas, "sma_port": port, "esa_port": port}
    with tempfile.TemporaryDirectory(prefix="pvo-lab-") as temporary, _redis_on(redis):
        asyncio.run(_run_lab(directory or Path(temporary), fault or [], shape, trait or []))


@app.command()
def demo(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port of the page on 127.0.0.1; 0 = any free one.")
    ] = 8025,
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    quiet: QuietLogOption = False,
    verbose: VerboseLogOption = False,
) -> None:
    """Runs the whole product on this machine until Ctrl-C: appliances, Redis, a Slack workspace, app and workers."""
    wiring.settings_for(level=log_level(quiet, verbose))
    asyncio.run(_run_demo(port, show))


@app.command("app")
def slack_app(
    inventory: InventoryOption = None, quiet: QuietLogOption = False, verbose: VerboseLogOption = False
) -> None:
    """Runs the Slack app: the only process that holds Slack tokens."""
    level = log_level(quiet, verbose)
    required = ("slack_bot_token", "slack_app_token|slack_signing_secret", "redis_url")
    settings = wiring.settings_for(*required, level=level)
    asyncio.run(wiring.run_app(settings, wiring.find_inventory(settings, inventory)))


@app.command()
def worker(
    inventory: InventoryOption = None,
    no_changes: Annotated[
        bool, typer.Option("--no-changes", help="Take no remediation, and read no `change` secret.")
    ] = False,
    only_changes: Annotated[
        bool, typer.Option("--only-changes", help="Take remediations, and nothing else.")
    ] = False,
    quiet: QuietLogOption = False,
    verbose: VerboseLogOption = False,
) -> None:
    """Takes jobs from Redis and runs them; any number, anywhere."""
    if no_changes and only_changes:
        raise Unusable("--no-changes and --only-changes exclude each other: give one of them, or neither.")
    settings = wiring.settings_for("redis_url", level=log_level(quiet, verbose))
    path = wiring.find_inventory(settings, inventory)
    changes: Literal["too", "no", "only"] = "no" if no_changes else "only" if only_changes else "too"
    asyncio.run(wiring.run_worker(settings, path, changes))


@contextlib.contextmanager
def _redis_on(port: int | None) -> Iterator[None]:
    """A Redis on that port of this machine, gone when this process is; none for None."""
    if port is None:
        yield
        return
    from bot.lab.redis import EmbeddedRedis

    with EmbeddedRedis(port=port):
        typer.echo(f"redis: redis://127.0.0.1:{port}")
        yield


async def _run_lab(directory: Path, faults: list[str], shape: dict[str, Any], traits: list[str]) -> None:
    from bot.lab.appliances import Lab, LabSettings, Shape, apply_traits

    stop = wiring.stop_on_signals()
    try:
        running = Lab(directory, faults, apply_traits(LabSettings(shape=Shape(**shape)), traits))
    except ValueError as error:
        raise Unusable(str(error)) from None
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
