"""The handlers of `/pvo`: acknowledged after at most one round trip to Redis, authorised and run afterwards."""

from collections.abc import Coroutine
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.model.errors import StateUnavailable
from bot.model.run import Request, Run
from bot.slack.desk import Ack, Body, Desk, user_of
from bot.slack.handlers.answers import explain, look
from bot.slack.handlers.parse import (
    Answer,
    Check,
    Explain,
    Look,
    Pending,
    Watch,
    find_site,
    parse,
    refuse_site,
    show,
)
from bot.slack.handlers.pending import tell_pending
from bot.slack.handlers.subscriptions import silence, watch
from bot.slack.texts import DEFAULT, Told, tell
from bot.slack.views.blocks import escape

COMMAND = "/pvo"

Later = Coroutine[Any, Any, None]


def register_commands(app: AsyncApp, desk: Desk) -> None:
    """Binds `/pvo`."""

    async def answer(ack: Ack, body: Body) -> object:
        told, later = await receive(desk, body)
        voice = desk.people.known_voice(user_of(body))
        acknowledged = await ack(told(voice) if told and voice else "")
        if later or (told and not voice):
            desk.follow_up(body, _follow(desk, body, None if voice else told, later))
        return acknowledged

    app.command(COMMAND)(answer)


async def _follow(desk: Desk, body: Body, told: Told | None, later: Later | None) -> None:
    """What is still to be said, now that there is time to find out in which language; then the rest."""
    if told is not None:
        await desk.tell(body, told)
    if later is not None:
        await later


async def receive(desk: Desk, body: Body) -> tuple[Told | None, Later | None]:
    """What to say in the acknowledgement, and what is left to do when it has been sent."""
    asked = parse(str(body.get("text") or ""))
    if isinstance(asked, Answer):
        return asked.told, None
    if isinstance(asked, Explain):
        return None, explain(desk, body, asked.finding)
    if isinstance(asked, Pending):
        return None, tell_pending(desk, body)
    if not desk.people.listed(body["user_id"]):
        return tell("refused.unlisted", user=body["user_id"]), None
    if isinstance(asked, Check):
        return await _check(desk, body, asked)
    if isinstance(asked, Look):
        return None, look(desk, body, asked)
    return None, watch(desk, body, asked) if isinstance(asked, Watch) else silence(desk, body, asked)


async def _check(desk: Desk, body: Body, asked: Check) -> tuple[Told | None, Later | None]:
    sites = desk.inventory().sites
    name = find_site(asked.site, sites)
    if name is None:
        return None, _refuse_site(desk, body, asked.site)
    typed = f"{COMMAND} {show(str(body['text']))}"
    try:
        run = await desk.admission.record(
            f"command:{body['trigger_id']}", _request(desk, body, name, asked.areas)
        )
    except StateUnavailable:
        return tell("store.down", command=typed), None
    if run is None:
        return None, None
    return tell("asked", command=typed, title=escape(sites[name].title)), _settle(desk, run)


async def _settle(desk: Desk, run: Run) -> None:
    await desk.admission.settle(run)


async def _refuse_site(desk: Desk, body: Body, word: str) -> None:
    """Only an operator may know which sites there are."""
    await desk.people.admit_operator(body["user_id"], body["channel_id"])
    await desk.tell(body, refuse_site(word, desk.inventory().sites))


def _request(desk: Desk, body: Body, site: str, areas: tuple[str, ...]) -> Request:
    return Request(
        site=site,
        areas=areas,
        user=body["user_id"],
        team=body["team_id"],
        channel=body["channel_id"],
        response_url=body.get("response_url"),
        language=(desk.people.known_voice(body["user_id"]) or DEFAULT).language,
    )
