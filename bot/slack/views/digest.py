"""What the watch shows in a channel, pure: the digest of its sites, and how their troubles went on."""

import datetime as dt
import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from bot.model.watch import Change, Trouble
from bot.render.words import duration
from bot.slack.texts import EMOJI, Voice
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Post, escape
from bot.slack.views.sites import Standing, clock, count_verdicts, tell_causes, tell_standing
from bot.slack.views.thread import area_of

Titles = Callable[[str], str]


def render_digest(standings: Sequence[Standing], voice: Voice) -> Post:
    """All watched sites of a channel in one message, the worst first."""
    if not standings:
        text = voice.say("digest.none")
        return Post(text, [kit.section(text)])
    text = voice.say("digest.text", counts=count_verdicts(standings, voice))
    lines = [tell_standing(standing, voice, _checked(standing, voice)) for standing in standings]
    shown = kit.sections(lines, partial(voice.say, "digest.more"))
    return Post(text, [kit.header(text), *shown, kit.context(voice.say("digest.what"))])


def _checked(standing: Standing, voice: Voice) -> str:
    return voice.say("site.at", time=clock(standing.entry.at)) if standing.entry else ""


def tell_troubles(troubles: Sequence[Trouble], titles: Titles, voice: Voice) -> tuple[str, ...]:
    """What the card of the first trouble says besides its report: since when, until when, and the other sites."""
    if not troubles:
        return ()
    own, *others = troubles
    lines = [_span(own, voice)]
    if others:
        named = "\n".join(_line(trouble, titles, voice) for trouble in others)
        lines.append(voice.say("card.also", lines=named))
    return tuple(lines)


def _span(trouble: Trouble, voice: Voice) -> str:
    since, at = clock(trouble.first.at), clock(trouble.latest.at)
    if trouble.latest.ill:
        return voice.say("card.since", since=since, at=at)
    state = voice.say(f"verdict.{_worst(trouble)}")
    return voice.say("card.over", state=state, since=since, until=at)


def _worst(trouble: Trouble) -> str:
    """The last verdict before it was over."""
    ill = [change.entry.verdict for change in trouble.changes if change.entry.ill]
    return ill[-1] if ill else trouble.first.verdict


def _line(trouble: Trouble, titles: Titles, voice: Voice) -> str:
    latest = trouble.latest
    causes = tell_causes(latest, voice)
    return voice.say(
        "site.line",
        emoji=EMOJI[latest.verdict],
        title=escape(titles(trouble.site)),
        name=trouble.site,
        state=", ".join(part for part in (voice.say(f"verdict.{latest.verdict}"), causes) if part),
    )


def render_changes(troubles: Sequence[Trouble], titles: Titles, voice: Voice) -> Iterator[tuple[str, Post]]:
    """A reply for each change, by the key under which it is posted once: quiet ones are left out."""
    for index, trouble in enumerate(troubles):
        if index:  # the card itself announces the first
            yield f"joined:{trouble.site}", _began(trouble, titles, voice)
        for change in trouble.changes:
            if not change.quiet:
                yield f"change:{change.entry.run}", _changed(trouble, change, titles, voice)


def find_later(trouble: Trouble) -> Iterator[tuple[str, set[str]]]:
    """For each announced change that brought causes which are still there: its run, and the areas of those causes."""
    told = set(trouble.first.causes)
    for change in trouble.changes:
        if change.quiet:
            continue
        new = set(change.entry.causes) - told
        told |= new
        if lasting := new & set(trouble.latest.causes):
            yield change.entry.run, {area_of(cause) for cause in lasting}


def _began(trouble: Trouble, titles: Titles, voice: Voice) -> Post:
    return _changed(trouble, Change(entry=trouble.first), titles, voice)


def _changed(trouble: Trouble, change: Change, titles: Titles, voice: Voice) -> Post:
    entry = change.entry
    values = {"title": escape(titles(trouble.site)), "state": voice.say(f"verdict.{entry.verdict}")}
    if entry.ill:
        causes = tell_causes(entry, voice)
        cause = voice.say("change.cause", cause=causes) if causes else ""
        text = voice.say("change.text", time=clock(entry.at), cause=cause, **values)
    else:
        age = duration(_minutes(trouble.first.at, entry.at))
        text = voice.say("change.over", time=clock(entry.at), age=age, **values)
    return Post(text, [kit.section(f"{EMOJI[entry.verdict]} {text}")])


def _minutes(since: dt.datetime, until: dt.datetime) -> int:
    """Rounded up: nothing lasts for 0 minutes."""
    return max(1, math.ceil((until - since).total_seconds() / 60))
