"""How sites are, in lines, pure: for `/pvo status`, digests and the home tab."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import get_args

from bot.model.inventory import Inventory, Site
from bot.model.report import Verdict
from bot.model.watch import Entry, Mute, Schedule, Watches, schedule_of
from bot.render.words import duration
from bot.slack.texts import EMOJI, Voice
from bot.slack.views.blocks import escape

WORST_FIRST: tuple[str, ...] = ("broken", "unknown", "degraded", "healthy")
assert set(WORST_FIRST) == set(get_args(Verdict))


@dataclass(frozen=True, slots=True)
class Standing:
    """A site with its last entry, its schedule and its mute, as far as there are any."""

    name: str
    site: Site
    entry: Entry | None = None
    schedule: Schedule | None = None
    mute: Mute | None = None


async def read_standings(
    watches: Watches, inventory: Inventory, channel: str | None = None
) -> list[Standing]:
    """How all sites are, or those whose results go to `channel`, the worst first; raises `StateUnavailable`."""
    orders = await watches.orders()
    schedules = {
        name: schedule
        for name, site in sorted(inventory.sites.items())
        if _goes_to(channel, schedule := schedule_of(site, orders.switches.get(name)))
    }
    latest = await watches.latest(list(schedules))
    standings = [
        Standing(name, inventory.sites[name], latest.get(name), schedule, orders.mutes.get(name))
        for name, schedule in schedules.items()
    ]
    return sorted(standings, key=_rank)


def _goes_to(channel: str | None, schedule: Schedule | None) -> bool:
    return channel is None or (schedule is not None and schedule.channel == channel)


def _rank(standing: Standing) -> int:
    return WORST_FIRST.index(standing.entry.verdict) if standing.entry else len(WORST_FIRST)


def count_verdicts(standings: Iterable[Standing], voice: Voice) -> str:
    """`1 broken, 2 healthy`, the worst first."""
    counts = Counter(standing.entry.verdict if standing.entry else "" for standing in standings)
    said = [
        f"{counts[verdict]} {voice.say(f'verdict.{verdict}')}" for verdict in WORST_FIRST if counts[verdict]
    ]
    said += [f"{counts['']} {voice.say('site.never')}"] if counts[""] else []
    return ", ".join(said) or voice.say("status.none")


def tell_standing(standing: Standing, voice: Voice, when: str) -> str:
    """One line of mrkdwn: the verdict, `when` it was found, the first cause, the mute."""
    entry = standing.entry
    parts = [voice.say("site.never") if entry is None else voice.say(f"verdict.{entry.verdict}")]
    parts += [part for part in (when, tell_causes(entry, voice) if entry else "") if part]
    parts += [tell_mute(standing.mute, voice)] if standing.mute else []
    return voice.say(
        "site.line",
        emoji=EMOJI[entry.verdict] if entry else EMOJI["open"],
        title=escape(standing.site.title),
        name=standing.name,
        state=", ".join(parts),
    )


def tell_causes(entry: Entry, voice: Voice) -> str:
    """The first cause as `id` and subject, and how many more there are; empty when there is none."""
    if not entry.causes:
        return ""
    identifier, _, subject = entry.causes[0].partition(" ")
    cause = f"`{escape(identifier)}`{escape(voice.say('card.on', subject=subject))}"
    more = len(entry.causes) - 1
    return voice.say("site.causes", cause=cause, count=more) if more else voice.say("site.cause", cause=cause)


def tell_mute(mute: Mute, voice: Voice) -> str:
    return voice.say("site.muted", until=clock(mute.until), user=mute.user, reason=escape(mute.reason))


def tell_watch(standing: Standing, voice: Voice) -> Iterator[str]:
    """How the site is watched, if it is."""
    schedule = standing.schedule
    if schedule is None:
        return
    values = {"cron": schedule.cron, "timezone": standing.site.timezone}
    if schedule.channel:
        yield voice.say("site.watched", channel=schedule.channel, **values)
    else:
        yield voice.say("site.watched-nowhere", **values)


def age(at: dt.datetime, now: dt.datetime, voice: Voice) -> str:
    """`3 min ago`."""
    minutes = int((now - at).total_seconds() // 60)
    return voice.say("site.ago", age=duration(minutes)) if minutes > 0 else voice.say("site.now")


def clock(at: dt.datetime) -> str:
    """`2026-11-24 03:00`, in UTC."""
    return format(at.astimezone(dt.UTC), "%Y-%m-%d %H:%M")
