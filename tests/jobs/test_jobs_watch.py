"""The watch over a real Redis: asks once, remembers, announces changes only, and is silent when told to."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.jobs.outbox import RedisOutbox, read_card
from bot.jobs.queue import Checks
from bot.jobs.redis import Client
from bot.jobs.runs import RedisRuns
from bot.jobs.state import State
from bot.jobs.watches import RedisWatches
from bot.jobs.watching import Watch, describe
from bot.model.finding import Severity
from bot.model.inventory import Inventory
from bot.model.report import Report, ReportedFinding
from bot.model.run import Request, Run
from bot.model.watch import Mute, Switch

NOON = dt.datetime(2026, 11, 24, 12, 6, tzinfo=dt.UTC)


def inventory(**more: Any) -> Inventory:
    box = {"host": "127.0.0.1", "username": "pvo", "password": {"env": "PVO_TEST"}}
    site = {
        "title": "A site",
        "sma": "sma-a",
        "esas": ["esa-a1"],
        "channel": "C0SITEA",
        "watch": "*/15 * * * *",
    }
    return Inventory.model_validate(
        {
            "appliances": {"sma-a": box | {"product": "sma"}, "esa-a1": box | {"product": "esa"}},
            "sites": {"site-a": site | more, "site-b": site | more},
        }
    )


def report(run: Run, *causes: str, at: dt.datetime = NOON) -> Report:
    findings = [
        ReportedFinding(
            id=cause, severity=Severity.CRITICAL, role="cause", subject="esa-a1", title="t", why="w"
        )
        for cause in causes
    ]
    return Report(
        id=run.id,
        site=run.request.site,
        language="en",
        started=at,
        seconds=1.0,
        verdict="broken" if causes else "healthy",
        paths=(),
        checks=(),
        findings=tuple(findings),
    )


class Post:
    """A watch with what it keeps, and a worker's hands."""

    def __init__(self, client: Client) -> None:
        self.client, self.state = client, State(client)
        checks = Checks(client)
        self.runs = RedisRuns(self.state, checks)
        self.watches = RedisWatches(client, self.state, checks)
        self.inventory = inventory()
        self.watch = self.another()

    def another(self) -> Watch:
        return Watch(self.runs, self.watches, lambda: self.inventory)

    async def queued(self) -> list[Run]:
        names = sorted(name.decode() for name in await self.client.zrange("pvo:open", 0, -1))
        found = [await self.runs.get(name) for name in names]
        return [run for run in found if run is not None]

    async def end(self, run: Run, *causes: str, at: dt.datetime = NOON) -> None:
        assert await self.runs.begin(run.id)
        assert await self.runs.finish(run.id, report(run, *causes, at=at))
        await self.watch.look()

    async def scheduled(self, minute: int, *causes: str) -> Run:
        """One scheduled run of site-a, ended."""
        request = Request(site="site-a", user=None, channel="C0SITEA")
        run = await self.runs.ask(f"minute-{minute}", request)
        assert run is not None
        assert await self.runs.admit(run.id)
        await self.end(run, *causes, at=NOON + dt.timedelta(minutes=minute))
        return run


@pytest.fixture
def post(client: Client) -> Post:
    return Post(client)


async def test_many_workers_ask_each_site_once_and_open_no_card(post: Post) -> None:
    for worker in (post.watch, post.another(), post.another()):
        await worker.ask_due(NOON)
        await worker.ask_due(NOON + dt.timedelta(minutes=1))

    runs = await post.queued()
    assert sorted(run.request.site for run in runs) == ["site-a", "site-b"]
    assert [run.request.user for run in runs] == [None, None]
    assert await read_card(post.state, runs[0].id, "C0SITEA") is None


async def test_what_was_switched_on_is_asked_from_then_on_and_off_never(post: Post) -> None:
    post.inventory = inventory(watch=None)
    on = Switch(on=True, channel="C0OPS", user="U0OPERATOR", at=NOON)
    await post.watches.switch("site-a", on)
    await post.watches.switch("site-b", on.model_copy(update={"on": False}))
    await post.watch.ask_due(NOON)
    assert await post.queued() == []

    await post.another().ask_due(NOON + dt.timedelta(minutes=20))
    assert [run.request.site for run in await post.queued()] == ["site-a"]


async def test_a_trouble_gets_one_card_that_later_runs_change(post: Post) -> None:
    first = await post.scheduled(0, "tls.ciphers.admit-anonymous")
    await post.scheduled(1, "tls.ciphers.admit-anonymous")
    await post.scheduled(2, "setup.service.sma-suspended")
    last = await post.scheduled(3)

    (trouble,) = await post.watches.troubles(first.id)
    assert (trouble.first.run, trouble.latest.run) == (first.id, last.id)
    assert [change.entry.verdict for change in trouble.changes] == ["broken", "healthy"]
    assert await post.watches.trouble_of("site-a") is None
    assert await read_card(post.state, first.id, "C0SITEA") is not None
    assert await read_card(post.state, last.id, "C0SITEA") is None


async def test_troubles_of_one_moment_share_a_card(post: Post) -> None:
    await post.watch.ask_due(NOON)
    first, second = await post.queued()
    await post.end(first, "tls.ciphers.admit-anonymous")
    await post.end(second, "tls.ciphers.admit-anonymous")

    assert [trouble.first.run for trouble in await post.watches.troubles(first.id)] == [first.id, second.id]
    assert await read_card(post.state, second.id, "C0SITEA") is None


@pytest.mark.parametrize("silence", ["mute", "maintenance"])
async def test_nothing_is_announced_in_silence_and_all_of_it_afterwards(post: Post, silence: str) -> None:
    if silence == "mute":
        until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
        await post.watches.mute("site-a", Mute(until=until, user="U0OPERATOR", reason="moving"))
    else:
        post.inventory = inventory(maintenance=[{"cron": "0 12 * * *", "minutes": 30}])
    quiet = await post.scheduled(0, "tls.ciphers.admit-anonymous")
    assert await read_card(post.state, quiet.id, "C0SITEA") is None
    assert (await post.watches.history("site-a", 9))[-1].verdict == "broken"

    await post.client.delete("pvo:mutes")
    post.inventory = inventory()
    loud = await post.scheduled(1, "tls.ciphers.admit-anonymous")
    assert await read_card(post.state, loud.id, "C0SITEA") is not None


async def test_a_person_who_sees_it_healthy_ends_the_trouble_but_never_begins_one(
    post: Post, admit: Callable[[Request], Awaitable[Run]], request_of: Callable[..., Request]
) -> None:
    await post.end(await admit(request_of()), "tls.ciphers.admit-anonymous")
    assert await post.watches.trouble_of("site-a") is None

    first = await post.scheduled(1, "tls.ciphers.admit-anonymous")
    await post.end(await admit(request_of()), at=NOON + dt.timedelta(minutes=2))
    (trouble,) = await post.watches.troubles(first.id)
    assert not trouble.latest.ill


async def test_history_keeps_whole_runs_in_order_once_and_not_for_ever(
    post: Post,
    admit: Callable[[Request], Awaitable[Run]],
    request_of: Callable[..., Request],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.jobs.watches.KEPT", 3)
    for minute in range(5):
        await post.scheduled(minute, *(["tls.ciphers.admit-anonymous"] if minute % 2 else []))
    await post.end(await admit(request_of(areas=("tls",))), "tls.ciphers.admit-anonymous")

    entries = await post.watches.history("site-a", 10)
    assert [entry.verdict for entry in entries] == ["healthy", "broken", "healthy"]
    assert (await post.watches.latest(["site-a", "site-b"])) == {"site-a": entries[-1]}
    assert await post.client.zcard("pvo:ended") == 0


async def test_a_digest_is_due_after_each_run_and_lives_without_end(post: Post, outbox: RedisOutbox) -> None:
    await post.scheduled(0)
    card = await anext(outbox.due())
    digest = await post.runs.get(card.run)
    assert card.run == "digest-C0SITEA"
    assert digest is not None
    await outbox.settle(await outbox.posted(card, "card", "1.0"), digest)

    await post.scheduled(1)
    again = await anext(outbox.due())
    assert (again.run, again.ts) == (card.run, "1.0")
    assert await post.client.ttl("pvo:card:digest-C0SITEA:C0SITEA") == -1


async def test_the_pulse_counts_what_waits(post: Post) -> None:
    await post.watch.ask_due(NOON)
    pulse = await post.watches.pulse()
    assert (pulse.workers, pulse.queued, pulse.running) == (0, 2, 0)


async def test_what_came_twice_is_first_once(post: Post) -> None:
    assert [await post.watches.first("x"), await post.watches.first("x")] == [True, False]


async def test_history_goes_after_so_many_days_and_no_run_is_in_it_twice(
    client: Client, post: Post, request_of: Callable[..., Request], ask: Callable[[Request], Awaitable[Run]]
) -> None:
    watches = RedisWatches(client, post.state, Checks(client), days=2)
    notes = [
        describe(run, report(run, at=NOON + dt.timedelta(days=day)))
        for day in range(4)
        if (run := await ask(request_of()))
    ]
    for note in (notes[0], notes[1], notes[0], notes[2], notes[3], notes[3]):
        await watches.note("site-a", note)
    assert await watches.history("site-a", 10) == notes[1:]


async def test_what_the_schedule_found_healthy_goes_soon_and_what_a_card_shows_stays(
    post: Post, admit: Callable[[Request], Awaitable[Run]], request_of: Callable[..., Request]
) -> None:
    async def seconds_left(run: Run) -> int:
        return int(await post.client.ttl(f"pvo:run:{run.id}"))

    healthy = await post.scheduled(0)
    asked = await admit(request_of())
    await post.end(asked, at=NOON + dt.timedelta(minutes=1))
    assert await seconds_left(healthy) <= 60 < await seconds_left(asked)

    first, second, third = [await post.scheduled(n, "tls.ciphers.admit-anonymous") for n in (2, 3, 4)]
    assert await seconds_left(second) <= 60  # the trouble went on: its card shows the report of the third
    assert min(await seconds_left(first), await seconds_left(third)) > 60
