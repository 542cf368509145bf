"""The handlers of buttons, and the answers to buttons that nobody knows any more."""

import asyncio
import re

import structlog
from slack_bolt.app.async_app import AsyncApp

from bot.model.errors import StateUnavailable
from bot.model.run import Run
from bot.slack.access import Refusal
from bot.slack.admission import ROUND_TRIP
from bot.slack.desk import Ack, Body, Desk
from bot.slack.handlers.modals import fill, open_loading
from bot.slack.posting.latest import read_shown
from bot.slack.texts import Told, Voice, tell
from bot.slack.views.blocks import Json
from bot.slack.views.card import DETAILS, RECHECK
from bot.slack.views.details import render_details, render_notice

log = structlog.get_logger()

_ANY = re.compile(".*")


def register_actions(app: AsyncApp, desk: Desk) -> None:
    """Binds the buttons of the card, then everything else that could be pressed."""

    async def recheck(ack: Ack, body: Body) -> object:
        todo = await receive_recheck(desk, body)
        acknowledged = await ack()
        if isinstance(todo, Run):
            desk.follow_up(body, desk.admission.settle(todo))
        elif todo is not None:
            desk.follow_up(body, desk.tell(body, todo))
        return acknowledged

    async def show_details(ack: Ack, body: Body) -> object:
        desk.follow_up(body, open_details(desk, body))
        return await ack()

    async def tell_old(ack: Ack, body: Body) -> object:
        desk.follow_up(body, desk.tell(body, tell("button.old")))
        return await ack()

    app.action(RECHECK)(recheck)
    app.action(DETAILS)(show_details)
    app.action(_ANY)(tell_old)


async def receive_recheck(desk: Desk, body: Body) -> Run | Told | None:
    """The recorded request; a sentence when there is none; None when this press was seen before."""
    action, channel = body["actions"][0], (body.get("channel") or {}).get("id")
    try:
        old = await asyncio.wait_for(desk.stores.runs.get(str(action.get("value"))), ROUND_TRIP)
    except (StateUnavailable, TimeoutError) as error:
        log.error("run.not-read", reason=str(error) or "no answer in time")
        return tell("store.down", command="/pvo check SITE")
    if old is None or not channel:
        return tell("button.gone")
    user, team = body["user"]["id"], body["user"].get("team_id") or desk.identity.team
    pressed_on = body["container"].get("message_ts")
    asked = {"user": user, "team": team, "channel": channel, "repeats": pressed_on}
    asked["response_url"] = body.get("response_url")
    if voice := desk.people.known_voice(user):
        asked["language"] = voice.language
    pressed = f"action:{pressed_on}:{action.get('action_ts')}:{user}"
    try:
        return await desk.admission.record(pressed, old.request.model_copy(update=asked))
    except StateUnavailable:
        return tell("store.down", command=f"/pvo check {old.request.site}")


async def open_details(desk: Desk, body: Body) -> None:
    """Opens the modal at once and fills it when all is known; raises `Refusal`."""
    opened = await open_loading(desk, body)
    user, channel = body["user"]["id"], (body.get("channel") or {}).get("id", "")
    await fill(desk, opened, await _describe(desk, str(body["actions"][0].get("value")), user, channel))


async def _describe(desk: Desk, run_id: str, user: str, channel: str) -> Json:
    voice = await desk.people.voice(user)
    try:
        await desk.people.admit_reader(user, channel)
        return await _read(desk, run_id, channel, voice)
    except Refusal as refusal:
        return render_notice(refusal.told, voice)
    except StateUnavailable as error:
        log.error("run.not-read", run=run_id, reason=str(error))
        return render_notice(tell("details.store"), voice)


async def _read(desk: Desk, run_id: str, channel: str, voice: Voice) -> Json:
    # A value can be guessed: only what was posted in this channel is shown in it.
    card = await desk.stores.outbox.find(run_id, channel)
    run = await read_shown(desk.stores, run_id) if card else None
    if run is None:
        return render_notice(tell("details.gone"), voice)
    if run.report is None:
        return render_notice(tell("details.unfinished"), voice)
    return render_details(run.report)
