"""A real worker counts each run once, and every line it logs about a run names the run and its site."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import REGISTRY

from bot.jobs.attempt import Progress
from bot.jobs.runs import RedisRuns
from bot.jobs.worker import work
from bot.metrics.meters import WORKER_BEAT
from bot.model.errors import Unusable
from bot.model.finding import Status
from bot.model.report import Report
from bot.model.run import Request, Run, RunState
from tests.slack import make


def runs_ended(verdict: str) -> float:
    return REGISTRY.get_sample_value("pvo_runs_total", {"verdict": verdict}) or 0.0


def checks_ended() -> float:
    return (
        REGISTRY.get_sample_value("pvo_checks_total", {"check": "connectivity.cpq", "status": "passed"})
        or 0.0
    )


async def test_runs_are_counted_and_named(
    redis_url: str,
    runs: RedisRuns,
    admit: Callable[[Request], Awaitable[Run]],
    request_of: Callable[..., Request],
) -> None:
    good, bad = await admit(request_of()), await admit(request_of(site="site-b"))
    bound: dict[str, object] = {}
    before = runs_ended("broken"), runs_ended("lost"), checks_ended()

    async def check(run: Run, progress: Progress) -> Report:
        bound[run.id] = structlog.contextvars.get_contextvars()
        if run.id == bad.id:
            raise Unusable("There is no such site.")
        passed = make.check(Status.PASSED)
        return make.report(id=run.id, verdict="broken", checks=(passed,))

    async def ended(run: Run) -> bool:
        found = await runs.get(run.id)
        return found is not None and found.state in (RunState.DONE, RunState.LOST)

    stop = asyncio.Event()
    worker = asyncio.create_task(work(redis_url, check, 2, stop))
    async with asyncio.timeout(60):
        while not (await ended(good) and await ended(bad)):  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.02)
    stop.set()
    await worker
    assert (runs_ended("broken"), runs_ended("lost"), checks_ended()) == tuple(one + 1 for one in before)
    assert bound == {one.id: {"run": one.id, "site": one.request.site} for one in (good, bad)}
    assert not WORKER_BEAT.is_older(60)
