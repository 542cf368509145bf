"""The sites of an inventory; accounts and people stay out."""

from collections.abc import Iterator

from bot.knowledge.voice import Voice
from bot.model.inventory import Inventory, Site
from bot.render.tree import Listing, Only, Part, Prose, Span, Table, line


def describe_sites(inventory: Inventory) -> dict[str, object]:
    """The document `pvo-sites/1`."""
    sites = [_describe(inventory, name, site) for name, site in inventory.sites.items()]
    return {"schema": "pvo-sites/1", "sites": sites}


def tell_sites(inventory: Inventory, voice: Voice) -> Iterator[Part]:
    """On a screen every site with its appliances; in print one table of all, and the limits of each."""
    if not inventory.sites:
        yield Prose(line(voice.say("sites.none")), indent=0)
        return
    table, limits = [], []
    for number, (name, site) in enumerate(inventory.sites.items()):
        rows = tuple(line(*row) for row in _rows(inventory, site))
        mode = voice.say("mode.remediate" if site.mode == "remediate" else "mode.observe")
        limit = _limits(site, voice)
        head = line(Span(name, look="bold"), "  ", site.title, "  ", Span(mode, look="dim"))
        told = Prose(head, indent=0, apart=number > 0), Table(rows), Prose((Span(limit, look="dim"),))
        yield Only("screen", told)
        table += [line(name, *row) for row in rows]
        limits.append(line(Span(name, "code"), f" ({site.title}): {mode}. {limit}"))
    columns = tuple(voice.say("sites.columns").split(" | "))
    yield Only("print", (Table(tuple(table), columns), Listing(tuple(limits))))


def _rows(inventory: Inventory, site: Site) -> Iterator[tuple[str, str, str, str]]:
    """An appliance: its name, its product, where the worker logs in, the address that its peers use."""
    for name in (site.sma, *site.esas):
        appliance = inventory.appliances[name]
        yield name, appliance.product.upper(), f"{appliance.host}:{appliance.port}", appliance.address


def _limits(site: Site, voice: Voice) -> str:
    limits = site.limits
    return voice.say(
        "limits",
        recipients=limits.queue_recipients,
        age=limits.queue_age_minutes,
        log=limits.log_minutes,
    )


def _describe(inventory: Inventory, name: str, site: Site) -> dict[str, object]:
    kept = {"title", "mode", "cpq_port", "timezone", "watch", "limits", "accepted", "maintenance"}
    shown = {"product", "host", "port", "address"}
    members = [
        {"name": member, **inventory.appliances[member].model_dump(include=shown)}
        for member in (site.sma, *site.esas)
    ]
    return {"site": name, **site.model_dump(mode="json", include=kept), "appliances": members}
