"""`pvo doctor`: is everything that the bot needs there, and how is what is not to be repaired?"""

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, get_args

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
from bot.diagnosis.redact import redact
from bot.knowledge.surroundings import say, tell_examined
from bot.model.examination import Condition, Examined, ToldExamined
from bot.render.neutral import escape_json, neutralise
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
    told_in = spoken(language, settings)
    if pin:
        _pin(wiring.find_inventory(settings, inventory), told_in)
    lines = asyncio.run(_examine(settings, inventory, rights))
    told = list(dict.fromkeys(_tell(told_in, line) for line in lines))
    _show([line for line in told if not quiet or line.remedy], form, told_in)
    raise typer.Exit(exit_status(lines))


def exit_status(lines: Sequence[Examined]) -> int:
    """0 nothing wrong, 1 something is wrong, 3 could not tell."""
    conditions = {line.condition for line in lines}
    return WRONG if conditions & {"wrong", "warning"} else UNTOLD if "untold" in conditions else 0


def _pin(path: Path, language: str) -> None:
    from bot.commands.pinning import pin_host_keys

    pin_host_keys(path, load_inventory(path), partial(say, language))


def _tell(language: str, line: Examined) -> ToldExamined:
    """In words, redacted: an error may quote what an appliance printed."""
    told = tell_examined(language, line)
    return told.model_copy(update={"says": redact(told.says)})


async def _examine(settings: Settings, path: Path | None, rights: bool) -> list[Examined]:
    from bot.commands.examine import examine_appliances, examine_inventory, examine_settings

    lines, inventory = examine_inventory(settings, path)
    lines = [*examine_settings(settings), *lines]
    lines += await wiring.examine_stores(settings)
    lines += await wiring.examine_slack(settings)
    return lines + (await examine_appliances(inventory, rights=rights) if inventory else [])


def _show(lines: Sequence[ToldExamined], form: Format, language: str) -> None:
    words = {condition: say(language, f"condition.{condition}") for condition in get_args(Condition)}
    width = max(map(len, words.values()))
    match form:
        case Format.JSON:
            document = {"schema": "pvo-doctor/1", "lines": [line.model_dump() for line in lines]}
            typer.echo(escape_json(json.dumps(document, ensure_ascii=False, indent=1)))
        case Format.MARKDOWN:
            for line in lines:
                repair = f" *{_neutral(line.remedy)}*" if line.remedy else ""
                typer.echo(f"- **{words[line.condition]}** `{_about(line)}` {_neutral(line.says)}{repair}")
        case Format.TEXT:
            for line in lines:
                typer.echo(f"{words[line.condition]:{width}}  {_about(line)}: {_neutral(line.says)}")
                if line.remedy:
                    typer.echo(f"{'':{width}}    {_neutral(line.remedy)}")


def _about(line: ToldExamined) -> str:
    return _neutral(f"{line.topic} {line.subject}")


def _neutral(text: str) -> str:
    return neutralise(" ".join(text.split()))
