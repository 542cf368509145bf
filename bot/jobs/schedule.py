"""When a site is due, pure."""

import datetime as dt
import zlib
from zoneinfo import ZoneInfo

from croniter import croniter

from bot.model.inventory import Site

SPREAD = dt.timedelta(minutes=5)
LATE = dt.timedelta(minutes=30)
"""A time that was missed for longer than this is left out; shorter than what is remembered of asked times."""


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
