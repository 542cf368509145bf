"""`pvo explain`, `pvo sites`, `pvo schema`: what is known without asking any appliance."""

from enum import StrEnum
from typing import Annotated

import typer

from bot import wiring
from bot.commands.options import (
    Format,
    FormatOption,
    InventoryOption,
    LanguageOption,
    QuietOption,
    VerboseOption,
    spoken,
)
from bot.commands.output import presenter
from bot.settings import load_inventory


class Document(StrEnum):
    """The documents whose JSON Schema is public."""

    REPORT = "report"
    CAPTURE = "capture"
    LOGS = "logs"
    INVENTORY = "inventory"


def explain(
    finding: Annotated[
        str, typer.Argument(metavar="FINDING", help="Its id, such as setup.service.sma-suspended.")
    ],
    form: FormatOption = Format.TEXT,
    language: LanguageOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Tells what a finding means, why, and every fix with its source."""
    from bot.knowledge.article import write_article
    from bot.knowledge.load import load
    from bot.render.documents.article import tell_article

    article = write_article(load(), finding, spoken(language, wiring.settings_for()))
    presenter(form)(article, tell_article(article))


def sites(
    inventory: InventoryOption = None,
    form: FormatOption = Format.TEXT,
    language: LanguageOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Lists the sites of the inventory: appliances, mode, limits."""
    from bot.knowledge.voice import Voice
    from bot.render.documents.sites import describe_sites, tell_sites

    settings = wiring.settings_for()
    known = load_inventory(wiring.find_inventory(settings, inventory))
    presenter(form)(describe_sites(known), tell_sites(known, Voice(spoken(language, settings))))


def schema(
    document: Annotated[
        Document, typer.Argument(metavar="DOCUMENT", help="report, capture, logs or inventory.")
    ],
    form: FormatOption = Format.JSON,
    language: LanguageOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Prints the JSON Schema of a document."""
    from bot.model.capture import Capture
    from bot.model.inventory import Inventory
    from bot.model.logs import LogsReport
    from bot.model.report import Report
    from bot.render.writers.schema import render_schema

    match document:
        case Document.REPORT:
            typer.echo(render_schema(Report, "pvo-report/1", "written"))
        case Document.CAPTURE:
            typer.echo(render_schema(Capture, "pvo-capture/1", "written"))
        case Document.LOGS:
            typer.echo(render_schema(LogsReport, "pvo-logs/1", "written"))
        case Document.INVENTORY:
            typer.echo(render_schema(Inventory, "sites.toml", "read"))
