"""Starting a check elsewhere than by `/pvo`: from the home tab, where a channel is asked for, and from a message."""

from slack_bolt.app.async_app import AsyncApp

from bot.model.errors import StateUnavailable
from bot.model.run import Request, Run
from bot.slack.access import Refusal
from bot.slack.desk import Ack, Body, Desk, user_of
from bot.slack.handlers.modals import TO, ask, busy, conclude, fill, open_loading, pick_channel, picked
from bot.slack.handlers.parse import find_named
from bot.slack.texts import DEFAULT, Told, Voice, tell
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Json, escape

START, SHORTCUT = "pvo.start", "pvo.check-site"


def register_starts(app: AsyncApp, desk: Desk) -> None:
    """Binds the button of the home tab, its modal and the message shortcut."""

    async def press(ack: Ack, body: Body) -> object:
        desk.follow_up(body, open_start(desk, body))
        return await ack()

    async def submit(ack: Ack, body: Body) -> object:
        voice = desk.people.known_voice(user_of(body)) or DEFAULT
        site = str(body["view"]["private_metadata"])
        request = _request(desk, body, site, picked(body))
        try:
            run = await desk.admission.record(f"view:{body['view']['id']}", request)
        except StateUnavailable:
            return await ack({"response_action": "errors", "errors": {TO: voice.say("store.away")}})
        if run is not None:
            desk.follow_up(body, _start(desk, body, run))
        return await ack(busy(tell("start.busy", title=_title(desk, site)), voice))

    async def check_message(ack: Ack, body: Body) -> object:
        todo = await receive_shortcut(desk, body)
        acknowledged = await ack()
        if isinstance(todo, Run):
            desk.follow_up(body, desk.admission.settle(todo))
        elif todo is not None:
            desk.follow_up(body, _tell_operator(desk, body, todo))
        return acknowledged

    app.action(START)(press)
    app.view(START)(submit)
    app.shortcut(SHORTCUT)(check_message)


async def open_start(desk: Desk, body: Body) -> None:
    """Asks an operator where the card of the check should go."""
    opened = await open_loading(desk, body)
    voice, name = await desk.voice(body), str(body["actions"][0].get("value"))
    await fill(desk, opened, render_start(desk, name, voice))


def render_start(desk: Desk, name: str, voice: Voice) -> Json:
    """The modal for one site; its own channel stands there already."""
    site = desk.inventory().sites.get(name)
    channel = site.channel if site else None
    words = (voice.say("start.title"), voice.say("start.submit"), voice.say("share.close"))
    where = pick_channel(voice.say("start.where"), voice.say("share.pick"), channel)
    return ask(START, words, name, [kit.section(f"*{_title(desk, name)}*"), where])


def _title(desk: Desk, name: str) -> str:
    site = desk.inventory().sites.get(name)
    return escape(site.title if site else name)


def _request(desk: Desk, body: Body, site: str, channel: str) -> Request:
    user = user_of(body)
    return Request(
        site=site,
        user=user,
        team=body["user"].get("team_id") or desk.identity.team,
        channel=channel,
        response_url=body.get("response_url"),
        language=(desk.people.known_voice(user) or DEFAULT).language,
    )


async def _start(desk: Desk, body: Body, run: Run) -> None:
    title, channel = _title(desk, run.request.site), run.request.channel
    try:
        admitted = await desk.admission.decide(run)
    except Refusal as refusal:
        await conclude(desk, body, refusal.told)
        return
    joined = admitted is not None and admitted.joined is not None
    told = tell("start.joined", title=title, channel=channel) if joined else None
    await conclude(desk, body, told or tell("start.started", title=title, channel=channel))


async def receive_shortcut(desk: Desk, body: Body) -> Run | Told | None:
    """The recorded request, or why there is none; None when it was seen before."""
    user = user_of(body)
    if not desk.people.listed(user):
        return tell("refused.unlisted", user=user)
    names = find_named(str((body.get("message") or {}).get("text") or ""), desk.inventory().sites)
    if not names:
        return tell("shortcut.none")
    if len(names) > 1:
        return tell("shortcut.many", sites=", ".join(f"`{name}`" for name in names[:10]))
    try:
        request = _request(desk, body, names[0], str((body.get("channel") or {}).get("id")))
        return await desk.admission.record(f"shortcut:{body['trigger_id']}", request)
    except StateUnavailable:
        return tell("store.down", command=f"/pvo check {names[0]}")


async def _tell_operator(desk: Desk, body: Body, told: Told) -> None:
    """Only an operator may know which sites there are."""
    await desk.people.admit_operator(user_of(body), str((body.get("channel") or {}).get("id")))
    await desk.tell(body, told)
