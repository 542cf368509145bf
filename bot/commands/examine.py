"""What `pvo doctor` looks at: settings, inventory, secrets, and the appliances themselves."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from bot import wiring
from bot.commands.rights import examine_rights
from bot.diagnosis.asking import Asking
from bot.diagnosis.redact import redact
from bot.facts.clock import read_clock
from bot.model.errors import PvoError, Skipped, Unusable
from bot.model.examination import Condition, Examined
from bot.model.inventory import Account, Appliance, Inventory
from bot.model.subject import Node
from bot.settings import Settings, load_inventory, proxy_in_the_way, read_secret

CLOCK_SECONDS = 120


def examine_settings(settings: Settings) -> Iterator[Examined]:
    """What is not set, and who needs it."""
    needed = {
        "REDIS_URL": (settings.redis_url, "pvo app and pvo worker need it"),
        "SLACK_BOT_TOKEN": (settings.slack_bot_token, "pvo app needs it"),
        "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET": (
            settings.slack_app_token or settings.slack_signing_secret,
            "pvo app needs one of them",
        ),
    }
    for name, (value, who) in needed.items():
        if value is None:
            yield _line("settings", name, "skipped", f"It is not set; {who}.")
    if proxy := proxy_in_the_way(settings.slack_api_url):
        says = f"It is set, and would catch every call to {settings.slack_api_url}."
        yield _line("settings", proxy, "wrong", says, "Unset it for pvo.")


def examine_inventory(settings: Settings, path: Path | None) -> tuple[list[Examined], Inventory | None]:
    """The inventory's own lines; None when it cannot be used."""
    try:
        file = wiring.find_inventory(settings, path)
        inventory = load_inventory(file)
    except Unusable as error:
        return [_line("inventory", str(path or "sites.toml"), "wrong", str(error), "Correct it there.")], None
    sites, appliances = len(inventory.sites), len(inventory.appliances)
    counted = _line("inventory", str(file), "ok", f"Sites: {sites}, appliances: {appliances}.")
    return [counted, *_examine_access(settings, inventory), *_examine_secrets(inventory)], inventory


def _examine_access(settings: Settings, inventory: Inventory) -> Iterator[Examined]:
    if not inventory.access.operators:
        says = "Nobody may run checks in Slack."
        yield _line("inventory", "access", "warning", says, "Name operators under [access].")
    changed = [name for name, site in inventory.sites.items() if site.mode == "remediate"]
    for name in changed:
        if not (inventory.sites[name].approvers or inventory.access.approvers):
            says = 'Its mode is "remediate", and nobody may approve.'
            yield _line("inventory", name, "warning", says, "Name approvers under [access] or for the site.")
    if changed and settings.pvo_approval_key is None:
        says = "Approvals are not signed: whoever writes to Redis could forge one."
        remedy = "Set the same PVO_APPROVAL_KEY for the app and the workers."
        yield _line("settings", "PVO_APPROVAL_KEY", "warning", says, remedy)


def _examine_secrets(inventory: Inventory) -> Iterator[Examined]:
    for name, appliance in inventory.appliances.items():
        accounts: dict[str, Account | None] = {name: appliance, f"{name}.change": appliance.change}
        for table, account in accounts.items():
            secret = account and (account.password or account.key)
            try:
                if secret and not read_secret(secret):
                    raise Unusable(f"The secret in {secret.file or secret.env} is empty.")
            except Unusable as error:
                yield _line(f"appliances.{table}", "secret", "wrong", str(error), "Provide it there.")


async def examine_appliances(inventory: Inventory, *, rights: bool) -> list[Examined]:
    """Each appliance of a site: reached, known by its key, logged in to, on time; with its rights if wanted."""
    sites = [_examine_site(inventory, name, rights) for name in inventory.sites]
    lines = [line for found in await asyncio.gather(*sites) for line in found]
    return list(dict.fromkeys(lines))


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
        says = "No host key is pinned, so it is never logged in to."
        remedy = "Compare it on the appliance's console with pvo doctor --pin."
        return _line(topic, "host key", "wrong", says, remedy)
    try:
        pins = read_pins(name, appliance)
        shown = await look_at_host_key(name, appliance, pins)
    except PvoError as error:
        return _line(topic, "reach", "wrong", f"{error}.", "See to what the sentence names, then try again.")
    if shown in pins:
        return _line(topic, "host key", "ok", f"It answers, and shows the pinned {shown}.")
    says = f"It shows {shown}, which is not what is pinned ({', '.join(map(str, pins))})."
    remedy = (
        "Compare it on the console: a replaced appliance and an interception look the same. Only if it is right, "
        "remove host_key and run pvo doctor --pin."
    )
    return _line(topic, "host key", "wrong", says, remedy)


async def _examine_login(node: Node, probes: Asking) -> Examined:
    from bot.asyncos.commands.version import version

    topic = f"appliances.{node.name}"
    try:
        told = (await probes.ask(node.name, version())).value
    except PvoError as error:
        return _line(topic, "login", "wrong", f"{error}.", "See that the account may log in over SSH.")
    return _line(topic, "login", "ok", f"It is logged in to; AsyncOS {told.version}.")


async def _examine_clock(node: Node, probes: Asking) -> Examined:
    topic = f"appliances.{node.name}"
    try:
        ahead = round((await read_clock(probes, node)).ahead.total_seconds())
    except Skipped:
        return _line(topic, "clock", "skipped", "It does not tell its time in a way that can be compared.")
    except PvoError as error:
        return _line(topic, "clock", "untold", f"{error}.", "See pvo doctor --rights.")
    if abs(ahead) <= CLOCK_SECONDS:
        return _line(topic, "clock", "ok", "Its clock agrees with this machine's.")
    says = f"Its clock is {abs(ahead)} s {'ahead of' if ahead > 0 else 'behind'} this machine's."
    return _line(topic, "clock", "warning", says, "Set NTP on the appliance (ntpconfig) and on this machine.")


def _line(topic: str, subject: str, condition: Condition, says: str, remedy: str | None = None) -> Examined:
    return Examined(topic=topic, subject=subject, condition=condition, says=redact(says), remedy=remedy)
