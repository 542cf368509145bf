"""When a site is due, pure, and what is due next of many sites."""

import datetime as dt
import heapq
import zlib
from zoneinfo import ZoneInfo

from croniter import croniter

from bot.model.inventory import Site

SPREAD = dt.timedelta(minutes=5)
LATE = dt.timedelta(minutes=30)
"""A time that was missed for longer than this is left out; shorter than what is remembered of asked times."""


class Agenda:
    """The next due time of each watched site: to look costs only what is due, not what is watched."""

    def __init__(self) -> None:
        self._crons: dict[str, tuple[str, str]] = {}
        self._times: dict[str, dt.datetime] = {}
        self._heap: list[tuple[dt.datetime, str]] = []

    def plan(self, name: str, site: Site, cron: str, now: dt.datetime) -> bool:
        """Enters a site, at its last due time if that is not too long ago; False when it stands there as it is."""
        known = (cron, site.timezone)
        if self._crons.get(name) == known:
            return False
        self._crons[name] = known
        self._enter(name, last_due(name, site, cron, now) or next_due(name, site, cron, now))
        return True

    def keep(self, names: set[str]) -> None:
        """Drops all other sites."""
        for name in self._crons.keys() - names:
            del self._crons[name], self._times[name]

    def due(self, now: dt.datetime) -> list[str]:
        """The sites that are due, the longest waiting first; each stays due until it is `put_off`."""
        waiting = []
        while self._heap and self._heap[0][0] <= now:
            entry = time, name = heapq.heappop(self._heap)
            if self._times.get(name) == time:
                waiting.append(entry)
        for entry in waiting:
            heapq.heappush(self._heap, entry)
        return [name for _, name in waiting]

    def put_off(self, name: str, site: Site, now: dt.datetime) -> None:
        """The site was asked: it is due again at its next time after `now`."""
        self._enter(name, next_due(name, site, self._crons[name][0], now))

    def _enter(self, name: str, time: dt.datetime) -> None:
        self._times[name] = time
        heapq.heappush(self._heap, (time, name))


def last_due(name: str, site: Site, cron: str, now: dt.datetime) -> dt.datetime | None:
    """The last time, in UTC, at which the site was to be asked; None when that was too long ago.

    Sites of the same schedule are spread over minutes by their names, so that they do not all come at once.
    """
    local, delay = _delayed(name, site, cron, now)
    planned = croniter(cron, local - delay + dt.timedelta(seconds=1)).get_prev(dt.datetime)
    due = (planned + delay).astimezone(dt.UTC)
    return due if now - due < LATE else None


def next_due(name: str, site: Site, cron: str, now: dt.datetime) -> dt.datetime:
    """The first time after `now`, in UTC, at which the site is to be asked, by the delay that it has now."""
    local, delay = _delayed(name, site, cron, now)
    planned: dt.datetime = croniter(cron, local - delay).get_next(dt.datetime)
    return (planned + delay).astimezone(dt.UTC)


def _delayed(name: str, site: Site, cron: str, now: dt.datetime) -> tuple[dt.datetime, dt.timedelta]:
    """`now` by the clock of the site, and how long after its cron it is due."""
    local = now.astimezone(ZoneInfo(site.timezone))
    following = croniter(cron, local).get_next(dt.datetime)
    return local, _spread(name, following - croniter(cron, following).get_prev(dt.datetime))


def _spread(name: str, interval: dt.timedelta) -> dt.timedelta:
    room = int(min(interval, SPREAD).total_seconds())
    return dt.timedelta(seconds=zlib.crc32(name.encode()) % max(room, 1))
