"""What is known about sites over time, in Redis: history, watch switches, mutes, troubles, digests."""

import datetime as dt
import time
from typing import Any

from redis.exceptions import RedisError

from bot.jobs.queue import Checks
from bot.jobs.redis import Client
from bot.jobs.state import State, unavailable
from bot.model.run import Request
from bot.model.watch import Entry, Mute, Orders, Pulse, Switch, Trouble

KEPT = 1000
"""Entries of a site's history at most, which lists take without more than they hold: 24 h a site are about 11 kB."""
DAYS = 30
_PASSED = 60.0  # s that a run is kept after the watch has seen it, when nothing shows it
_SEEN_SECONDS = 3_600


class RedisWatches:
    """The port `Watches` over one connection, and what the worker's watch keeps there."""

    def __init__(self, client: Client, state: State, checks: Checks, days: int = DAYS) -> None:
        """The history is kept for so many days."""
        self._state = state
        self._checks = checks
        self._kept = dt.timedelta(days=days)

    async def first(self, key: str) -> bool:
        return bool(await self._state.ask("SET", f"pvo:seen:{key}", 1, "NX", "EX", _SEEN_SECONDS))

    async def orders(self) -> Orders:
        now = dt.datetime.now(dt.UTC)
        mutes = await self._state.models(Mute, "pvo:mutes")
        mutes = {site: mute for site, mute in mutes.items() if mute.until > now}
        return Orders(switches=await self._state.models(Switch, "pvo:switches"), mutes=mutes)

    async def switch(self, site: str, switch: Switch) -> None:
        await self._state.ask("HSET", "pvo:switches", site, switch.model_dump_json())

    async def mute(self, site: str, mute: Mute) -> None:
        await self._state.ask("HSET", "pvo:mutes", site, mute.model_dump_json())

    async def latest(self, sites: list[str]) -> dict[str, Entry]:
        if not sites:
            return {}
        found = await self._state.ask("HMGET", "pvo:latest", *sites)
        entries = {
            site: await self._state.model(Entry, text, "pvo:latest", site)
            for site, text in zip(sites, found, strict=True)
            if text is not None
        }
        return {site: entry for site, entry in entries.items() if entry is not None}

    async def history(self, site: str, count: int) -> list[Entry]:
        key = f"pvo:history:{site}"
        texts = await self._state.ask("LRANGE", key, -count, -1)
        found = [await self._state.model(Entry, text, key, text) for text in texts]
        return sorted((entry for entry in found if entry is not None), key=lambda entry: entry.at)

    async def troubles(self, run: str) -> list[Trouble]:
        found = await self._state.models(Trouble, f"pvo:troubles:{run}")
        return sorted(found.values(), key=lambda trouble: trouble.first.run)

    async def refresh(self, channel: str) -> None:
        await self._state.call("refresh", channel, "", "")

    async def pulse(self) -> Pulse:
        began = time.perf_counter()
        cards = int(await self._state.ask("ZCARD", "pvo:outbox"))
        took = time.perf_counter() - began
        info, waiting = await _asked(self._checks.info()), await _asked(self._checks.waiting())
        return Pulse(
            workers=len(info["workers"]),
            queued=sum(waiting),
            running=info["active"],
            cards=cards,
            redis_ms=1000 * took,
        )

    # What only the worker's watch does:

    async def ended(self, pause: float) -> list[str]:
        """Runs with a report to look at; they come again after `pause` seconds unless they are forgotten."""
        return [run.decode() for run in await self._state.call("ended", round(1000 * pause))]

    async def forget_ended(self, run: str) -> None:
        await self._state.call("forget_ended", run)

    async def let_go(self, run: str) -> None:
        """The run was noted and is nobody's news: unless a card shows it, its report goes soon."""
        await self._state.call("let_go", run, round(1000 * _PASSED))

    async def note(self, site: str, entry: Entry) -> bool:
        """Adds to the history of the site, once; False when a later run of it was noted before."""
        text = entry.model_dump_json(exclude_defaults=True)
        oldest = (entry.at - self._kept).isoformat()
        return bool(await self._state.call("note", site, entry.run, text, KEPT, oldest))

    async def trouble_of(self, site: str) -> tuple[str, Trouble] | None:
        """The site's trouble while it lasts, and the run whose card shows it."""
        found = await self._state.call("trouble_of", site)
        if not found:
            return None
        lead = found[0].decode(errors="replace")
        trouble = await self._state.model(Trouble, found[1], f"pvo:troubles:{lead}", site)
        return (lead, trouble) if trouble else None

    async def open_trouble(self, trouble: Trouble, channel: str, moment: float) -> None:
        """Announces it by a card of its own, or by one that was opened there less than `moment` seconds ago."""
        about = (trouble.site, trouble.first.run, channel, trouble.model_dump_json())
        await self._state.call("open_trouble", *about, round(1000 * moment))

    async def change_trouble(self, lead: str, trouble: Trouble) -> None:
        over = int(not trouble.latest.ill)
        await self._state.call("change_trouble", trouble.site, lead, trouble.model_dump_json(), over)

    async def show_digest(self, channel: str, language: str) -> None:
        """Has the digest of the channel shown again, or for the first time."""
        request = Request(site="", user=None, channel=channel, language=language)
        now = dt.datetime.now(dt.UTC).isoformat()
        await self._state.call("refresh", channel, request.model_dump_json(), now)


async def _asked(answer: Any) -> Any:
    """The answer of Redis, whose library does not say that it must be awaited; raises `StateUnavailable`."""
    try:
        return await answer
    except (RedisError, OSError, ValueError) as error:
        raise unavailable(error) from error
