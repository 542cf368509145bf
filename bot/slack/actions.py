"""The handlers of buttons, and the answers to buttons that nobody knows any more."""

import asyncio
import re
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot.model.errors import StateUnavailable
from bot.model.run import Run
from bot.slack.admission import ROUND_TRIP
from bot.slack.blocks import Json
from bot.slack.card import DETAILS, RECHECK
from bot.slack.desk import Ack, Body, Desk
from bot.slack.details import render_details, render_notice
from bot.slack.people import Refusal
from bot.slack.texts import say

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
            desk.follow_up(body, _refuse(todo))
        return acknowledged

    async def show_details(ack: Ack, body: Body) -> object:
        desk.follow_up(body, open_details(desk, body))
        return await ack()

    async def tell_old(ack: Ack, body: Body) -> object:
        desk.follow_up(body, _refuse(say("button.old")))
        return await ack()

    app.action(RECHECK)(recheck)
    app.action(DETAILS)(show_details)
    app.action(_ANY)(tell_old)


async def _refuse(reason: str) -> None:
    raise Refusal(reason)


async def receive_recheck(desk: Desk, body: Body) -> Run | str | None:
    """The recorded request; a sentence when there is none; None when this press was seen before."""
    action, channel = body["actions"][0], (body.get("channel") or {}).get("id")
    try:
        old = await asyncio.wait_for(desk.runs.get(str(action.get("value"))), ROUND_TRIP)
    except (StateUnavailable, TimeoutError) as error:
        log.error("run.not-read", reason=str(error) or "no answer in time")
        return say("store.down", command="/pvo check SITE")
    if old is None or not channel:
        return say("button.gone")
    user, team = body["user"]["id"], body["user"].get("team_id") or desk.identity.team
    pressed_on = body["container"].get("message_ts")
    asked = {"user": user, "team": team, "channel": channel, "repeats": pressed_on}
    asked["response_url"] = body.get("response_url")
    pressed = f"action:{pressed_on}:{action.get('action_ts')}:{user}"
    try:
        return await desk.admission.record(pressed, old.request.model_copy(update=asked))
    except StateUnavailable:
        return say("store.down", command=f"/pvo check {old.request.site}")


async def open_details(desk: Desk, body: Body) -> None:
    """Opens the modal at once, since Slack waits three seconds only, and fills it when all is known."""
    user, channel = body["user"], (body.get("channel") or {}).get("id", "")
    if user.get("team_id", desk.identity.team) != desk.identity.team and not desk.identity.enterprise:
        raise Refusal(say("refused.team"))
    try:
        opened: Any = await desk.client.views_open(
            trigger_id=body["trigger_id"], view=render_notice(say("details.loading"))
        )
    except SlackApiError as error:
        log.info("details.not-opened", error=str(error.response.get("error")))
        raise Refusal(say("details.late")) from error
    view = await _describe(desk, str(body["actions"][0].get("value")), user["id"], channel)
    try:
        await desk.client.views_update(view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=view)
    except SlackApiError as error:  # closed meanwhile: nobody waits for it any more
        log.info("details.not-filled", error=str(error.response.get("error")))


async def _describe(desk: Desk, run_id: str, user: str, channel: str) -> Json:
    try:
        await desk.people.admit_reader(user, channel)
        return await _read(desk, run_id, channel)
    except Refusal as refusal:
        return render_notice(str(refusal))
    except StateUnavailable as error:
        log.error("run.not-read", run=run_id, reason=str(error))
        return render_notice(say("details.store"))


async def _read(desk: Desk, run_id: str, channel: str) -> Json:
    # A value can be guessed: only what was posted in this channel is shown in it.
    card = await desk.outbox.find(run_id, channel)
    run = await desk.runs.get(run_id) if card else None
    if run is None:
        return render_notice(say("details.gone"))
    if run.report is None:
        return render_notice(say("details.unfinished"))
    return render_details(run.report)
