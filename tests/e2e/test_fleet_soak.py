"""A fleet under its schedule while workers, the app and Redis are killed: all runs have an outcome, each once.

`make soak SOAK_SITES=200 SOAK_MINUTES=10`; a shorter one: `make soak SOAK_SITES=40 SOAK_MINUTES=3 ARGS=tests/e2e`.
Which Redis: `ARGS='tests/e2e --redis=valkey'`; the closing lines name it.
"""

import asyncio
import datetime as dt
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from bot.jobs.redis import Client
from bot.jobs.runs import RedisRuns
from bot.jobs.watches import KEPT, RedisWatches
from bot.lab.workspace.messages import Message
from bot.model.run import RunState
from bot.model.watch import DIGEST
from tests.bench.fleet import CHANNELS, Fleet, channel_of, opened_fleet, site_name, until

SITES, MINUTES = int(os.environ.get("SOAK_SITES", "200")), float(os.environ.get("SOAK_MINUTES", "10"))
WORKERS, FAULT, SICK = 3, "transfers-suspended", 10
A_MINUTE = 40  # sites that two busy cores check, the simulator included
NEVER, SETTLED = "0 0 29 2 *", 600.0
PERIODS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)  # minutes that divide an hour
LATE = dt.timedelta(seconds=30)  # from a due time to its run while Redis or all workers are away
SCHEDULED = "pvo:seen:schedule:"
LISTS = ("pvo:asked", "pvo:open", "pvo:ended", "pvo:outbox")
VERDICT = re.compile(r": (healthy|degraded|broken|unknown)\b")


@dataclass
class Ledger:
    """What the schedule asked for and what became of it; `wrong` are sentences."""

    asked: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    dues: dict[str, list[dt.datetime]] = field(default_factory=dict)
    posts: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Chaos:
    """Kills workers, the app and Redis, and restarts Redis, one after the other, at random."""

    fleet: Fleet
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)

    async def reign(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end:
            await asyncio.sleep(self.dice.uniform(3, 12))
            deed = self.dice.choice(
                (
                    self.kill_worker,
                    self.kill_worker,
                    self.kill_app,
                    self.restart_redis,
                    self.kill_redis,
                    self.type_command,
                )
            )
            await deed()
            self.done[deed.__name__] += 1

    async def kill_worker(self) -> None:
        self._kill(f"worker-{self.dice.randrange(WORKERS)}")

    async def kill_app(self) -> None:
        self._kill("app")

    def _kill(self, name: str) -> None:
        self.fleet.children[name].kill()
        self.fleet.children[name].wait()
        self.fleet.start(name)

    async def restart_redis(self) -> None:
        await self._without_redis(self.fleet.redis.stop)

    async def kill_redis(self) -> None:
        await self._without_redis(self.fleet.redis.kill)

    async def _without_redis(self, end: Callable[[], None]) -> None:
        await asyncio.to_thread(end)
        await asyncio.sleep(self.dice.uniform(0, 3))
        await asyncio.to_thread(self.fleet.redis.start)

    async def type_command(self) -> None:
        await until(lambda: self.fleet.workspace.sockets.connections > 0, "the app connects")
        number = self.dice.randrange(self.fleet.sites)
        line = f"/pvo check {site_name(number)}"
        await self.fleet.workspace.people.type("U0OPERATOR", channel_of(number), line)


@pytest.mark.soak
async def test_every_scheduled_run_has_an_outcome_once(
    capsys: pytest.CaptureFixture[str], redis_binary: str
) -> None:
    every = next((one for one in PERIODS if one >= SITES / A_MINUTE), PERIODS[-1])
    seed = random.randrange(2**32)
    begun = dt.datetime.now(dt.UTC)
    async with opened_fleet(SITES, f"*/{every} * * * *", WORKERS, redis_binary) as fleet:
        await fleet.order("inject", FAULT, list(range(0, SITES, SICK)))
        chaos = Chaos(fleet, random.Random(seed))
        await chaos.reign(60 * MINUTES)
        ended = dt.datetime.now(dt.UTC)
        fleet.write_inventory(NEVER)
        async with fleet.stores() as (client, runs, watches):
            await settle(client)
            ledger = await audit(client, runs, watches)
        ledger.wrong += find_gaps(ledger, dt.timedelta(minutes=every), (begun, ended))
        ledger.wrong += judge_posts(fleet, ledger)
        summary = tell(ledger, chaos, every, seed)
    with capsys.disabled():
        print(summary)
    assert ledger.wrong == []
    assert ledger.asked >= SITES


async def settle(client: Client) -> None:
    """Waits until nothing is asked for, under way, to be noted or to be shown."""
    async with asyncio.timeout(SETTLED):
        while [key for key in LISTS if await client.zcard(key)]:  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.2)


async def audit(client: Client, runs: RedisRuns, watches: RedisWatches) -> Ledger:
    """Looks up each run that the schedule asked for in the history of its site."""
    ledger, noted = Ledger(), Counter[str]()
    for number in range(SITES):
        noted.update(entry.run for entry in await watches.history(site_name(number), KEPT))
    ledger.wrong += [
        f"run {run} is in the history {count} times" for run, count in noted.items() if count > 1
    ]
    async for key in client.scan_iter(f"{SCHEDULED}*", count=1000):
        site, _, due = key.decode().removeprefix(SCHEDULED).partition(":")
        run = (await client.get(key)).decode()
        ledger.asked += 1
        ledger.dues.setdefault(site, []).append(dt.datetime.fromisoformat(due))
        outcome = "done" if run in noted else await other_outcome(runs, run)
        ledger.outcomes[outcome] += 1
        if outcome not in ("done", RunState.REFUSED):  # refused: an identical run was going and answers it
            ledger.wrong.append(f"run {run} of {site}, due {due}: {outcome}")
    return ledger


async def other_outcome(runs: RedisRuns, name: str) -> str:
    run = await runs.get(name)
    return "nothing is known" if run is None else run.state.value


def find_gaps(ledger: Ledger, every: dt.timedelta, span: tuple[dt.datetime, dt.datetime]) -> Iterator[str]:
    """Due times that nobody asked for: between those that somebody did, and at both ends of the time that was."""
    for number in range(SITES):
        dues = sorted(ledger.dues.get(site_name(number), []))
        if not dues or dues[0] > span[0] + every or dues[-1] < span[1] - every - LATE:
            yield f"{site_name(number)} was not asked all the time: {len(dues)} times"
        yield from (
            f"{site_name(number)} was not asked between {one} and {other}"
            for one, other in pairwise(dues)
            if other - one != every
        )


def judge_posts(fleet: Fleet, ledger: Ledger) -> Iterator[str]:
    """Posts that carry the same key, and cards that show no verdict."""
    keys = Counter[tuple[str, str, str]]()
    for message in (one for channel in CHANNELS for one in fleet.messages(channel) if one.metadata):
        assert message.metadata
        about = message.metadata["event_payload"]
        keys[message.channel, about["run"], about["key"]] += 1
        if about["key"] == "card" and not shows_verdict(message):
            yield f"a card shows no verdict: {message.text!r}"
    ledger.posts = keys.total()
    yield from (f"posted {count} times: {key}" for key, count in keys.items() if count > 1)


def shows_verdict(message: Message) -> bool:
    assert message.metadata
    return message.metadata["event_payload"]["run"].startswith(DIGEST) or bool(VERDICT.search(message.text))


def tell(ledger: Ledger, chaos: Chaos, every: int, seed: int) -> str:
    begun = sum(chaos.fleet.logged(f"worker-{number}", "run.started") for number in range(WORKERS))
    deeds = ", ".join(f"{count} x {name.replace('_', ' ')}" for name, count in sorted(chaos.done.items()))
    outcomes = ", ".join(f"{count} {name}" for name, count in sorted(ledger.outcomes.items()))
    return (
        f"\n{SITES} sites every {every} min for {MINUTES:g} min, {WORKERS} workers: {deeds} (seed {seed})\n"
        f"scheduled runs: {ledger.asked}; outcomes: {outcomes}; attempts begun: {begun}\n"
        f"posts in Slack: {ledger.posts}; lost, doubled or without outcome: {len(ledger.wrong)}"
    )
