"""The sites of an inventory, for a terminal, as Markdown and as JSON; accounts and people stay out."""

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from bot.model.inventory import Inventory, Site
from bot.render.indent import Indented
from bot.render.json import write_json
from bot.render.markdown import code, escape
from bot.render.prose import Look
from bot.render.terminal import WIDEST
from bot.render.words import Words

Row = tuple[str, str, str, str]
"""An appliance: its name, its product, where the worker logs in, the address that its peers use."""


def render_sites_json(inventory: Inventory) -> str:
    """The document `pvo-sites/1`, without a final newline."""
    return write_json(
        {
            "schema": "pvo-sites/1",
            "sites": [_describe(inventory, name, site) for name, site in inventory.sites.items()],
        }
    )


def render_sites_text(inventory: Inventory, language: str, console: Console) -> None:
    """Prints every site with its appliances."""
    look = Look.of(console, language)
    if not inventory.sites:
        console.print(look.phrase("sites.none"))
    for number, (name, site) in enumerate(inventory.sites.items()):
        if number:
            console.print()
        for part in _parts(inventory, name, site, look):
            console.print(part, width=min(console.width, WIDEST))


def render_sites_markdown(inventory: Inventory, language: str) -> str:
    """One table of all sites, and the limits of each; ends with a newline."""
    words = Words(language)
    lines = [f"| {words.say('sites.columns')} |", "|---|---|---|---|---|"]
    for name, site in inventory.sites.items():
        lines += [f"| {' | '.join(map(escape, (name, *row)))} |" for row in _rows(inventory, site)]
    lines.append("")
    for name, site in inventory.sites.items():
        lines.append(f"- {code(name)} ({escape(site.title)}): {_mode(site, words)}. {_limits(site, words)}")
    return "\n".join(lines) + "\n"


def _parts(inventory: Inventory, name: str, site: Site, look: Look) -> Iterator[RenderableType]:
    yield Text.assemble(
        look.verbatim(name, "bold"), "  ", look.verbatim(site.title), "  ", (_mode(site, look.words), "dim")
    )
    table = Table.grid(padding=(0, 2, 0, 0))
    for row in _rows(inventory, site):
        table.add_row(*(look.verbatim(cell) for cell in row))
    yield Indented(table, 2)
    yield Indented(look.verbatim(_limits(site, look.words), "dim"), 2)


def _rows(inventory: Inventory, site: Site) -> Iterator[Row]:
    for name in (site.sma, *site.esas):
        appliance = inventory.appliances[name]
        yield name, appliance.product.upper(), f"{appliance.host}:{appliance.port}", appliance.address


def _mode(site: Site, words: Words) -> str:
    return words.say("mode.remediate" if site.mode == "remediate" else "mode.observe")


def _limits(site: Site, words: Words) -> str:
    limits = site.limits
    return words.say(
        "limits",
        recipients=limits.queue_recipients,
        age=limits.queue_age_minutes,
        log=limits.log_minutes,
    )


def _describe(inventory: Inventory, name: str, site: Site) -> dict[str, object]:
    kept = {"title", "mode", "cpq_port", "timezone", "watch", "limits", "accepted", "maintenance"}
    return {
        "site": name,
        **site.model_dump(mode="json", include=kept),
        "appliances": [
            {
                "name": member,
                **inventory.appliances[member].model_dump(include={"product", "host", "port", "address"}),
            }
            for member in (site.sma, *site.esas)
        ],
    }
