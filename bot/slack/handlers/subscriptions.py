"""What operators order about a site's watch: on, off, muted; each once, however often it is delivered."""

import datetime as dt

from bot.diagnosis.redact import redact
from bot.model.inventory import Site
from bot.model.run import Request
from bot.model.watch import Mute, Switch, schedule_of
from bot.slack.access import Refusal
from bot.slack.desk import Body, Desk
from bot.slack.handlers.parse import Silence, Watch, find_site, refuse_site
from bot.slack.texts import Told, tell
from bot.slack.views.blocks import escape
from bot.slack.views.sites import clock


async def watch(desk: Desk, body: Body, asked: Watch) -> None:
    """Switches a watch; raises `Refusal` or `StateUnavailable`."""
    name, site = await _admit(desk, body, asked.site)
    voice = await desk.voice(body)
    channel = site.channel or body["channel_id"]
    if asked.on and channel != body["channel_id"]:
        await desk.people.admit_place(channel)
    if not await desk.stores.watches.first(f"command:{body['trigger_id']}"):
        return
    now = dt.datetime.now(dt.UTC)
    switch = Switch(
        on=asked.on, channel=body["channel_id"], user=body["user_id"], at=now, language=voice.language
    )
    await desk.stores.watches.switch(name, switch)
    about = {"actor": body["user_id"], "channel": body["channel_id"]}
    await desk.record("watch", name, reason="on" if asked.on else "off", **about)
    if asked.on:
        request = Request(site=name, user=None, channel=channel, language=voice.language)
        await _ask_at_once(desk, f"watch:{body['trigger_id']}", request)
    else:
        await desk.stores.watches.refresh(channel)
    await desk.tell(body, _confirm(site, switch))


def _confirm(site: Site, switch: Switch) -> Told:
    schedule, title = schedule_of(site, switch), escape(site.title)
    if schedule is None:
        return tell("watch.off", title=title)
    return tell("watch.on", title=title, cron=schedule.cron, timezone=site.timezone, channel=schedule.channel)


async def _ask_at_once(desk: Desk, key: str, request: Request) -> None:
    run = await desk.stores.runs.ask(key, request)
    if run is not None:
        await desk.stores.runs.admit(run.id)


async def silence(desk: Desk, body: Body, asked: Silence) -> None:
    """Mutes a site, or ends its mute; raises `Refusal` or `StateUnavailable`."""
    name, site = await _admit(desk, body, asked.site)
    if not await desk.stores.watches.first(f"command:{body['trigger_id']}"):
        return
    until, reason = dt.datetime.now(dt.UTC) + (asked.duration or dt.timedelta()), redact(asked.reason)
    await desk.stores.watches.mute(name, Mute(until=until, user=body["user_id"], reason=reason))
    about = {"actor": body["user_id"], "channel": body["channel_id"]}
    said = f"until {clock(until)} UTC: {reason}" if asked.duration else "off"
    await desk.record("muted", name, reason=said, **about)
    orders = await desk.stores.watches.orders()
    if (schedule := schedule_of(site, orders.switches.get(name))) and schedule.channel:
        await desk.stores.watches.refresh(schedule.channel)
    title = escape(site.title)
    done = (
        tell("mute.on", title=title, until=clock(until)) if asked.duration else tell("mute.off", title=title)
    )
    await desk.tell(body, done)


async def _admit(desk: Desk, body: Body, word: str) -> tuple[str, Site]:
    await desk.people.admit_operator(body["user_id"], body["channel_id"])
    sites = desk.inventory().sites
    name = find_site(word, sites)
    if name is None:
        raise Refusal(refuse_site(word, sites))
    return name, sites[name]
