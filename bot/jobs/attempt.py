"""One attempt at a run: leased, kept alive, limited in time; it ends with a report, a reason, or another attempt."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from saq.job import Job

from bot.jobs.runs import Hold, Leases, RedisRuns
from bot.metrics.meters import RUNS, count_report
from bot.model.errors import StateUnavailable, Unusable
from bot.model.report import Report
from bot.model.run import Run

Progress = Callable[[int, int], Awaitable[None]]
"""Told how many of how many checks are done; never waits for Redis."""

Check = Callable[[Run, Progress], Awaitable[Report]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, but `attempts`: how often a run is begun before it is given up.

    A lease ends before SAQ takes the job for dead, so that whoever gets the job gets the lease too.
    """

    run: float = 180.0
    lease: float = 4.0
    beat: float = 1.5
    progress: float = 0.5
    again: float = 1.0
    attempts: int = 3


PACE = Pace()


class _Superseded(Exception):
    """Another attempt took the run over, or it was given an end."""


class _Expired(Exception):
    """The run took longer than a run may."""


@dataclass
class _Count:
    """How far the checks are, and whether that was written down."""

    done: int = 0
    total: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def tell(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        self.changed.set()


class Attempts:
    """Carries out the runs whose jobs the queue delivers, which may be more than once and at the same time."""

    def __init__(self, runs: RedisRuns, leases: Leases, check: Check, pace: Pace) -> None:
        self._runs = runs
        self._leases = leases
        self._check = check
        self._pace = pace

    async def take(self, context: dict[str, Any], *, run: str) -> None:
        """The function of the job; does nothing when the run has an end or another attempt has it."""
        job: Job = context["job"]
        known = await self._runs.get(run)
        hold = await self._leases.take(run) if known else None
        if known is None or hold is None:
            log.info("run.not-ours", run=run, site=known.request.site if known else None)
            return
        unused = False
        try:
            await self._carry_out(job, known, hold)
        except asyncio.CancelledError:
            unused = True
            log.info("run.handed-back", run=run, site=known.request.site)
            raise
        finally:
            await self._leases.drop(hold, unused=unused, pause=self._pace.again)

    async def _carry_out(self, job: Job, run: Run, hold: Hold) -> None:
        logger = log.bind(run=run.id, site=run.request.site, attempt=hold.number)
        with structlog.contextvars.bound_contextvars(run=run.id, site=run.request.site):
            await self._try(job, run, hold, logger)

    async def _try(self, job: Job, run: Run, hold: Hold, logger: Any) -> None:
        if hold.number > self._pace.attempts:
            logger.error("run.given-up")
            await self._lose(run, _died(self._pace.attempts))
        elif await self._runs.begin(run.id):
            logger.info("run.started")
            try:
                await self._end(run, await self._ask(job, run, hold), logger)
            except _Superseded:
                logger.warning("run.superseded")
            except Exception as error:
                await self._fail(run, hold, error, logger)

    async def _end(self, run: Run, report: Report, logger: Any) -> None:
        if await self._runs.finish(run.id, report):
            count_report(report)
            logger.info("run.finished", verdict=report.verdict)
        else:
            logger.warning("run.superseded")

    async def _lose(self, run: Run, reason: str) -> None:
        if await self._runs.lose(run.id, reason):
            RUNS.labels("lost").inc()

    async def _fail(self, run: Run, hold: Hold, error: Exception, logger: Any) -> None:
        """Loses the run for good, or leaves it to another attempt."""
        if isinstance(error, _Expired):
            logger.error("run.expired", seconds=self._pace.run)
            await self._lose(run, _expired(run.id, self._pace.run))
        elif isinstance(error, Unusable):
            logger.error("run.unusable", error=str(error))
            await self._lose(run, str(error))
        else:
            logger.error("run.failed", exc_info=error)
            if hold.number >= self._pace.attempts:
                await self._lose(run, _failed(run.id, hold.number))

    async def _ask(self, job: Job, run: Run, hold: Hold) -> Report:
        """The report; raises `_Expired`, `_Superseded`, or what the check raised."""
        count = _Count()
        try:
            async with asyncio.timeout(self._pace.run) as deadline:
                kept = _Kept(self._leases, hold, job, deadline)
                async with _alongside(kept.beat(self._pace.beat), self._tell(run, count)):
                    return await _cancelled_from_outside_only(self._check(run, count.tell))
        except TimeoutError:
            if kept.lost:
                raise _Superseded from None
            if deadline.expired():
                raise _Expired from None
            raise

    async def _tell(self, run: Run, count: _Count) -> None:
        while True:
            await count.changed.wait()
            count.changed.clear()
            try:
                await self._runs.progress(run.id, count.done, count.total)
            except StateUnavailable as error:
                log.warning("run.progress-refused", run=run.id, site=run.request.site, error=str(error))
            await asyncio.sleep(self._pace.progress)


class _Kept:
    """A run in hand: its lease and its job are kept alive; losing the lease ends its time at once."""

    def __init__(self, leases: Leases, hold: Hold, job: Job, deadline: asyncio.Timeout) -> None:
        self.lost = False
        self._leases = leases
        self._hold = hold
        self._job = job
        self._deadline = deadline

    async def beat(self, seconds: float) -> None:
        """Never returns while the run is ours and in time."""
        while not self.lost:
            await asyncio.sleep(seconds)
            try:
                self.lost = not await self._leases.keep(self._hold)
                await self._job.update()
            except Exception as error:  # whatever Redis answers, the next beat may succeed
                log.warning("run.beat-refused", run=self._hold.run, error=str(error))
        if not self._deadline.expired():
            self._deadline.reschedule(asyncio.get_running_loop().time())


@asynccontextmanager
async def _alongside(*duties: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(duty) for duty in duties]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _cancelled_from_outside_only(check: Awaitable[Report]) -> Report:
    """Awaits; a cancellation that nobody asked this task for is an error like any other."""
    task = asyncio.current_task()
    try:
        return await check
    except asyncio.CancelledError as error:
        if task is None or task.cancelling():
            raise
        raise RuntimeError("the check cancelled itself") from error


def _expired(run: str, seconds: float) -> str:
    return (
        f"The run was stopped because it took longer than {seconds:g} seconds. Run the check again; if it is stopped "
        f"again, the worker's log says under {run} which appliance it was waiting for."
    )


def _failed(run: str, attempts: int) -> str:
    return (
        f"The run failed {attempts} times because of an error in the bot, so nothing is known about the site. "
        f"The worker's log says more under {run}."
    )


def _died(attempts: int) -> str:
    return (
        f"The run was begun {attempts} times and never finished, because the workers ended in the middle of it. "
        "See to the workers, then run the check again."
    )
