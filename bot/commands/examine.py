"""What `pvo doctor` looks at: settings, inventory, secrets, and the appliances themselves."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from bot import wiring
from bot.commands.rights import examine_rights
from bot.diagnosis.asking import Asking
from bot.facts.clock import read_clock
from bot.model.errors import PvoError, Skipped, Unusable
from bot.model.examination import Condition, Examined
from bot.model.inventory import Account, Appliance, Inventory, Secret
from bot.model.subject import Node
from bot.settings import Settings, load_inventory, proxy_in_the_way, read_secret

CLOCK_SECONDS = 120


def examine_settings(settings: Settings) -> Iterator[Examined]:
    """What is not set, and who needs it."""
    needed = {
        "REDIS_URL": (settings.redis_url, "not-set.both"),
        "SLACK_BOT_TOKEN": (settings.slack_bot_token, "not-set.app"),
        "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET": (
            settings.slack_app_token or settings.slack_signing_secret,
            "not-set.app-one",
        ),
    }
    for name, (value, says) in needed.items():
        if value is None:
            yield _line("settings", name, "skipped", says)
    if proxy := proxy_in_the_way(settings.slack_api_url):
        yield _line("settings", proxy, "wrong", "proxy", url=settings.slack_api_url)


def examine_inventory(settings: Settings, path: Path | None) -> tuple[list[Examined], Inventory | None]:
    """The inventory's own lines; None when it cannot be used."""
    try:
        file = wiring.find_inventory(settings, path)
        inventory = load_inventory(file)
    except Unusable as error:
        named = str(path or "sites.toml")
        return [_line("inventory", named, "wrong", "inventory.unusable", error=str(error))], None
    numbers = {"sites": len(inventory.sites), "appliances": len(inventory.appliances)}
    counted = _line("inventory", str(file), "ok", "inventory.read", **numbers)
    lines = [
        *_examine_access(settings, inventory),
        *_examine_changing(inventory),
        *_examine_secrets(inventory),
    ]
    return [counted, *lines], inventory


def _examine_access(settings: Settings, inventory: Inventory) -> Iterator[Examined]:
    if not inventory.access.operators:
        yield _line("inventory", "access", "warning", "access.no-operators")
    changed = [name for name, site in inventory.sites.items() if site.mode == "remediate"]
    for name in changed:
        if not (inventory.sites[name].approvers or inventory.access.approvers):
            yield _line("inventory", name, "warning", "access.no-approvers")
    if changed and settings.pvo_approval_key is None:
        yield _line("settings", "PVO_APPROVAL_KEY", "warning", "unsigned")


def _examine_changing(inventory: Inventory) -> Iterator[Examined]:
    """With which account fixes are typed, where the bot may type them."""
    sites = [site for site in inventory.sites.values() if site.mode == "remediate"]
    for name in dict.fromkeys(name for site in sites for name in (site.sma, *site.esas)):
        appliance = inventory.appliances[name]
        if appliance.change:
            told, user = "change.own", appliance.change.username
        else:
            told, user = "change.same", appliance.username
        yield _line(f"appliances.{name}", "change account", "ok", told, user=user)


def _examine_secrets(inventory: Inventory) -> Iterator[Examined]:
    for name, appliance in inventory.appliances.items():
        accounts: dict[str, Account | None] = {name: appliance, f"{name}.change": appliance.change}
        for table, account in accounts.items():
            secret = account and (account.password or account.key)
            if secret and (line := _examine_secret(f"appliances.{table}", secret)):
                yield line


def _examine_secret(topic: str, secret: Secret) -> Examined | None:
    try:
        if read_secret(secret):
            return None
    except Unusable as error:
        return _line(topic, "secret", "wrong", "secret.missing", error=str(error))
    return _line(topic, "secret", "wrong", "secret.empty", place=secret.file or secret.env or "")


async def examine_appliances(inventory: Inventory, *, rights: bool) -> list[Examined]:
    """Each appliance of each site: reached, known by its key, logged in to, on time; with its rights if wanted.

    One that several sites share is in it as often.
    """
    sites = [_examine_site(inventory, name, rights) for name in inventory.sites]
    return [line for found in await asyncio.gather(*sites) for line in found]


async def _examine_site(inventory: Inventory, site: str, rights: bool) -> list[Examined]:
    from bot.probes.live import LiveDoors

    members = (inventory.sites[site].sma, *inventory.sites[site].esas)
    doors = LiveDoors(read_secret)
    try:
        async with doors.open(inventory, site) as appliances:
            subjects = inventory.subjects(site)
            probes = Asking(appliances, inventory.sites[site].limits, wiring.now, subjects)
            try:
                found = await asyncio.gather(
                    *(_examine_appliance(inventory, name, probes, rights) for name in members)
                )
            finally:
                await probes.close()
    finally:
        await doors.settle()
        doors.close()
    return [line for lines in found for line in lines]


async def _examine_appliance(inventory: Inventory, name: str, probes: Asking, rights: bool) -> list[Examined]:
    appliance, node = inventory.appliances[name], inventory.node(name)
    lines = [await _examine_key(name, appliance)]
    if lines[0].condition != "ok":
        return lines
    lines.append(await _examine_login(node, probes))
    if lines[-1].condition == "ok":
        lines.append(await _examine_clock(node, probes))
        lines += await examine_rights(node, probes) if rights else []
    return lines


async def _examine_key(name: str, appliance: Appliance) -> Examined:
    from bot.probes.first_sight import look_at_host_key
    from bot.probes.host_keys import read_pins

    topic = f"appliances.{name}"
    if not (appliance.host_key or appliance.known_hosts):
        return _line(topic, "host key", "wrong", "key.missing")
    try:
        pins = read_pins(name, appliance)
        shown = await look_at_host_key(name, appliance, pins)
    except PvoError as error:
        return _line(topic, "reach", "wrong", "reach.failed", error=str(error))
    if shown in pins:
        return _line(topic, "host key", "ok", "key.pinned", key=str(shown))
    pinned = ", ".join(map(str, pins))
    return _line(topic, "host key", "wrong", "key.other", key=str(shown), pinned=pinned)


async def _examine_login(node: Node, probes: Asking) -> Examined:
    from bot.asyncos.commands.version import version

    topic = f"appliances.{node.name}"
    try:
        told = (await probes.ask(node.name, version())).value
    except PvoError as error:
        return _line(topic, "login", "wrong", "login.failed", error=str(error))
    return _line(topic, "login", "ok", "login.ok", version=str(told.version))


async def _examine_clock(node: Node, probes: Asking) -> Examined:
    topic = f"appliances.{node.name}"
    try:
        ahead = round((await read_clock(probes, node)).ahead.total_seconds())
    except Skipped:
        return _line(topic, "clock", "skipped", "clock.not-told")
    except PvoError as error:
        return _line(topic, "clock", "untold", "clock.unknown", error=str(error))
    if abs(ahead) <= CLOCK_SECONDS:
        return _line(topic, "clock", "ok", "clock.agrees")
    return _line(
        topic, "clock", "warning", "clock.ahead" if ahead > 0 else "clock.behind", seconds=abs(ahead)
    )


def _line(topic: str, subject: str, condition: Condition, says: str, **details: str | int) -> Examined:
    return Examined(topic=topic, subject=subject, condition=condition, says=says, details=details)
