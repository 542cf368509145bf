"""The worker: takes runs from the queue, carries each out once, and hands back what it cannot finish."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

import structlog
from saq.worker import Worker

from bot.jobs.attempt import PACE, Attempts, Check, Pace
from bot.jobs.queue import FUNCTION, Checks
from bot.jobs.redis import BLOCKING, connected, watch
from bot.jobs.runs import Leases, RedisRuns
from bot.jobs.state import State
from bot.metrics.meters import WORKER_BEAT
from bot.model.errors import StateUnavailable

_SWEEP = 3  # s between looks for jobs whose worker died
_LOOK = 0.5  # s between looks for runs that have no job
_FAREWELL = 3.0  # s for handing back, also when Redis is away

log = structlog.get_logger()


async def work(
    redis_url: str, check: Check, concurrency: int, stop: asyncio.Event, pace: Pace = PACE
) -> None:
    """Carries out queued runs, `concurrency` at a time, until `stop` is set; outlives any absence of Redis.

    `check(run, progress)` answers the report of one run and may be cancelled. Afterwards what was in hand is back
    in the queue. Raises `Unusable` for a malformed URL.
    """
    # What becomes of a job is logged here, with its run and site.
    logging.getLogger("saq").setLevel(logging.ERROR)
    async with connected(redis_url, patient=True) as client:
        state, checks = State(client), Checks(client)
        leases = Leases(state, pace.lease)
        attempts = Attempts(RedisRuns(state, checks), leases, check, pace)
        log.info("worker.started", concurrency=concurrency)
        await _until(
            stop, _serve(checks, attempts, concurrency), _ring_again(leases, checks), watch(redis_url)
        )
        log.info("worker.stopped")


async def _serve(checks: Checks, attempts: Attempts, concurrency: int) -> None:
    worker = Worker[Any](
        checks,
        [(FUNCTION, attempts.take)],
        concurrency=concurrency,
        timers={"schedule": 1, "worker_info": 10, "sweep": _SWEEP, "abort": 1},
        dequeue_timeout=BLOCKING,
    )
    worker.SIGNALS = []  # they are the caller's
    await worker.start()


async def _ring_again(leases: Leases, checks: Checks) -> None:
    """Sees to it that every run that nobody carries out has a job, whatever died between two steps."""
    while True:
        try:
            for run, scheduled in await leases.abandoned():
                await checks.ring(run, scheduled=scheduled)
            WORKER_BEAT.note()
        except StateUnavailable as error:
            log.warning("worker.refused", error=str(error))
        await asyncio.sleep(_LOOK)


async def _until(stop: asyncio.Event, *duties: Coroutine[Any, Any, None]) -> None:
    """Does all duties side by side until `stop` is set or one of them fails."""
    tasks = [asyncio.create_task(duty) for duty in duties]
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (stopping, *tasks):
            task.cancel()
        await asyncio.wait(tasks, timeout=_FAREWELL)
    for task in tasks:
        if task.done() and not task.cancelled():
            task.result()
