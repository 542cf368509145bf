"""The outbox: each card is due until it shows what its run has become, to one app at a time."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot.jobs import outbox as rules
from bot.jobs.outbox import RedisOutbox
from bot.jobs.redis import Client
from bot.jobs.runs import RedisRuns
from bot.jobs.state import State
from bot.lab.children import spawn
from bot.model.run import Card, Request, Run
from tests.jobs.slow_worker import report_of

Requests = Callable[..., Request]
Step = Callable[[Request], Awaitable[Run]]
Opener = Callable[[float], RedisOutbox]

PATIENCE = 20.0

DYING_APP = """
import asyncio, sys
from bot.jobs.outbox import RedisOutbox
from bot.jobs.redis import connected
from bot.jobs.state import State

async def main(url):
    async with connected(url, patient=True) as client:
        outbox = RedisOutbox(State(client), 0.5)
        async for card in outbox.due():
            await outbox.posted(card, "card", "1700000000.000100")
            print("posted", flush=True)

asyncio.run(main(sys.argv[1]))
"""


@asynccontextmanager
async def delivering(outbox: RedisOutbox) -> AsyncIterator[Callable[[], "asyncio.Task[Card]"]]:
    """Answers a function that starts to wait for the next card."""
    cards = outbox.due()
    waiting: list[asyncio.Task[Card]] = []

    def wait() -> asyncio.Task[Card]:
        waiting.append(asyncio.ensure_future(anext(cards)))
        return waiting[-1]

    try:
        yield wait
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await cards.aclose()  # type: ignore[attr-defined]


async def within(task: "asyncio.Task[Card]") -> Card:
    return await asyncio.wait_for(task, PATIENCE)


async def read(runs: RedisRuns, run: Run) -> Run:
    current = await runs.get(run.id)
    assert current is not None
    return current


async def due_in(client: Client, card: Card) -> float | None:
    """Seconds until the card is due or its lease ends, None when it is settled."""
    score = await client.zscore("pvo:outbox", f"{card.run} {card.channel}")
    seconds, microseconds = await client.time()
    return None if score is None else score / 1000 - seconds - microseconds / 1e6


async def test_an_admitted_run_has_a_card_to_deliver(
    admit: Step, outbox: RedisOutbox, request_of: Requests
) -> None:
    run = await admit(request_of())
    async with delivering(outbox) as wait:
        assert await within(wait()) == Card(run=run.id, channel="C0OPS", user="U0OPERATOR")


async def test_a_waiting_app_is_woken(admit: Step, outbox: RedisOutbox, request_of: Requests) -> None:
    async with delivering(outbox) as wait:
        waiting = wait()
        run = await admit(request_of())
        assert (await within(waiting)).run == run.id


async def test_what_was_posted_is_known_to_all_apps(
    admit: Step, open_outbox: Opener, request_of: Requests
) -> None:
    run = await admit(request_of())
    one, other = open_outbox(15), open_outbox(15)
    async with delivering(one) as wait:
        card = await within(wait())
        card = await one.posted(card, "card", "1700000000.000100")
        card = await one.posted(card, "area.tls", "1700000000.000200")
    assert card.ts == "1700000000.000100"
    assert card.posts == {"area.tls": "1700000000.000200"}
    assert await other.find(run.id, "C0OPS") == card
    assert await other.find(run.id, "C0ELSE") is None


async def test_a_card_stays_with_its_app_for_as_long_as_that_delivers_it(
    admit: Step, runs: RedisRuns, open_outbox: Opener, request_of: Requests
) -> None:
    run = await admit(request_of())
    slow, other = open_outbox(1.5), open_outbox(15)
    async with delivering(other) as wait:
        async with delivering(slow) as wait_too:
            card = await within(wait_too())
        waiting = wait()
        await asyncio.sleep(2.0)  # longer than a lease, and no more cards are taken
        assert not waiting.done()
        await slow.settle(card, await read(runs, run))
        following = await admit(request_of(site="site-b"))
        assert (await within(waiting)).run == following.id


async def test_another_app_takes_over_when_one_dies(
    admit: Step, redis_url: str, outbox: RedisOutbox, request_of: Requests
) -> None:
    run = await admit(request_of())
    dying = spawn([sys.executable, "-c", DYING_APP, redis_url], stdout=subprocess.PIPE)
    with dying:
        assert dying.stdout is not None
        assert await asyncio.to_thread(dying.stdout.readline) == b"posted\n"
        dying.kill()
    async with delivering(outbox) as wait:
        card = await within(wait())
    assert (card.run, card.ts) == (run.id, "1700000000.000100")


async def test_a_card_that_shows_its_run_is_settled(
    admit: Step, runs: RedisRuns, outbox: RedisOutbox, client: Client, request_of: Requests
) -> None:
    run = await admit(request_of())
    async with delivering(outbox) as wait:
        card = await within(wait())
        await outbox.settle(card, await read(runs, run))
    assert await due_in(client, card) is None


async def test_a_run_that_changed_meanwhile_leaves_its_card_due(
    admit: Step, runs: RedisRuns, outbox: RedisOutbox, request_of: Requests
) -> None:
    run = await admit(request_of())
    async with delivering(outbox) as wait:
        card = await within(wait())
        shown = await read(runs, run)
        await runs.begin(run.id)
        await runs.finish(run.id, report_of(run))
        await outbox.settle(card, shown)
        again = await within(wait())
        assert again.run == run.id
        await outbox.settle(again, await read(runs, run))
        following = wait()
        other = await admit(request_of(site="site-b"))
        assert (await within(following)).run == other.id


async def test_a_second_passes_between_two_edits_but_an_end_is_shown_at_once(
    admit: Step, runs: RedisRuns, outbox: RedisOutbox, client: Client, request_of: Requests
) -> None:
    run = await admit(request_of())
    async with delivering(outbox) as wait:
        card = await within(wait())
        await outbox.settle(card, await read(runs, run))
    await runs.begin(run.id)
    await runs.progress(run.id, 1, 9)
    score = await client.zscore("pvo:outbox", f"{card.run} {card.channel}")
    shown_at = (await State(client).read(f"pvo:card:{run.id}:C0OPS"))["shown_at"]
    assert score == int(shown_at) + 1000
    await runs.finish(run.id, report_of(run))
    remaining = await due_in(client, card)
    assert remaining is not None
    assert remaining <= 0


async def test_progress_during_a_delivery_waits_a_second_too(
    admit: Step, runs: RedisRuns, outbox: RedisOutbox, client: Client, request_of: Requests
) -> None:
    run = await admit(request_of())
    async with delivering(outbox) as wait:
        card = await within(wait())
        shown = await read(runs, run)
        await runs.begin(run.id)
        await outbox.settle(card, shown)
    shown_at = (await State(client).read(f"pvo:card:{run.id}:C0OPS"))["shown_at"]
    assert await client.zscore("pvo:outbox", f"{card.run} {card.channel}") == int(shown_at) + 1000


async def test_a_released_card_is_due_again_in_time_and_not_before(
    admit: Step, runs: RedisRuns, outbox: RedisOutbox, client: Client, request_of: Requests
) -> None:
    run = await admit(request_of())
    async with delivering(outbox) as wait:
        await outbox.release(await within(wait()), 60)
        await runs.lose(run.id, "No worker.")  # an end, but Slack said to wait
        remaining = await due_in(client, Card(run=run.id, channel="C0OPS", user=""))
        assert remaining is not None
        assert 50 < remaining <= 60


async def test_a_released_card_comes_back(admit: Step, outbox: RedisOutbox, request_of: Requests) -> None:
    run = await admit(request_of())
    async with delivering(outbox) as wait:
        await outbox.release(await within(wait()), 0.2)
        assert (await within(wait())).run == run.id


async def test_many_apps_deliver_each_card_once(
    admit: Step, runs: RedisRuns, open_outbox: Opener, request_of: Requests
) -> None:
    admitted = {(await admit(request_of(site=f"site-{number}"))).id for number in range(30)}
    delivered: list[str] = []
    complete = asyncio.Event()

    async def deliver(outbox: RedisOutbox) -> None:
        async for card in outbox.due():
            delivered.append(card.run)
            run = await runs.get(card.run)
            assert run is not None
            await outbox.settle(card, run)
            if len(delivered) >= len(admitted):
                complete.set()

    apps = [asyncio.create_task(deliver(open_outbox(15))) for _ in range(3)]
    await asyncio.wait_for(complete.wait(), PATIENCE)
    for app in apps:
        app.cancel()
    await asyncio.gather(*apps, return_exceptions=True)
    assert sorted(delivered) == sorted(admitted)


async def test_a_card_whose_run_is_gone_is_forgotten(
    admit: Step, outbox: RedisOutbox, client: Client, request_of: Requests
) -> None:
    gone = await admit(request_of())
    await client.delete(f"pvo:run:{gone.id}")
    other = await admit(request_of(site="site-b"))
    async with delivering(outbox) as wait:
        assert (await within(wait())).run == other.id
    assert await outbox.posted(Card(run="01J", channel="C0OPS", user="U0"), "card", "1.2")
    assert not await client.exists("pvo:card:01J:C0OPS")


async def test_a_delivery_that_hangs_is_taken_over_and_what_it_does_later_is_void(
    admit: Step, runs: RedisRuns, open_outbox: Opener, request_of: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "LONGEST_DELIVERY", 0.1)
    run = await admit(request_of())
    hung, heir = open_outbox(0.3), open_outbox(15)
    async with delivering(hung) as wait, delivering(heir) as wait_too:
        card = await within(wait())
        assert await within(wait_too()) == card
        await hung.settle(card, await read(runs, run))
        await hung.release(card, 0)
        waiting = wait()
        await heir.release(card, 0)  # it had it until now
        assert await within(waiting) == card


class LateReplies(State):
    """A Redis that has settled a card while its answer is still on the way."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.settled, self.answer = asyncio.Event(), asyncio.Event()

    async def call(self, function: str, *arguments: str | int | bytes) -> object:
        answer: object = await super().call(function, *arguments)
        if function == "settle":
            self.settled.set()
            await self.answer.wait()
        return answer


async def test_a_card_is_due_again_before_the_answer_that_it_is_settled(
    client: Client, runs: RedisRuns, admit: Step, request_of: Requests
) -> None:
    state = LateReplies(client)
    outbox, run = RedisOutbox(state, 300.0), await admit(request_of())
    async with delivering(outbox) as wait:
        card, shown = await within(wait()), await read(runs, run)
        assert await runs.lose(run.id, "No worker could finish it.")
        settling = asyncio.create_task(outbox.settle(card, shown))
        await state.settled.wait()
        again = await within(wait())
        state.answer.set()
        await settling
    assert (again.run, again.channel) == (card.run, card.channel)
