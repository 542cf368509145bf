"""The queue of checks in SAQ: a doorbell for workers; the state of a run is ours.

SAQ has priorities on PostgreSQL alone, so here are two lists: a worker takes from that of the schedule only when
that of people is empty.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, cast

import structlog
from redis.exceptions import RedisError, ResponseError
from saq.job import Job
from saq.queue.redis import RedisQueue

from bot.jobs.redis import Client
from bot.jobs.state import State, unavailable

log = structlog.get_logger()

FUNCTION = "check"

HEARTBEAT = 5
"""Seconds without a sign of life after which SAQ takes a job for dead."""

_RETRIES = 10  # more than our own attempts, which decide
_KEPT_SECONDS = 60
_RETRY_SECONDS = 1.0
_NAME = "checks"

_GLANCE = 1
"""Seconds between looks at the schedule's list while nobody asks for anything."""

_HURRY = """
if redis.call('LREM', KEYS[1], 0, ARGV[1]) > 0 then redis.call('RPUSH', KEYS[2], ARGV[1]) end
"""


class _Jobs(RedisQueue):
    """SAQ's, but what is no job is logged and counts as a job that is gone, which SAQ sweeps."""

    def deserialize(self, payload: Any, status: Any = None) -> Job | None:
        try:
            return super().deserialize(payload, status)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            log.error("state.unreadable", key=self.namespace("active"), why="not a job")
            return None


class _Scheduled(_Jobs):
    """The same jobs, queued in the other list."""

    def __init__(self, client: Client, name: str) -> None:
        super().__init__(client, name=name)
        self._queued = self.namespace("scheduled")


class Checks(_Jobs):
    """Jobs named after their run: there is one at most, however often it is rung for."""

    def __init__(self, client: Client, name: str = _NAME) -> None:
        """Another `name` than the product's is for whoever tries it out."""
        super().__init__(client, name=name)
        self._later = _Scheduled(client, name)
        self._state = State(client)

    async def ring(self, run: str, *, scheduled: bool = False) -> None:
        """Sees to it that there is a job for the run; raises `StateUnavailable`.

        A `scheduled` one waits until no person's waits; a job that is there already stays where it is.
        """
        queue = self._later if scheduled else self
        try:
            await queue.enqueue(
                FUNCTION,
                run=run,
                key=run,
                timeout=0,
                heartbeat=HEARTBEAT,
                retries=_RETRIES,
                ttl=_KEPT_SECONDS,
            )
        except (RedisError, OSError) as error:
            await self._heal(error)
            raise unavailable(error) from error

    async def hurry(self, run: str) -> None:
        """A person wants what the schedule asked for: the job waits with people's; raises `StateUnavailable`."""
        lists = (self._later._queued, self._queued)
        try:
            await cast(Awaitable[object], self.redis.eval(_HURRY, 2, *lists, self.job_id(run)))
        except (RedisError, OSError) as error:
            raise unavailable(error) from error

    async def waiting(self) -> tuple[int, int]:
        """How many jobs of people and of the schedule wait."""
        return await self.count("queued"), await self._later.count("queued")

    async def dequeue(self, timeout: float = 0.0, poll_interval: float = 0.0) -> Job | None:
        """The job that has waited longest, people's before the schedule's; None after at most a second without."""
        try:
            return await self._dequeue(timeout)
        except ResponseError as error:
            await self._heal(error)
            await asyncio.sleep(_GLANCE)
            return None

    async def _dequeue(self, timeout: float) -> Job | None:
        found = await self._take(self) or await self._take(self._later)
        glance = min(int(timeout), _GLANCE) or _GLANCE
        found = found or await self.redis.blmove(self._queued, self._active, glance, "LEFT", "RIGHT")
        return await self._get_job_by_id(found) if found else None

    async def _heal(self, error: Exception) -> None:
        """Sets aside keys of SAQ's that are of another type."""
        if "WRONGTYPE" in str(error):
            for key in (self._queued, self._later._queued, self._active):
                await self._state.call("look", "LLEN", key)
            for key in (self._incomplete, self._stats):
                await self._state.call("look", "ZCARD", key)

    async def _take(self, queue: RedisQueue) -> bytes | None:
        return await cast(
            Awaitable[bytes | None], self.redis.lmove(queue._queued, self._active, "LEFT", "RIGHT")
        )

    async def retry(self, job: Job, error: str | None) -> None:
        """As SAQ's, but a worker that stops does not wait for Redis: a run without a job is found."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_RETRY_SECONDS):
                await super().retry(job, error)

    async def sweep(self, lock: int = 60, abort: float | None = None) -> list[str]:
        """Queues again what shows no sign of life, without waiting for it: our lease guards it if it lives."""
        return await super().sweep(lock, abort)  # type: ignore[arg-type]
