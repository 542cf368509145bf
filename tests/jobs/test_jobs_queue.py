"""Who waits for whom: people's checks go before those of the schedule, wherever a worker dies."""

import asyncio
from collections.abc import Callable

from bot.jobs.queue import Checks
from bot.jobs.redis import Client
from bot.jobs.runs import Leases, RedisRuns
from bot.jobs.state import State
from bot.jobs.worker import work
from bot.model.report import Report
from bot.model.run import Request, Run, RunState
from tests.jobs.slow_worker import report_of
from tests.jobs.test_jobs_worker import Requests, Step, end_of

SITES = [f"site-{number}" for number in range(12)]


async def drained(checks: Checks) -> list[str]:
    """The runs in the order in which a worker gets them."""
    found = []
    while job := await checks.dequeue(1):
        found.append(str((job.kwargs or {})["run"]))
    return found


async def test_a_person_goes_before_the_schedule_and_people_go_in_their_order(
    admit: Step, client: Client, request_of: Requests
) -> None:
    planned = [await admit(request_of(site, user=None)) for site in SITES[:3]]
    asked = [await admit(request_of(site)) for site in SITES[3:6]]
    assert await Checks(client).waiting() == (3, 3)
    assert await drained(Checks(client)) == [run.id for run in (*asked, *planned)]


async def test_who_joins_a_run_of_the_schedule_takes_it_along(
    admit: Step, ask: Step, runs: RedisRuns, client: Client, request_of: Requests
) -> None:
    planned = [await admit(request_of(site, user=None)) for site in SITES[:3]]
    for _ in range(2):
        admission = await runs.admit((await ask(request_of(SITES[2]))).id)
        assert admission is not None
        assert admission.run.id == planned[2].id
    assert await Checks(client).waiting() == (1, 2)
    assert await drained(Checks(client)) == [planned[2].id, planned[0].id, planned[1].id]


async def test_runs_without_a_job_are_found_with_who_asked_for_them(
    admit: Step, client: Client, request_of: Requests
) -> None:
    planned, asked = await admit(request_of(user=None)), await admit(request_of(SITES[1]))
    await client.delete(*await client.keys("saq:*"))
    leases, found = Leases(State(client), 4), list[tuple[str, bool]]()
    async with asyncio.timeout(30):
        while len(found) < 2:
            found += await leases.abandoned()
            await asyncio.sleep(0.1)
    assert sorted(found) == sorted([(planned.id, True), (asked.id, False)])


async def test_one_who_asks_in_the_middle_of_a_cycle_is_next(
    admit: Step, runs: RedisRuns, redis_url: str, request_of: Callable[..., Request]
) -> None:
    begun, go, stop = list[str](), asyncio.Semaphore(0), asyncio.Event()

    async def check(run: Run, progress: object) -> Report:
        begun.append(run.id)
        await go.acquire()
        return report_of(run)

    planned = [await admit(request_of(site, user=None)) for site in SITES]
    worker = asyncio.create_task(work(redis_url, check, 1, stop))
    async with asyncio.timeout(60):
        while not begun:  # noqa: ASYNC110 - a check in hand, the rest of the cycle waits
            await asyncio.sleep(0.01)
        asked = await admit(request_of("site-z"))
        for _ in range(len(SITES) + 1):
            go.release()
        for run in (*planned, asked):
            assert (await end_of(runs, run)).state is RunState.DONE
        stop.set()
        await worker
    assert begun[1] == asked.id
    assert sorted(begun) == sorted(run.id for run in (*planned, asked))


async def test_one_site_asked_for_by_everybody_keeps_nobody_waiting(
    ask: Step, admit: Step, runs: RedisRuns, client: Client, request_of: Requests
) -> None:
    first = await admit(request_of(SITES[0]))
    for number in range(50):
        admission = await runs.admit((await ask(request_of(SITES[0], f"C{number:03}"))).id)
        assert admission is not None
        assert admission.run.id == first.id
    other = await admit(request_of(SITES[1]))
    assert await drained(Checks(client)) == [first.id, other.id]
