"""How much waits in Redis, and since when: read for metrics, by no more than one round trip each."""

import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError, ResponseError
from ulid import ULID

from bot.jobs.redis import Client
from bot.jobs.state import unavailable
from bot.metrics.meters import OUTBOX_DEPTH, QUEUE_AGE, QUEUE_DEPTH

PEOPLE, SCHEDULE = "people", "schedule"
_TRIED = "pvo:ready"
_REFUSALS: dict[type[Exception], str] = {
    OutOfMemoryError: "no memory is left (raise maxmemory, or give pvo a Redis of its own)",
    ReadOnlyError: "it is a replica (name the primary in REDIS_URL)",
}
_CODES = {
    "MISCONF": "it cannot save to its disk (see its log)",
    "NOREPLICAS": "too few replicas are connected (see min-replicas-to-write)",
}
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


async def try_writing(client: Client) -> str | None:
    """What is wrong with Redis, None when it takes a write."""
    try:
        await client.set(_TRIED, 1, px=1000)
    except ResponseError as error:
        code = str(error).partition(" ")[0]
        return f"takes no writes: {_REFUSALS.get(type(error)) or _CODES.get(code, str(error))}"
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
    # A key of another type is set aside by whoever works with it.
    asked, opened, outbox = await pipe.execute(raise_on_error=False)
    names = [name for found in (asked, opened) if isinstance(found, list) for name in found]
    return list(dict.fromkeys(names)), outbox if isinstance(outbox, int) else 0


async def _read_runs(client: Client, names: list[bytes]) -> list[_Found]:
    """The runs of these names, each in the queue in which it waits: a run that a card shows is people's."""
    pipe: Any = client.pipeline(transaction=False)
    for name in names:
        pipe.hmget(b"pvo:run:" + name, "state", "request").exists(b"pvo:cards:" + name)
    answers = await pipe.execute(raise_on_error=False)
    return [
        _Found(
            name, PEOPLE if shown or _has_user(fields[1]) else SCHEDULE, fields[0].decode(errors="replace")
        )
        for name, fields, shown in zip(names, answers[::2], answers[1::2], strict=True)
        if isinstance(fields, list) and all(fields)
    ]


def _has_user(request: bytes) -> bool:
    try:
        return bool(json.loads(request)["user"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return False


def _age(run: bytes) -> float:
    """Seconds since the run was asked for: its id holds the time."""
    try:
        return max(0.0, time.time() - ULID.from_str(run.decode()).timestamp)
    except ValueError:
        return 0.0
