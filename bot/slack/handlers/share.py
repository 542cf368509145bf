"""Sharing a verdict: a modal with a picker and a preview, a compact card there, and a line in the thread here."""

import json

import structlog
from slack_bolt.app.async_app import AsyncApp

from bot.model.errors import StateUnavailable
from bot.model.report import Report
from bot.model.run import Card
from bot.slack.access import Refusal
from bot.slack.desk import Ack, Body, Desk, user_of
from bot.slack.handlers.modals import ask, busy, conclude, fill, open_loading, pick_channel, picked
from bot.slack.posting.latest import read_shown
from bot.slack.posting.pace import Later
from bot.slack.posting.posts import Frozen, Gone
from bot.slack.texts import DEFAULT, EMOJI, Told, Voice, tell
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Json, Post
from bot.slack.views.card import SHARE, headline
from bot.slack.views.details import render_notice

log = structlog.get_logger()


def register_sharing(app: AsyncApp, desk: Desk) -> None:
    """Binds the button and the submission of its modal."""

    async def press(ack: Ack, body: Body) -> object:
        desk.follow_up(body, open_sharing(desk, body))
        return await ack()

    async def submit(ack: Ack, body: Body) -> object:
        desk.follow_up(body, _share(desk, body))
        voice = desk.people.known_voice(user_of(body)) or DEFAULT
        return await ack(busy(tell("share.busy"), voice))

    app.action(SHARE)(press)
    app.view(SHARE)(submit)


def render_shared(report: Report, title: str, origin: str, voice: Voice) -> Post:
    """What is seen in the other channel; `origin` says by whom it was shared and where all of it is."""
    text = headline(report, title, voice)
    return Post(text, [kit.section(f"{EMOJI[report.verdict]} {text}"), kit.context(origin)])


def render_sharing(report: Report, title: str, metadata: str, user: str, voice: Voice) -> Json:
    """The modal: where to, and what will be seen there."""
    preview = render_shared(report, title, voice.say("share.by", user=user), voice)
    blocks = [
        pick_channel(voice.say("share.where"), voice.say("share.pick")),
        kit.section(voice.say("share.preview")),
        *preview.blocks,
    ]
    words = (voice.say("share.title"), voice.say("share.submit"), voice.say("share.close"))
    return ask(SHARE, words, metadata, blocks)


async def open_sharing(desk: Desk, body: Body) -> None:
    """Opens the modal for an operator; raises `Refusal`."""
    opened = await open_loading(desk, body)
    voice, user = await desk.voice(body), user_of(body)
    channel = (body.get("channel") or {}).get("id", "")
    run = str(body["actions"][0].get("value"))
    try:
        await desk.people.admit_operator(user, channel)
        _, report = await _read(desk, run, channel)
        metadata = json.dumps({"run": run, "channel": channel})
        view = render_sharing(report, _title(desk, report), metadata, user, voice)
    except Refusal as refusal:
        view = render_notice(refusal.told, voice)
    except StateUnavailable:
        view = render_notice(tell("store.away"), voice)
    await fill(desk, opened, view)


async def _read(desk: Desk, run_id: str, channel: str) -> tuple[Card, Report]:
    """The card and what it shows; raises `Refusal` when there is no such card or no verdict in the channel."""
    card = await desk.stores.outbox.find(run_id, channel)
    run = await read_shown(desk.stores, run_id) if card else None
    if card is None or card.ts is None or run is None:
        raise Refusal(tell("details.gone"))
    if run.report is None:
        raise Refusal(tell("details.unfinished"))
    return card, run.report


def _title(desk: Desk, report: Report) -> str:
    site = desk.inventory().sites.get(report.site)
    return site.title if site else report.site


async def _share(desk: Desk, body: Body) -> None:
    target = picked(body)
    try:
        told = await share(desk, body, target)
    except Refusal as refusal:
        reason = refusal.told
        told = lambda voice: voice.say("share.refused", reason=reason(voice))  # noqa: E731
    except StateUnavailable:
        told = tell("store.away")
    except (Later, Gone, Frozen) as error:
        log.warning("share.failed", channel=target, reason=str(error))
        told = tell("share.failed", reason=str(error))
    await conclude(desk, body, told)


async def share(desk: Desk, body: Body, target: str) -> Told:
    """Posts the compact card and records it in the thread; everything is checked again, the modal may be old.

    Raises `Refusal`, `StateUnavailable`, or what `Posts` raises.
    """
    user, meta = user_of(body), json.loads(body["view"]["private_metadata"])
    run, channel = str(meta["run"]), str(meta["channel"])
    await desk.people.admit_operator(user, channel)
    if target == channel:
        return tell("share.same")
    await desk.people.admit_place(target)
    card, report = await _read(desk, run, channel)
    assert card.ts is not None, "only a card that was posted is shared"
    key = f"share:{body['view']['id']}"
    if not await desk.stores.watches.first(key):
        return tell("share.twice")
    voice, carried = await desk.voice(body), {"run": run, "key": key}
    origin = voice.say("share.card", user=user, url=await _link(desk, channel, card.ts))
    ts = await desk.posts.post(target, carried, render_shared(report, _title(desk, report), origin, voice))
    url = await _link(desk, target, ts)
    line = voice.say("share.log", user=user, channel=target, url=url)
    await desk.posts.post(channel, carried, Post(line, [kit.section(line)]), card.ts)
    await desk.record("shared", report.site, run=run, actor=user, channel=target)
    log.info("run.shared", run=run, site=report.site, user=user, channel=channel, target=target)
    return tell("share.shared", channel=target, url=url)


async def _link(desk: Desk, channel: str, ts: str) -> str:
    link = await desk.posts.link_to(channel, ts)
    if link is None:
        raise Later(None, "chat.getPermalink")
    return link
