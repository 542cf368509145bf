"""`pvo explain`, `pvo sites`, `pvo schema`: what is known without asking any appliance."""

from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

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
    from bot.render.article import render_article_json, render_article_markdown, render_article_text

    article = write_article(load(), finding, spoken(language, wiring.settings_for()))
    match form:
        case Format.JSON:
            typer.echo(render_article_json(article))
        case Format.MARKDOWN:
            typer.echo(render_article_markdown(article), nl=False)
        case Format.TEXT:
            render_article_text(article, Console(highlight=False))


def sites(
    inventory: InventoryOption = None,
    form: FormatOption = Format.TEXT,
    language: LanguageOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Lists the sites of the inventory: appliances, mode, limits."""
    from bot.render.sites import render_sites_json, render_sites_markdown, render_sites_text

    settings = wiring.settings_for()
    known = load_inventory(wiring.find_inventory(settings, inventory))
    told = spoken(language, settings)
    match form:
        case Format.JSON:
            typer.echo(render_sites_json(known))
        case Format.MARKDOWN:
            typer.echo(render_sites_markdown(known, told), nl=False)
        case Format.TEXT:
            render_sites_text(known, told, Console(highlight=False))


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
    from bot.render.schema import render_schema

    match document:
        case Document.REPORT:
            typer.echo(render_schema(Report, "pvo-report/1", "written"))
        case Document.CAPTURE:
            typer.echo(render_schema(Capture, "pvo-capture/1", "written"))
        case Document.LOGS:
            typer.echo(render_schema(LogsReport, "pvo-logs/1", "written"))
        case Document.INVENTORY:
            typer.echo(render_schema(Inventory, "sites.toml", "read"))
