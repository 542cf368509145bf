"""How much waits in Redis, and since when: read for metrics, by no more than one round trip each."""

import time
from collections.abc import Awaitable
from typing import Any, cast

from redis.exceptions import RedisError
from ulid import ULID

from bot.jobs.redis import Client
from bot.jobs.state import unavailable
from bot.metrics.meters import OUTBOX_DEPTH, QUEUE_AGE, QUEUE_DEPTH


async def measure_depth(client: Client) -> None:
    """Brings the gauges of the queue up to date; raises `StateUnavailable`."""
    try:
        asked, opened, outbox = await _read_lists(client)
        states = await _read_states(client, opened)
    except (RedisError, OSError) as error:
        raise unavailable(error) from error
    waiting = asked + [run for run, state in states.items() if state == b"queued"]
    QUEUE_DEPTH.labels("asked").set(len(asked))
    for state in ("queued", "running"):
        QUEUE_DEPTH.labels(state).set(sum(value == state.encode() for value in states.values()))
    QUEUE_AGE.set(max((_age(run) for run in waiting), default=0.0))
    OUTBOX_DEPTH.set(outbox)


async def ping(client: Client) -> str | None:
    """What is wrong with Redis, None when it answers."""
    try:
        await cast(Awaitable[bool], client.ping())
    except (RedisError, OSError) as error:
        return f"does not answer ({type(error).__name__})"
    return None


async def _read_lists(client: Client) -> tuple[list[bytes], list[bytes], int]:
    pipe: Any = client.pipeline(transaction=False)
    pipe.zrange("pvo:asked", 0, -1).zrange("pvo:open", 0, -1).zcard("pvo:outbox")
    asked, opened, outbox = await pipe.execute()
    return asked, opened, outbox


async def _read_states(client: Client, runs: list[bytes]) -> dict[bytes, bytes | None]:
    pipe: Any = client.pipeline(transaction=False)
    for run in runs:
        pipe.hget(b"pvo:run:" + run, "state")
    return dict(zip(runs, await pipe.execute(), strict=True))


def _age(run: bytes) -> float:
    """Seconds since the run was asked for: its id holds the time."""
    try:
        return max(0.0, time.time() - ULID.from_str(run.decode()).timestamp)
    except ValueError:
        return 0.0
