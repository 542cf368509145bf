"""The home tab: every site with its last verdict and its age, and a button to check it."""

import datetime as dt
from collections.abc import Sequence
from functools import partial

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot.model.errors import StateUnavailable
from bot.slack.access import Refusal
from bot.slack.desk import Ack, Body, Desk, user_of
from bot.slack.handlers.pending import read_pending
from bot.slack.handlers.start import START
from bot.slack.texts import Told, Voice, tell
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Json
from bot.slack.views.sites import Standing, age, read_standings, tell_standing, tell_watch

log = structlog.get_logger()

REFRESH = "pvo.refresh"
SHOWN = 40


def register_home(app: AsyncApp, desk: Desk) -> None:
    """Binds the opening of the tab and its button."""

    async def opened(ack: Ack, body: Body) -> object:
        if body["event"].get("tab") == "home":
            desk.follow_up({}, publish(desk, str(body["event"]["user"])))
        return await ack()

    async def refresh(ack: Ack, body: Body) -> object:
        desk.follow_up(body, publish(desk, user_of(body)))
        return await ack()

    app.event("app_home_opened")(opened)
    app.action(REFRESH)(refresh)


async def publish(desk: Desk, user: str) -> None:
    """Shows the tab to one person as it should be now."""
    voice = await desk.people.voice(user)
    try:
        view = await _show(desk, user, voice)
    except Refusal as refusal:
        view = render_closed(_refused(refusal.told), voice)
    except StateUnavailable:
        view = render_closed(tell("home.store"), voice)
    try:
        await desk.client.views_publish(user_id=user, view=view)
    except SlackApiError as error:  # it is published again when it is opened again
        log.warning("home.not-published", user=user, error=str(error.response.get("error")))


async def _show(desk: Desk, user: str, voice: Voice) -> Json:
    """Sites and what waits for operators, what waits for approvers; raises `Refusal` or `StateUnavailable`."""
    await desk.people.admit_waiter(user)
    waiting = await read_pending(desk, voice)
    try:
        await desk.people.admit_member(user)
    except Refusal as refusal:
        return render_closed(_refused(refusal.told), voice, waiting)
    standings = await read_standings(desk.stores.watches, desk.inventory())
    return render_home(standings, dt.datetime.now(dt.UTC), voice, waiting)


def _refused(reason: Told) -> Told:
    return lambda voice: voice.say("home.refused", reason=reason(voice))


def render_home(
    standings: Sequence[Standing], now: dt.datetime, voice: Voice, waiting: Sequence[str] = ()
) -> Json:
    """The tab of an operator; `waiting` are lines on the fixes that wait."""
    blocks = [kit.header(voice.say("home.sites"))]
    blocks += [_site(standing, now, voice) for standing in standings[:SHOWN]]
    if more := len(standings) - SHOWN:
        blocks += [kit.context(voice.say("home.more", count=more))] if more > 0 else []
    refresh = voice.say("home.refresh")
    blocks += _pending(waiting, voice)
    blocks.append(kit.actions(kit.button(REFRESH, "home", refresh, refresh)))
    blocks.append(kit.context(voice.say("home.hint")))
    return {"type": "home", "blocks": blocks}


def _site(standing: Standing, now: dt.datetime, voice: Voice) -> Json:
    when = age(standing.entry.at, now, voice) if standing.entry else ""
    lines = [tell_standing(standing, voice, when), *tell_watch(standing, voice)]
    label = voice.say("home.check.label", title=standing.site.title)
    button = kit.button(START, standing.name, voice.say("home.check"), label)
    return kit.section("\n".join(lines)) | {"accessory": button}


def _pending(waiting: Sequence[str], voice: Voice) -> list[Json]:
    if not waiting:
        return []
    return [kit.header(voice.say("home.pending")), *kit.sections(waiting, partial(voice.say, "pending.more"))]


def render_closed(told: Told, voice: Voice, waiting: Sequence[str] = ()) -> Json:
    """The tab of somebody who sees one sentence only, and an approver what waits."""
    return {"type": "home", "blocks": [*_pending(waiting, voice), kit.section(told(voice))]}
