"""When a site is due and where its results go, pure: the inventory's schedule, or a person's word over it."""

import datetime as dt
import zlib
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from croniter import croniter

from bot.model.inventory import Site
from bot.model.watch import Switch

EVERY = "*/15 * * * *"
SPREAD = dt.timedelta(minutes=5)
LATE = dt.timedelta(minutes=30)
"""A time that was missed for longer than this is left out; shorter than what is remembered of asked times."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron expression in the time zone of the site, and the channel of its results ("" = none)."""

    cron: str
    channel: str


def schedule_of(site: Site, switch: Switch | None) -> Schedule | None:
    """What the site is watched by; None when it is not."""
    if switch is not None and not switch.on:
        return None
    cron = site.watch or (EVERY if switch else None)
    return Schedule(cron, site.channel or (switch.channel if switch else "")) if cron else None


def last_due(name: str, site: Site, cron: str, now: dt.datetime) -> dt.datetime | None:
    """The last time, in UTC, at which the site was to be asked; None when that was too long ago.

    Sites of the same schedule are spread over minutes by their names, so that they do not all come at once.
    """
    local = now.astimezone(ZoneInfo(site.timezone))
    upcoming = croniter(cron, local)
    following = upcoming.get_next(dt.datetime)
    delay = _spread(name, following - croniter(cron, following).get_prev(dt.datetime))
    planned = croniter(cron, local - delay + dt.timedelta(seconds=1)).get_prev(dt.datetime)
    due = (planned + delay).astimezone(dt.UTC)
    return due if now - due < LATE else None


def _spread(name: str, interval: dt.timedelta) -> dt.timedelta:
    room = int(min(interval, SPREAD).total_seconds())
    return dt.timedelta(seconds=zlib.crc32(name.encode()) % max(room, 1))
