"""How much Redis keeps of a day of scheduled checks: the real way of each run, with the clock turned by hand."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

from bot.jobs.queue import Checks
from bot.jobs.redis import Client, connected
from bot.jobs.runs import RedisRuns
from bot.jobs.state import State
from bot.jobs.watches import RedisWatches
from bot.jobs.watching import Watch
from bot.jobs.worker import work
from bot.lab.redis import EmbeddedRedis
from bot.model.inventory import Inventory
from bot.model.report import Report
from bot.model.run import Request, Run

SITES, CYCLES, EVERY, CHANNEL = 10, 96, dt.timedelta(minutes=15), "C0OPS"


def inventory() -> Inventory:
    box = {"host": "127.0.0.1", "username": "pvo", "password": {"env": "PVO_BENCH"}}
    site = {"sma": "sma-a", "esas": ["esa-a1"], "channel": CHANNEL, "watch": "*/15 * * * *"}
    return Inventory.model_validate(
        {
            "appliances": {"sma-a": box | {"product": "sma"}, "esa-a1": box | {"product": "esa"}},
            "sites": {f"site-{number}": site | {"title": f"Site {number}"} for number in range(SITES)},
        }
    )


async def measure_history(report: Report) -> dict[str, float]:
    """MB of Redis for 1,000 healthy sites after 24 hours, by kind of key, from what some sites take."""
    with EmbeddedRedis() as server:
        async with connected(server.url, patient=True) as client:
            await live_a_day(server.url, client, report)
            return await weigh(client)


async def live_a_day(url: str, client: Client, report: Report) -> None:
    begun, stop = dt.datetime.now(dt.UTC) - CYCLES * EVERY, asyncio.Event()
    state, checks = State(client), Checks(client)
    runs, known = RedisRuns(state, checks), inventory()
    watch = Watch(runs, RedisWatches(client, state, checks), lambda: known)
    moment = begun

    async def check(run: Run, progress: Callable[[int, int], Awaitable[None]]) -> Report:
        return report.model_copy(update={"id": run.id, "site": run.request.site, "started": moment})

    working = asyncio.create_task(work(url, check, 8, stop))
    for cycle in range(CYCLES):
        moment = begun + cycle * EVERY
        for site in known.sites:
            run = await runs.ask(
                f"schedule:{site}:{moment.isoformat()}", Request(site=site, user=None, channel=CHANNEL)
            )
            assert run is not None
            await runs.admit(run.id)
        while await client.zcard("pvo:open") + await client.zcard("pvo:ended"):
            await watch.look()
        await forget_what_lapsed(client, EVERY)
    stop.set()
    await working


async def forget_what_lapsed(client: Client, passed: dt.timedelta) -> None:
    """Lets time pass for all keys that are not kept for ever."""
    async for key in client.scan_iter(count=1000):
        if (left := await client.pttl(key)) >= 0:
            await client.pexpire(key, max(0, left - round(1000 * passed.total_seconds())))


async def weigh(client: Client) -> dict[str, float]:
    sizes: dict[str, float] = {}
    async for key in client.scan_iter(count=1000):
        kind = ":".join(key.decode().split(":")[:2])
        size = await client.memory_usage(key, samples=0) or 0
        sizes[kind] = sizes.get(kind, 0.0) + size / SITES * 1000 / 1e6
    return sizes
