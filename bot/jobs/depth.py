"""How much waits in Redis, and since when: read for metrics, by no more than one round trip each."""

import json
import time
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, cast

from redis.exceptions import RedisError
from ulid import ULID

from bot.jobs.redis import Client
from bot.jobs.state import unavailable
from bot.metrics.meters import OUTBOX_DEPTH, QUEUE_AGE, QUEUE_DEPTH

PEOPLE, SCHEDULE = "people", "schedule"
_WAITING = ("asked", "queued")
_STATES = (*_WAITING, "running")


async def measure_depth(client: Client) -> None:
    """Brings the gauges of the queue up to date; raises `StateUnavailable`."""
    try:
        names, outbox = await _read_lists(client)
        found = await _read_runs(client, names)
    except (RedisError, OSError) as error:
        raise unavailable(error) from error
    depths = Counter((run.queue, run.state) for run in found)
    for queue in (PEOPLE, SCHEDULE):
        for state in _STATES:
            QUEUE_DEPTH.labels(queue, state).set(depths[queue, state])
        ages = (_age(run.name) for run in found if run.queue == queue and run.state in _WAITING)
        QUEUE_AGE.labels(queue).set(max(ages, default=0.0))
    OUTBOX_DEPTH.set(outbox)


async def ping(client: Client) -> str | None:
    """What is wrong with Redis, None when it answers."""
    try:
        await cast(Awaitable[bool], client.ping())
    except (RedisError, OSError) as error:
        return f"does not answer ({type(error).__name__})"
    return None


@dataclass(frozen=True, slots=True)
class _Found:
    name: bytes
    queue: str
    state: str


async def _read_lists(client: Client) -> tuple[list[bytes], int]:
    pipe: Any = client.pipeline(transaction=False)
    pipe.zrange("pvo:asked", 0, -1).zrange("pvo:open", 0, -1).zcard("pvo:outbox")
    asked, opened, outbox = await pipe.execute()
    return list(dict.fromkeys(asked + opened)), outbox


async def _read_runs(client: Client, names: list[bytes]) -> list[_Found]:
    """The runs of these names, each in the queue in which it waits: a run that a card shows is people's."""
    pipe: Any = client.pipeline(transaction=False)
    for name in names:
        pipe.hmget(b"pvo:run:" + name, "state", "request").exists(b"pvo:cards:" + name)
    answers = await pipe.execute()
    return [
        _Found(name, PEOPLE if shown or json.loads(request)["user"] else SCHEDULE, state.decode())
        for name, (state, request), shown in zip(names, answers[::2], answers[1::2], strict=True)
        if state and request
    ]


def _age(run: bytes) -> float:
    """Seconds since the run was asked for: its id holds the time."""
    try:
        return max(0.0, time.time() - ULID.from_str(run.decode()).timestamp)
    except ValueError:
        return 0.0
