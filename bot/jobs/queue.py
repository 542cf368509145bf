"""The queue of checks in SAQ: a doorbell for workers; the state of a run is ours.

SAQ has priorities on PostgreSQL alone, so here are two lists: a worker takes from that of the schedule only when
that of people is empty.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import cast

from redis.exceptions import RedisError
from saq.job import Job
from saq.queue.redis import RedisQueue

from bot.jobs.redis import Client
from bot.jobs.state import unavailable

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


class _Scheduled(RedisQueue):
    """The same jobs, queued in the other list."""

    def __init__(self, client: Client) -> None:
        super().__init__(client, name=_NAME)
        self._queued = self.namespace("scheduled")


class Checks(RedisQueue):
    """Jobs named after their run: there is one at most, however often it is rung for."""

    def __init__(self, client: Client) -> None:
        super().__init__(client, name=_NAME)
        self._later = _Scheduled(client)

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
        found = await self._take(self) or await self._take(self._later)
        glance = min(int(timeout), _GLANCE) or _GLANCE
        found = found or await self.redis.blmove(self._queued, self._active, glance, "LEFT", "RIGHT")
        return await self._get_job_by_id(found) if found else None

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
