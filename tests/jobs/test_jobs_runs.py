"""The state of runs: asked once, admitted once, joined, ended once."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.jobs.queue import Checks
from bot.jobs.redis import Client
from bot.jobs.runs import Leases, RedisRuns
from bot.jobs.state import State
from bot.model.run import Request, Run, RunState
from tests.jobs.slow_worker import report_of

Requests = Callable[..., Request]
Step = Callable[[Request], Awaitable[Run]]


async def state_of(runs: RedisRuns, run: Run) -> RunState:
    current = await runs.get(run.id)
    assert current is not None
    return current.state


async def test_an_envelope_that_comes_twice_is_one_run(runs: RedisRuns, request_of: Requests) -> None:
    answers = await asyncio.gather(*(runs.ask("envelope-1", request_of()) for _ in range(10)))
    [run] = [answer for answer in answers if answer]
    assert await runs.get(run.id) == run
    assert run.state is RunState.ASKED


async def test_asking_is_one_round_trip(ask: Step, client: Client, request_of: Requests) -> None:
    await ask(request_of())  # the script is known from now on
    before = (await client.info("stats"))["total_commands_processed"]
    calls = (await client.info("commandstats"))["cmdstat_evalsha"]["calls"]
    await ask(request_of(site="site-b"))
    assert (await client.info("commandstats"))["cmdstat_evalsha"]["calls"] == calls + 1
    assert (await client.info("stats"))["total_commands_processed"] - before < 20  # with those of the script


async def test_what_is_asked_is_kept_as_it_was_asked(
    ask: Step, runs: RedisRuns, request_of: Requests
) -> None:
    request = request_of(areas=("tls", "queue"), response_url="http://127.0.0.1/response/1", language="es")
    run = await ask(request)
    stored = await runs.get(run.id)
    assert stored is not None
    assert stored.request == request


async def test_a_run_that_nobody_knows(runs: RedisRuns) -> None:
    assert await runs.get("01J") is None
    assert await runs.admit("01J") is None
    assert not await runs.refuse("01J")
    assert not await runs.begin("01J")


async def test_only_stale_asked_runs_are_found(ask: Step, runs: RedisRuns, request_of: Requests) -> None:
    stale = await ask(request_of())
    assert await runs.asked(older_than=60) == []
    assert await runs.asked(older_than=0) == [stale]
    await runs.admit(stale.id)
    assert await runs.asked(older_than=0) == []


async def test_two_admits_at_once_queue_one_job(
    ask: Step, runs: RedisRuns, client: Client, request_of: Requests
) -> None:
    run = await ask(request_of())
    admissions = await asyncio.gather(*(runs.admit(run.id) for _ in range(10)))
    [admission] = [admission for admission in admissions if admission]
    assert admission.run.state is RunState.QUEUED
    assert admission.joined is None
    assert await Checks(client).count("queued") == 1


async def test_an_identical_run_in_the_same_channel_is_joined(
    ask: Step, admit: Step, runs: RedisRuns, client: Client, request_of: Requests
) -> None:
    going = await admit(request_of(areas=("tls", "queue")))
    asked = await ask(request_of(areas=("queue", "tls"), user="U0OTHER"))
    admission = await runs.admit(asked.id)
    assert admission is not None
    assert admission.run.id == going.id
    assert admission.joined is not None
    assert (admission.joined.channel, admission.joined.user) == ("C0OPS", "U0OPERATOR")
    assert await state_of(runs, asked) is RunState.REFUSED
    assert await Checks(client).count("queued") == 1


async def test_an_identical_run_in_another_channel_gets_a_card_of_its_own(
    ask: Step, admit: Step, runs: RedisRuns, client: Client, request_of: Requests
) -> None:
    going = await admit(request_of())
    admission = await runs.admit((await ask(request_of(channel="C0ELSE"))).id)
    assert admission is not None
    assert admission.run.id == going.id
    assert admission.joined is None
    assert await Checks(client).count("queued") == 1
    due = await client.zrange("pvo:outbox", 0, -1)
    assert sorted(due) == [f"{going.id} C0ELSE".encode(), f"{going.id} C0OPS".encode()]


async def test_other_sites_areas_and_ended_runs_are_not_joined(
    admit: Step, runs: RedisRuns, request_of: Requests
) -> None:
    first = await admit(request_of())
    other = await admit(request_of(areas=("tls",)))
    elsewhere = await admit(request_of(site="site-b"))
    await runs.begin(first.id)
    await runs.finish(first.id, report_of(first))
    again = await admit(request_of())
    assert len({first.id, other.id, elsewhere.id, again.id}) == 4


async def test_a_refused_run_is_not_admitted(ask: Step, runs: RedisRuns, request_of: Requests) -> None:
    run = await ask(request_of())
    assert await runs.refuse(run.id)
    assert not await runs.refuse(run.id)
    assert await runs.admit(run.id) is None


async def test_an_admitted_run_is_not_refused(admit: Step, runs: RedisRuns, request_of: Requests) -> None:
    run = await admit(request_of())
    assert not await runs.refuse(run.id)


async def test_a_run_ends_once(admit: Step, runs: RedisRuns, request_of: Requests) -> None:
    run = await admit(request_of())
    assert not await runs.finish(run.id, report_of(run))  # nobody has begun it
    assert await runs.begin(run.id)
    assert await runs.begin(run.id)  # another worker died
    ends = await asyncio.gather(
        runs.finish(run.id, report_of(run)),
        runs.lose(run.id, "No worker."),
        runs.finish(run.id, report_of(run)),
    )
    assert sum(ends) == 1
    assert not await runs.begin(run.id)
    before = await runs.get(run.id)
    await runs.progress(run.id, 1, 9)
    assert await runs.get(run.id) == before


async def test_the_report_and_the_progress_come_back(
    admit: Step, runs: RedisRuns, request_of: Requests
) -> None:
    run = await admit(request_of())
    await runs.begin(run.id)
    await runs.progress(run.id, 3, 9)
    running = await runs.get(run.id)
    assert running is not None
    assert (running.checks_done, running.checks_total) == (3, 9)
    await runs.finish(run.id, report_of(run))
    done = await runs.get(run.id)
    assert done is not None
    assert done.report == report_of(run)
    assert done.version > running.version


async def test_a_lost_run_says_why(admit: Step, runs: RedisRuns, request_of: Requests) -> None:
    run = await admit(request_of())
    assert await runs.lose(run.id, "No worker.")
    lost = await runs.get(run.id)
    assert lost is not None
    assert (lost.state, lost.reason) == (RunState.LOST, "No worker.")


async def test_one_attempt_at_a_time_has_a_run(admit: Step, client: Client, request_of: Requests) -> None:
    run = await admit(request_of())
    leases = Leases(State(client), 60)
    first = await leases.take(run.id)
    assert first is not None
    assert await leases.take(run.id) is None
    assert await leases.keep(first)
    await leases.drop(first)
    second = await leases.take(run.id)
    assert second is not None
    assert (first.number, second.number) == (1, 2)
    assert not await leases.keep(first)
    await leases.drop(first)  # not its own any more
    assert await leases.keep(second)


async def test_an_attempt_that_is_handed_back_does_not_count(
    admit: Step, client: Client, request_of: Requests
) -> None:
    run = await admit(request_of())
    leases = Leases(State(client), 60)
    for _ in range(3):
        hold = await leases.take(run.id)
        assert hold is not None
        assert hold.number == 1
        await leases.drop(hold, unused=True)


async def test_a_lease_ends_with_its_run(
    admit: Step, runs: RedisRuns, client: Client, request_of: Requests
) -> None:
    run = await admit(request_of())
    leases = Leases(State(client), 60)
    hold = await leases.take(run.id)
    assert hold is not None
    await runs.lose(run.id, "No worker.")
    assert not await leases.keep(hold)
    await leases.drop(hold)
    assert await leases.take(run.id) is None


async def test_every_key_of_ours_goes_in_time(admit: Step, client: Client, request_of: Requests) -> None:
    run = await admit(request_of())
    for key in (f"pvo:run:{run.id}", f"pvo:card:{run.id}:C0OPS", f"pvo:cards:{run.id}"):
        assert 86_000 < await client.ttl(key) <= 86_400
    [seen] = await client.keys("pvo:seen:*")
    assert 3_500 < await client.ttl(seen) <= 3_600
