"""The queue of checks in SAQ: a doorbell for workers; the state of a run is ours."""

import asyncio
from contextlib import suppress

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


class Checks(RedisQueue):
    """Jobs named after their run: there is one at most, however often it is rung for."""

    def __init__(self, client: Client) -> None:
        super().__init__(client, name="checks")

    async def ring(self, run: str) -> None:
        """Sees to it that there is a job for the run; raises `StateUnavailable`."""
        try:
            await self.enqueue(
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

    async def retry(self, job: Job, error: str | None) -> None:
        """As SAQ's, but a worker that stops does not wait for Redis: a run without a job is found."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_RETRY_SECONDS):
                await super().retry(job, error)

    async def sweep(self, lock: int = 60, abort: float | None = None) -> list[str]:
        """Queues again what shows no sign of life, without waiting for it: our lease guards it if it lives."""
        return await super().sweep(lock, abort)  # type: ignore[arg-type]
