"""What `/pvo` tells without running anything: sites, status, history, health, what a finding means."""

import datetime as dt
import time
from functools import partial

from bot.knowledge.article import find_closest, write_article
from bot.model.errors import StateUnavailable
from bot.model.presence import Doubt
from bot.model.watch import Pulse
from bot.render.words import duration
from bot.slack.access import Refusal
from bot.slack.desk import Body, Desk, Line
from bot.slack.handlers.parse import Look, find_site, refuse_site, show, suggest
from bot.slack.texts import EMOJI, Voice
from bot.slack.views import blocks as kit
from bot.slack.views.article import render_article
from bot.slack.views.blocks import Post, escape
from bot.slack.views.history import SHOWN, render_history
from bot.slack.views.sites import Standing, age, count_verdicts, read_standings, tell_standing, tell_watch

_DOUBTS: dict[Doubt, str] = {
    "strange-connection": "health.strange-connection",
    "not-counted": "health.not-counted",
}


async def look(desk: Desk, body: Body, asked: Look) -> None:
    """Tells an operator what he asked for; raises `Refusal` or `StateUnavailable`."""
    await desk.people.admit_operator(body["user_id"], body["channel_id"])
    voice, name = await desk.voice(body), None
    if asked.site is not None:
        name = find_site(asked.site, desk.inventory().sites)
        if name is None:
            raise Refusal(refuse_site(asked.site, desk.inventory().sites))
    post = await _describe(desk, asked.about, name, voice)
    await desk.private.tell(body.get("response_url"), post.text, post.blocks)


async def _describe(desk: Desk, about: str, name: str | None, voice: Voice) -> Post:
    match about:
        case "sites":
            return list_sites(desk, voice)
        case "health":
            return await _health(desk, voice)
        case "history":
            assert name is not None, "the parser asks for a site"
            return await _history(desk, name, voice)
        case _:
            return await _status(desk, name, voice)


async def explain(desk: Desk, body: Body, word: str) -> None:
    """Tells anybody what a finding means; it says nothing about any site."""
    voice = await desk.voice(body)
    if word not in desk.knowledge.findings:
        close = suggest(voice, find_closest(word, desk.knowledge.findings)[:3])
        text = voice.say("explain.unknown", word=show(word), nearest=close)
        await desk.private.tell(body.get("response_url"), text)
        return
    post = render_article(write_article(desk.knowledge, word, voice.language), voice)
    await desk.private.tell(body.get("response_url"), post.text, post.blocks)


def list_sites(desk: Desk, voice: Voice) -> Post:
    """The sites with their titles and appliances, one a line."""
    lines = [
        voice.say(
            "sites.line",
            name=name,
            title=escape(site.title),
            sma=site.sma,
            esas=", ".join(site.esas[:5]) + (f" … ({len(site.esas)})" if len(site.esas) > 5 else ""),
        )
        for name, site in sorted(desk.inventory().sites.items())
    ]
    text = voice.say("sites", lines="\n".join(lines))
    return Post(kit.cut(text, kit.TEXT), kit.sections(text.split("\n"), partial(voice.say, "digest.more")))


async def _status(desk: Desk, name: str | None, voice: Voice) -> Post:
    now = dt.datetime.now(dt.UTC)
    standings = await read_standings(desk.stores.watches, desk.inventory())
    if name is not None:
        standings = [standing for standing in standings if standing.name == name]
    lines = [_status_line(standing, now, voice) for standing in standings]
    if name is not None:
        lines += tell_watch(standings[0], voice)
    text = voice.say("status.text", counts=count_verdicts(standings, voice))
    return Post(text, kit.sections([text, *lines], partial(voice.say, "digest.more")))


def _status_line(standing: Standing, now: dt.datetime, voice: Voice) -> str:
    return tell_standing(standing, voice, age(standing.entry.at, now, voice) if standing.entry else "")


async def _history(desk: Desk, name: str, voice: Voice) -> Post:
    title = desk.inventory().sites[name].title
    entries = await desk.stores.watches.history(name, SHOWN)
    if not entries:
        text = voice.say("history.none", title=escape(title), name=name)
        return Post(text, [kit.section(text)])
    return render_history(title, entries, voice)


async def _health(desk: Desk, voice: Voice) -> Post:
    try:
        pulse = await desk.stores.watches.pulse()
    except StateUnavailable:
        pulse = None
    return render_health(desk.line, pulse, voice)


def render_health(line: Line, pulse: Pulse | None, voice: Voice) -> Post:
    """How this app is, and all workers together; `pulse` is None when the store does not answer."""
    well = pulse is not None and pulse.workers > 0
    state = voice.say("health.good" if well else "health.bad")
    text = voice.say("health.text", emoji=EMOJI["ok" if well else "lost"], state=state)
    way = voice.say("health.socket", count=line.connections) if line.socket else voice.say("health.http")
    up = duration(int((time.monotonic() - line.since) // 60))
    lines = [text, voice.say("health.app", instance=line.instance, age=up, transport=way)]
    if line.headcount is not None and line.headcount.doubt:
        counts = {"connections": line.headcount.connections, "apps": line.headcount.apps}
        lines.append(voice.say(_DOUBTS[line.headcount.doubt], **counts))
    lines += _pulse_lines(pulse, voice)
    return Post(text, [kit.section("\n".join(lines))])


def _pulse_lines(pulse: Pulse | None, voice: Voice) -> list[str]:
    if pulse is None:
        return [voice.say("health.no-redis")]
    counts = {"count": pulse.workers, "running": pulse.running, "queued": pulse.queued}
    return [
        voice.say("health.redis", ms=format(pulse.redis_ms, ".1f")),
        voice.say("health.workers", **counts) if pulse.workers else voice.say("health.no-workers"),
        voice.say("health.cards", count=pulse.cards),
    ]
