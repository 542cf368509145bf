"""`pvo doctor`: is everything that the bot needs there, and how is what is not to be repaired?"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot import wiring
from bot.commands.options import (
    UNTOLD,
    WRONG,
    Format,
    FormatOption,
    InventoryOption,
    LanguageOption,
    QuietOption,
    VerboseOption,
    log_level,
    spoken,
)
from bot.commands.output import presenter
from bot.diagnosis.redact import redact
from bot.knowledge.voice import Voice
from bot.model.examination import Examined, ToldExamined
from bot.render.documents.doctor import describe_lines, tell_examined, tell_lines
from bot.settings import Settings, load_inventory


def doctor(
    inventory: InventoryOption = None,
    pin: Annotated[
        bool, typer.Option("--pin", help="Compare host keys that are not pinned yet, and write them.")
    ] = False,
    rights: Annotated[
        bool, typer.Option("--rights", help="Also try each reading command on every appliance.")
    ] = False,
    form: FormatOption = Format.TEXT,
    language: LanguageOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Checks settings, Redis, Slack, the inventory and the appliances, and says how to repair each.

    Exit status: 0 nothing wrong, 1 something is wrong, 3 could not tell, 2 the call or a file is unusable.
    """
    settings = wiring.settings_for(level=log_level(quiet=not verbose))
    voice = Voice(spoken(language, settings))
    if pin:
        _pin(wiring.find_inventory(settings, inventory), voice)
    lines = asyncio.run(_examine(settings, inventory, rights))
    told = list(dict.fromkeys(_tell(line, voice) for line in lines))
    shown = [line for line in told if not quiet or line.remedy]
    presenter(form)(describe_lines(shown), tell_lines(shown, voice))
    raise typer.Exit(exit_status(lines))


def exit_status(lines: Sequence[Examined]) -> int:
    """0 nothing wrong, 1 something is wrong, 3 could not tell."""
    conditions = {line.condition for line in lines}
    return WRONG if conditions & {"wrong", "warning"} else UNTOLD if "untold" in conditions else 0


def _pin(path: Path, voice: Voice) -> None:
    from bot.commands.pinning import pin_host_keys

    pin_host_keys(path, load_inventory(path), lambda key, **details: voice.tell(key, details))


def _tell(line: Examined, voice: Voice) -> ToldExamined:
    """In words, redacted: an error may quote what an appliance printed."""
    told = tell_examined(line, voice)
    return told.model_copy(update={"says": redact(told.says)})


async def _examine(settings: Settings, path: Path | None, rights: bool) -> list[Examined]:
    from bot.commands.examine import examine_appliances, examine_inventory, examine_settings

    lines, inventory = examine_inventory(settings, path)
    lines = [*examine_settings(settings), *lines]
    lines += await wiring.examine_stores(settings)
    lines += await wiring.examine_slack(settings)
    return lines + (await examine_appliances(inventory, rights=rights) if inventory else [])
