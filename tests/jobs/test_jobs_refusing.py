"""A Redis that takes no writes: an app and a worker say so on /readyz, why, and go on when it is over."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis

from bot.jobs.attempt import Progress
from bot.jobs.outbox import RedisOutbox
from bot.jobs.queue import Checks
from bot.jobs.redis import connected
from bot.jobs.runs import RedisRuns
from bot.jobs.state import State
from bot.jobs.worker import work
from bot.lab.redis import EmbeddedRedis
from bot.model.errors import StateUnavailable
from bot.model.report import Report
from bot.model.run import Request, Run
from tests.metrics.test_metrics_serve import watched
from tests.slack import make

Deed = Callable[[Any], None]


def fill(client: Any) -> None:
    client.config_set("maxmemory", 1)


def empty(client: Any) -> None:
    client.config_set("maxmemory", 0)


def demote(client: Any) -> None:
    client.replicaof("127.0.0.1", "1")


def promote(client: Any) -> None:
    client.replicaof("NO", "ONE")


def forbid(client: Any) -> None:
    client.config_set("min-replicas-to-write", 1)


def allow(client: Any) -> None:
    client.config_set("min-replicas-to-write", 0)


REFUSALS = [
    pytest.param(fill, empty, "no memory is left", id="no-memory"),
    pytest.param(demote, promote, "it is a replica", id="replica"),
    pytest.param(forbid, allow, "too few replicas are connected", id="too-few-replicas"),
]


@asynccontextmanager
async def delivering(url: str, shown: set[str]) -> AsyncIterator[None]:
    """An app that shows runs, and a worker that carries them out; neither may end."""

    async def check(run: Run, progress: Progress) -> Report:
        return make.report(id=run.id, site=run.request.site)

    async def deliver() -> None:
        async with connected(url, patient=True) as client:
            state = State(client)
            outbox, runs = RedisOutbox(state), RedisRuns(state, Checks(client))
            async for card in outbox.due():
                try:
                    run = await runs.get(card.run)
                    if run is not None and run.state.final:
                        shown.add(run.id)
                    if run is not None:
                        await outbox.settle(card, run)
                except StateUnavailable:
                    continue

    stop = asyncio.Event()
    tasks = [asyncio.create_task(work(url, check, 1, stop)), asyncio.create_task(deliver())]
    try:
        yield
        assert not any(task.done() for task in tasks)
    finally:
        stop.set()
        tasks[1].cancel()
        await asyncio.wait(tasks)


@pytest.mark.parametrize(("refuse", "take_again", "reason"), REFUSALS)
async def test_not_ready_while_no_writes_are_taken_and_everything_goes_on_afterwards(
    refuse: Deed,
    take_again: Deed,
    reason: str,
    redis_binary: str,
    request_of: Callable[..., Request],
) -> None:
    shown: set[str] = set()
    with EmbeddedRedis(binary=redis_binary) as server, redis.Redis.from_url(server.url) as admin:
        async with watched(server.url) as fetch, delivering(server.url, shown):
            assert (await fetch("/readyz"))[0] == 200
            refuse(admin)
            status, text = await fetch("/readyz")
            assert (status, text.startswith(f"redis: takes no writes: {reason}")) == (503, True), text
            async with connected(server.url, patient=False) as client:
                runs = RedisRuns(State(client), Checks(client))
                with pytest.raises(StateUnavailable):
                    await runs.ask("first", request_of())
                await asyncio.sleep(3)  # long enough for every loop to meet it
                take_again(admin)
                await until(lambda: fetch("/readyz"), (200, "redis: ok\n"))
                run = await runs.ask("second", request_of())
                assert run is not None
                await runs.admit(run.id)
            async with asyncio.timeout(60):
                while run.id not in shown:  # noqa: ASYNC110 - Redis tells nobody
                    await asyncio.sleep(0.05)


async def until(ask: Callable[[], Awaitable[object]], expected: object) -> None:
    async with asyncio.timeout(30):
        while await ask() != expected:  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.05)
