"""The worker: each run is carried out, ends once, and outlives whatever dies."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.jobs.attempt import Check, Pace, Progress
from bot.jobs.queue import Checks
from bot.jobs.redis import Client, connected
from bot.jobs.runs import Leases, RedisRuns
from bot.jobs.state import State
from bot.jobs.worker import work
from bot.lab.children import spawn
from bot.model.errors import Unusable
from bot.model.report import Report
from bot.model.run import Request, Run, RunState
from tests.jobs.slow_worker import report_of
from tests.steady_redis import Steady

Requests = Callable[..., Request]
Step = Callable[[Request], Awaitable[Run]]
Starter = Callable[..., AbstractAsyncContextManager[None]]

PATIENCE = 60.0  # seconds until a test gives up; none waits that long when all is well
PACE = Pace(beat=0.2, lease=2.0, again=0.05, progress=0.05)


async def answer(run: Run, progress: Progress) -> Report:
    await progress(1, 1)
    return report_of(run)


@pytest.fixture
def working(redis_url: str) -> Starter:
    """Has a worker with the given check in this process."""

    @asynccontextmanager
    async def start(check: Check, pace: Pace = PACE, url: str = redis_url) -> AsyncIterator[None]:
        stop = asyncio.Event()
        worker = asyncio.create_task(work(url, check, 2, stop, pace))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(worker, PATIENCE)

    return start


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110 - the state is in Redis, changed by other processes
            await asyncio.sleep(0.02)


async def end_of(runs: RedisRuns, run: Run) -> Run:
    async def ended() -> bool:
        current = await runs.get(run.id)
        return current is not None and current.state.final

    await until(ended)
    end = await runs.get(run.id)
    assert end is not None
    return end


async def test_a_run_is_carried_out(
    working: Starter, runs: RedisRuns, admit: Step, request_of: Requests
) -> None:
    async with working(answer):
        run = await admit(request_of())
        end = await end_of(runs, run)
    assert end.state is RunState.DONE
    assert end.report == report_of(run)


async def test_progress_is_written_down_without_waiting_for_it(
    working: Starter, runs: RedisRuns, admit: Step, request_of: Requests
) -> None:
    seen = asyncio.Event()

    async def check(run: Run, progress: Progress) -> Report:
        for done in range(1000):
            await progress(done, 1000)
        await seen.wait()
        return report_of(run)

    async with working(check):
        run = await admit(request_of())

        async def last_is_known() -> bool:
            current = await runs.get(run.id)
            return current is not None and current.checks_done == 999

        await until(last_is_known)
        current = await runs.get(run.id)
        assert current is not None
        assert current.version < 10  # a thousand told, few written
        seen.set()
        await end_of(runs, run)


async def test_an_error_in_the_run_is_tried_again(
    working: Starter, runs: RedisRuns, admit: Step, request_of: Requests
) -> None:
    tries: list[str] = []

    async def check(run: Run, progress: Progress) -> Report:
        tries.append(run.id)
        if len(tries) < 3:
            raise TimeoutError("a bug") if len(tries) == 1 else asyncio.CancelledError
        return report_of(run)

    async with working(check):
        end = await end_of(runs, await admit(request_of()))
    assert end.state is RunState.DONE
    assert len(tries) == 3


async def test_a_run_that_fails_every_time_is_lost_with_a_sentence(
    working: Starter, runs: RedisRuns, admit: Step, request_of: Requests
) -> None:
    tries: list[str] = []

    async def check(run: Run, progress: Progress) -> Report:
        tries.append(run.id)
        raise KeyError("secret")

    async with working(check):
        end = await end_of(runs, await admit(request_of()))
    assert (end.state, len(tries)) == (RunState.LOST, 3)
    assert end.reason is not None
    assert end.reason.startswith("The run failed 3 times because of an error in the bot")
    assert "secret" not in end.reason


async def test_what_is_unusable_is_said_at_once(
    working: Starter, runs: RedisRuns, admit: Step, request_of: Requests
) -> None:
    async def check(run: Run, progress: Progress) -> Report:
        raise Unusable("This worker's inventory has no site site-a.")

    async with working(check):
        end = await end_of(runs, await admit(request_of()))
    assert (end.state, end.reason) == (RunState.LOST, "This worker's inventory has no site site-a.")


async def test_a_run_that_takes_too_long_is_stopped_and_lost(
    working: Starter, runs: RedisRuns, admit: Step, request_of: Requests
) -> None:
    stopped = asyncio.Event()

    async def check(run: Run, progress: Progress) -> Report:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return report_of(run)

    async with working(check, Pace(run=0.2)):
        end = await end_of(runs, await admit(request_of()))
    assert end.state is RunState.LOST
    assert end.reason is not None
    assert end.reason.startswith("The run was stopped because it took longer than 0.2 seconds.")
    assert stopped.is_set()


async def test_a_run_that_ends_every_worker_is_given_up(
    working: Starter, runs: RedisRuns, client: Client, admit: Step, request_of: Requests
) -> None:
    run = await admit(request_of())
    leases = Leases(State(client), 60)
    for _ in range(3):
        hold = await leases.take(run.id)
        assert hold is not None
        await leases.drop(hold)
    async with working(answer):
        end = await end_of(runs, run)
    assert end.state is RunState.LOST
    assert end.reason is not None
    assert end.reason.startswith("The run was begun 3 times and never finished")


async def test_a_job_that_comes_twice_runs_once_and_is_not_forgotten(
    working: Starter, runs: RedisRuns, client: Client, admit: Step, request_of: Requests
) -> None:
    tries: list[str] = []

    async def check(run: Run, progress: Progress) -> Report:
        tries.append(run.id)
        return report_of(run)

    run = await admit(request_of())
    leases = Leases(State(client), 60)
    other = await leases.take(run.id)
    assert other is not None

    async def delivered() -> bool:
        return await Checks(client).count("incomplete") == 0

    async with working(check):
        await until(delivered)
        assert tries == []
        await leases.drop(other)  # the other one died, and its job is gone
        end = await end_of(runs, run)
    assert (end.state, tries) == (RunState.DONE, [run.id])


async def test_a_run_whose_job_was_never_queued_is_found(
    working: Starter, runs: RedisRuns, client: Client, admit: Step, request_of: Requests
) -> None:
    run = await admit(request_of())
    await client.delete(*await client.keys("saq:*"))
    async with working(answer):
        assert (await end_of(runs, run)).state is RunState.DONE


async def test_an_attempt_that_lost_its_lease_stops_and_ends_nothing(
    working: Starter, runs: RedisRuns, client: Client, admit: Step, request_of: Requests
) -> None:
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def check(run: Run, progress: Progress) -> Report:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return report_of(run)

    async with working(check):
        run = await admit(request_of())
        await asyncio.wait_for(begun.wait(), PATIENCE)
        await client.set(f"pvo:lease:{run.id}", "another attempt", px=60_000)
        await asyncio.wait_for(stopped.wait(), PATIENCE)
        current = await runs.get(run.id)
        assert current is not None
        assert current.state is RunState.RUNNING


async def test_a_run_that_was_given_an_end_stops(
    working: Starter, runs: RedisRuns, admit: Step, request_of: Requests
) -> None:
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def check(run: Run, progress: Progress) -> Report:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return report_of(run)

    async with working(check):
        run = await admit(request_of())
        await asyncio.wait_for(begun.wait(), PATIENCE)
        await runs.lose(run.id, "Somebody said so.")
        await asyncio.wait_for(stopped.wait(), PATIENCE)
    end = await end_of(runs, run)
    assert (end.state, end.reason) == (RunState.LOST, "Somebody said so.")


async def test_stopping_hands_back_what_is_in_hand(
    working: Starter, runs: RedisRuns, admit: Step, request_of: Requests
) -> None:
    begun = asyncio.Event()

    async def check(run: Run, progress: Progress) -> Report:
        begun.set()
        await asyncio.Event().wait()
        return report_of(run)

    async with working(check):
        run = await admit(request_of())
        await asyncio.wait_for(begun.wait(), PATIENCE)
    current = await runs.get(run.id)
    assert current is not None
    assert current.state is RunState.RUNNING
    async with working(answer, Pace(attempts=1)):  # the attempt that was handed back does not count
        assert (await end_of(runs, run)).state is RunState.DONE


class Processes:
    """Workers as processes of their own, and the journal that they write."""

    def __init__(self, url: str, journal: Path) -> None:
        self._url = url
        self._journal = journal
        self._children: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, seconds: float) -> subprocess.Popen[bytes]:
        script = Path(__file__).with_name("slow_worker.py")
        words = [self._url, str(self._journal), name, str(seconds)]
        self._children.append(spawn([sys.executable, str(script), *words]))
        return self._children[-1]

    def lines(self) -> list[str]:
        return self._journal.read_text().splitlines() if self._journal.exists() else []

    async def reach(self, line: str) -> None:
        async def reached() -> bool:
            return line in self.lines()

        await until(reached)

    def kill(self) -> None:
        for child in self._children:
            child.kill()
            child.wait()


@pytest.fixture
def processes(redis_url: str, tmp_path: Path) -> Iterator[Processes]:
    processes = Processes(redis_url, tmp_path / "journal")
    yield processes
    processes.kill()


async def test_a_killed_worker_is_replaced_by_another(
    processes: Processes, runs: RedisRuns, admit: Step, request_of: Requests
) -> None:
    doomed = processes.start("doomed", 600)
    await processes.reach("doomed ready")
    run = await admit(request_of())
    await processes.reach("doomed began")
    processes.start("heir", 0)
    await processes.reach("heir ready")
    doomed.kill()
    end = await end_of(runs, run)
    assert end.state is RunState.DONE
    steps = [line for line in processes.lines() if line.endswith(("began", "ended"))]
    assert steps == ["doomed began", "heir began", "heir ended"]


async def test_sigterm_hands_the_run_to_another_worker(
    processes: Processes, runs: RedisRuns, admit: Step, request_of: Requests
) -> None:
    leaving = processes.start("leaving", 600)
    run = await admit(request_of())
    await processes.reach("leaving began")
    leaving.send_signal(signal.SIGTERM)
    await processes.reach("leaving stopped")
    assert leaving.wait(PATIENCE) == 0
    processes.start("heir", 0)
    assert (await end_of(runs, run)).state is RunState.DONE


@pytest.mark.soak
async def test_every_run_ends_while_workers_are_killed_all_the_time(
    processes: Processes, runs: RedisRuns, admit: Step, request_of: Requests
) -> None:
    workers = [processes.start(f"worker-{number}", 0.5) for number in range(3)]
    admitted = [await admit(request_of(site=f"site-{number}")) for number in range(60)]
    for kill in range(10):
        await processes.reach(f"worker-{kill} began")
        workers.pop(0).kill()
        workers.append(processes.start(f"worker-{kill + 3}", 0.5))
    ends = [await end_of(runs, run) for run in admitted]
    assert {end.state for end in ends} == {RunState.DONE}


@pytest.fixture
def steady(tmp_path: Path, redis_binary: str) -> Iterator[Steady]:
    server = Steady(tmp_path, redis_binary)
    server.start()
    yield server
    server.stop()


async def test_redis_may_be_away_in_the_middle_of_a_run(
    working: Starter, steady: Steady, request_of: Requests
) -> None:
    begun, back = asyncio.Event(), asyncio.Event()

    async def check(run: Run, progress: Progress) -> Report:
        begun.set()
        await back.wait()
        await progress(1, 1)
        return report_of(run)

    async with connected(steady.url, patient=True) as client, working(check, PACE, steady.url):
        runs = RedisRuns(State(client), Checks(client))
        with capture_logs() as logs:

            async def logged(event: str) -> None:
                async def there() -> bool:
                    return any(line["event"] == event for line in logs)

                await until(there)

            run = await ask_and_admit(runs, request_of())
            await asyncio.wait_for(begun.wait(), PATIENCE)
            steady.stop()
            await logged("redis.lost")
            steady.start()
            await logged("redis.back")
        back.set()
        assert (await end_of(runs, run)).state is RunState.DONE
        following = await ask_and_admit(runs, request_of())
        assert following.id != run.id
        assert (await end_of(runs, following)).state is RunState.DONE


async def ask_and_admit(runs: RedisRuns, request: Request) -> Run:
    asked = await runs.ask(str(id(request)), request)
    assert asked is not None
    admission = await runs.admit(asked.id)
    assert admission is not None
    return admission.run


async def test_a_worker_stops_although_redis_is_away(
    working: Starter, steady: Steady, request_of: Requests
) -> None:
    begun = asyncio.Event()

    async def check(run: Run, progress: Progress) -> Report:
        begun.set()
        await asyncio.Event().wait()
        return report_of(run)

    async with working(check, PACE, steady.url):
        async with connected(steady.url, patient=True) as client:
            await ask_and_admit(RedisRuns(State(client), Checks(client)), request_of())
        await asyncio.wait_for(begun.wait(), PATIENCE)
        steady.stop()
