"""A fleet of simulated sites, two workers and an app: how fast, how much CPU and memory, how many posts.

`python -m tests.bench.bench_fleet [SITES [COMMANDS]]`; prints a table in Markdown.
"""

import asyncio
import itertools
import os
import platform
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from bot.model.report import Report
from bot.model.run import Request
from tests.bench.fleet import (
    CHANNELS,
    Fleet,
    Usage,
    channel_of,
    opened_fleet,
    site_name,
    title_of,
    usage,
)
from tests.bench.history_size import measure_history

SITES, COMMANDS, AT_ONCE, WORKERS, CONCURRENCY = 200, 100, 2, 2, 8
APPLIANCES = 3
NEVER = "0 0 29 2 *"  # of the schedule: the bench asks, as the watch does
FAULT, CHANGED = "transfers-suspended", 0.1
CYCLE_SECONDS = 900.0
SMALL = 0.1  # MB that are not worth a word


@dataclass(frozen=True)
class Cycle:
    """All sites checked once: seconds, posts in each channel itself and below them, and the verdicts."""

    seconds: float
    posts: dict[str, tuple[int, int]]
    verdicts: dict[str, int]

    def tell_posts(self) -> str:
        return ", ".join(f"{itself} + {below}" for itself, below in self.posts.values())

    def tell_verdicts(self) -> str:
        return ", ".join(f"{count} {verdict}" for verdict, count in sorted(self.verdicts.items()))


class Bench:
    """What is measured on one fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._cycles = itertools.count(1)

    async def cycle(self) -> Cycle:
        """Asks all sites at once, as their schedule would, and waits until all is told in Slack."""
        before, began = self._count_posts(), time.monotonic()
        number = next(self._cycles)
        async with self._fleet.stores() as (client, runs, watches):
            for site in range(self._fleet.sites):
                request = Request(site=site_name(site), user=None, channel=channel_of(site))
                run = await runs.ask(f"cycle-{number}:{site}", request)
                assert run is not None
                await runs.admit(run.id)
            await self._empty(client, "pvo:open")
            seconds = time.monotonic() - began
            await self._empty(client, "pvo:ended")
            await self._empty(client, "pvo:outbox")
            latest = await watches.latest([site_name(site) for site in range(self._fleet.sites)])
        words = [entry.verdict for entry in latest.values()]
        after = self._count_posts()
        posts = {
            channel: (after[channel][0] - before[channel][0], after[channel][1] - before[channel][1])
            for channel in CHANNELS
        }
        return Cycle(seconds, posts, {word: words.count(word) for word in set(words)})

    async def _empty(self, client: object, key: str) -> None:
        async with asyncio.timeout(CYCLE_SECONDS):
            while await client.zcard(key):  # type: ignore[attr-defined]  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    def _count_posts(self) -> dict[str, tuple[int, int]]:
        counts = {}
        for channel in CHANNELS:
            below = [message.is_reply for message in self._fleet.messages(channel)]
            counts[channel] = (below.count(False), below.count(True))
        return counts

    async def commands(self, count: int, at_once: int) -> list[float]:
        """Seconds from each typed command to its verdict in the channel, so many on their way at a time."""
        numbers = iter([number % self._fleet.sites for number in range(count)])
        took: list[float] = []

        async def type_on() -> None:
            took.extend([await self._command(number) for number in numbers])

        await asyncio.gather(*(type_on() for _ in range(at_once)))
        return took

    async def _command(self, number: int) -> float:
        channel, began = channel_of(number), time.monotonic()
        known = {message.ts for message in self._fleet.messages(channel)}
        wanted = tuple(f"{title_of(number)}: {word}" for word in ("healthy", "degraded", "broken", "unknown"))

        def told() -> bool:
            found = self._fleet.workspace.state.messages.top_level(channel)
            return any(one.ts not in known and one.text.startswith(wanted) for one in found)

        with self._fleet.workspace.state.feed.subscribe() as events:
            await self._fleet.workspace.people.type("U0OPERATOR", channel, f"/pvo check {site_name(number)}")
            async with asyncio.timeout(300):
                while not told():
                    await events.get()
        return time.monotonic() - began

    async def some_report(self) -> Report:
        """A report of a healthy site as it stands in Redis."""
        async with self._fleet.stores() as (client, runs, _):
            for key in [key async for key in client.scan_iter("pvo:run:*")]:
                run = await runs.get(key.decode().removeprefix("pvo:run:"))
                if run and run.report and run.report.verdict == "healthy":
                    return run.report
        raise LookupError("no run has a healthy report")

    def usages(self) -> dict[str, Usage]:
        workers = {name: child for name, child in self._fleet.children.items() if name != "app"}
        return {name: usage(child) for name, child in (workers | {"lab": self._fleet.lab}).items()}


@asynccontextmanager
async def timed_idle(bench: Bench) -> AsyncIterator[Callable[[], dict[str, Usage]]]:
    """What was used since, by process: CPU as a difference, memory now and at most as it stands."""
    before = bench.usages()
    yield lambda: {
        name: Usage(now.cpu - before[name].cpu, now.memory, now.peak) for name, now in bench.usages().items()
    }


def tell(what: str, value: str, aim: str = "") -> None:
    print(f"| {what} | {value} | {aim} |", flush=True)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def measure(sites: int, commands: int) -> None:
    load = os.getloadavg()[0]
    print(
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}; {os.cpu_count()} cores, "
        f"load {load:.1f} before; {sites} sites, {sites * APPLIANCES} appliances, {WORKERS} workers\n"
    )
    print("| | measured | aim |\n|---|---|---|")
    async with opened_fleet(sites, NEVER, WORKERS) as fleet:
        bench = Bench(fleet)
        await tell_speed(bench, sites)
        await tell_changes(fleet, bench)
        took = await bench.commands(commands, AT_ONCE)
        tell_seconds(f"command to verdict, {AT_ONCE} on their way, p50 / p99 of {commands}", took)
        cycle = asyncio.create_task(bench.cycle())
        await asyncio.sleep(1)  # the cycle is under way
        tell_seconds("the same while all sites are checked at once, p50 / p99", await bench.commands(20, 1))
        await cycle
        report = await bench.some_report()
    sizes = await measure_history(report)
    most = ", ".join(f"{kind} {size:.1f}" for kind, size in sorted(sizes.items()) if size >= SMALL)
    told = f"{sum(sizes.values()):.1f} MB ({most})"
    tell("Redis for 1,000 healthy sites with 24 h of history, every 15 min", told, "<= 15 MB")


async def tell_speed(bench: Bench, sites: int) -> None:
    idle = bench.usages()
    async with timed_idle(bench) as used_since:
        first = await bench.cycle()
    used = used_since()
    workers = [one for name, one in used.items() if name != "lab"]
    conversations = sites * APPLIANCES
    base = max(one.memory for name, one in idle.items() if name != "lab")
    most = max(one.peak for one in workers)
    tell("sites/s, all asked at once", f"{sites / first.seconds:.2f} ({first.seconds:.0f} s)")
    tell("verdicts", first.tell_verdicts())
    cpu = sum(one.cpu for one in workers)
    tell("CPU an appliance conversation, workers", f"{1000 * cpu / conversations:.0f} ms")
    tell("CPU an appliance conversation, simulator", f"{1000 * used['lab'].cpu / conversations:.0f} ms")
    tell("memory of a worker, idle / at most", f"{base:.0f} / {most:.0f} MiB")
    tell("memory a run in flight", f"{(most - base) / CONCURRENCY:.1f} MiB", f"{CONCURRENCY} a worker")
    tell("posts of the first cycle, by channel (+ in threads)", first.tell_posts(), "<= 1")


async def tell_changes(fleet: Fleet, bench: Bench) -> None:
    """A cycle in which a tenth of the sites fall ill at once, none of them in the last channel."""
    changed = [number for number in range(fleet.sites) if channel_of(number) != CHANNELS[-1]]
    changed = changed[: round(CHANGED * fleet.sites)]
    changes = [sum(channel_of(number) == channel for number in changed) for channel in CHANNELS]
    await fleet.order("inject", FAULT, changed)
    cycle = await bench.cycle()
    what = f"posts of a cycle with {', '.join(map(str, changes))} changes ({cycle.tell_verdicts()})"
    tell(what, cycle.tell_posts(), ", ".join(f"<= {1 + count / 10:.1f}" for count in changes))


def tell_seconds(what: str, took: list[float]) -> None:
    tell(what, f"{percentile(took, 0.5):.1f} / {percentile(took, 0.99):.1f} s")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    numbers = [int(word) for word in sys.argv[1:]]
    asyncio.run(measure(*(numbers + [SITES, COMMANDS][len(numbers) :])))
