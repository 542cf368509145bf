"""The queue of checks in SAQ: a doorbell for workers; the state of a run is ours."""

from redis.exceptions import RedisError
from saq.queue.redis import RedisQueue

from bot.jobs.redis import Client
from bot.jobs.state import unavailable

FUNCTION = "check"

HEARTBEAT = 5
"""Seconds without a sign of life after which SAQ takes a job for dead."""

_RETRIES = 10  # more than our own attempts, which decide
_KEPT_SECONDS = 60


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

    async def sweep(self, lock: int = 60, abort: float | None = None) -> list[str]:
        """Queues again what shows no sign of life, without waiting for it: our lease guards it if it lives."""
        return await super().sweep(lock, abort)  # type: ignore[arg-type]
