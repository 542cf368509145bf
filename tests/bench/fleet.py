"""Many simulated sites, and the product as it is run for them: Redis, workspace, app and workers, each a process.

Linux only: CPU and memory of the processes are read from /proc.
"""

import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from bot.jobs.queue import Checks
from bot.jobs.redis import Client, connected
from bot.jobs.runs import RedisRuns
from bot.jobs.state import State
from bot.jobs.watches import RedisWatches
from bot.lab.children import spawn, stop
from bot.lab.workspace import Workspace
from bot.lab.workspace.messages import Message
from bot.settings import environment
from tests.steady_redis import Steady

CHANNELS = ("C0OPS", "C0INCIDENTS", "C0SITEA")
BOT = "U0BOT"
Table = dict[str, Any]
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used: seconds of CPU, MiB of memory now and at most."""

    cpu: float
    memory: float
    peak: float


def usage(process: subprocess.Popen[Any]) -> Usage:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines())
    resident, most = (int(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return Usage((int(fields[11]) + int(fields[12])) / _TICKS, resident, most)


def site_name(number: int) -> str:
    return f"site-{number}"


def title_of(number: int) -> str:
    return f"Site {number:03}"


def channel_of(number: int) -> str:
    return CHANNELS[number % len(CHANNELS)]


@dataclass
class Fleet:
    """The sites and what runs for them; its files stand in `place`."""

    place: Path
    sites: int
    redis: Steady
    workspace: Workspace
    lab: subprocess.Popen[str]
    environment: dict[str, str] = field(default_factory=dict)
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def inventory(self) -> Path:
        return self.place / "sites.toml"

    def write_inventory(self, cron: str) -> None:
        """One inventory of all sites, each with appliances of its own; they are watched by `cron`."""
        merged: Table = {"access": {"operators": ["U0OPERATOR"]}, "appliances": {}, "sites": {}}
        for number in range(self.sites):
            one = tomllib.loads((self.place / str(number) / "sites.toml").read_text("utf-8"))
            renamed = {name: f"{name}-{number}" for name in one["appliances"]}
            merged["appliances"] |= {renamed[name]: table for name, table in one["appliances"].items()}
            [site] = one["sites"].values()
            merged["sites"][site_name(number)] = {
                "title": title_of(number),
                "sma": renamed[site["sma"]],
                "esas": [renamed[esa] for esa in site["esas"]],
                "channel": channel_of(number),
                "watch": cron,
            }
        draft = self.place / "sites.toml.new"
        draft.write_text("\n".join(write_tables(merged)), encoding="utf-8")
        draft.replace(self.inventory)

    def start(self, name: str) -> None:
        """Starts `app` or `worker-N`, with a log of its own."""
        argv = [sys.executable, "-m", "bot", name.split("-")[0]]
        with (self.place / f"{name}.log").open("ab") as log:
            self.children[name] = spawn(argv, env=self.environment, stderr=log)

    def logged(self, name: str, event: str) -> int:
        """How often a process has logged an event."""
        return (self.place / f"{name}.log").read_text("utf-8").count(f'"event": "{event}"')

    async def started(self, name: str, event: str, times: int = 1) -> None:
        """Waits until a process has logged an event so often."""
        await until(lambda: self.logged(name, event) >= times, f"{name}: {event}")

    async def order(self, verb: str, fault: str, numbers: list[int]) -> None:
        """Puts a fault into sites (`inject`), or takes it out (`mend`)."""
        assert self.lab.stdin
        assert self.lab.stdout
        self.lab.stdin.write(f"{verb} {fault} {' '.join(map(str, numbers))}\n")
        self.lab.stdin.flush()
        await asyncio.to_thread(self.lab.stdout.readline)

    def messages(self, channel: str) -> list[Message]:
        """What the bot has posted there, replies too."""
        told = self.workspace.state.messages
        top = [message for message in told.top_level(channel) if message.user == BOT]
        return top + [reply for message in top for reply in told.replies(message)]

    @asynccontextmanager
    async def stores(self) -> AsyncIterator[tuple[Client, RedisRuns, RedisWatches]]:
        """Redis, and what a worker keeps there."""
        async with connected(self.redis.url, patient=True) as client:
            state, checks = State(client), Checks(client)
            yield client, RedisRuns(state, checks), RedisWatches(client, state, checks)


@asynccontextmanager
async def opened_fleet(
    sites: int, cron: str, workers: int = 2, redis_binary: str | None = None
) -> AsyncIterator[Fleet]:
    """Everything started and ready; `redis_binary` as for `EmbeddedRedis`."""
    async with AsyncExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pvo-fleet-")))
        redis = Steady(place, redis_binary)
        redis.start()
        stack.callback(redis.stop)
        lab = stack.enter_context(await start_lab(place, sites))
        stack.callback(close, lab.stdin)
        workspace = await stack.enter_async_context(Workspace())
        fleet = Fleet(place, sites, redis, workspace, lab)
        fleet.write_inventory(cron)
        fleet.environment = environment(
            {
                "SLACK_BOT_TOKEN": workspace.bot_token,
                "SLACK_APP_TOKEN": workspace.app_token,
                "SLACK_API_URL": workspace.api_url,
                "REDIS_URL": redis.url,
                "PVO_INVENTORY": str(fleet.inventory),
                "PVO_LANGUAGE": "en",
                "PVO_LOG_FORMAT": "json",
                "PVO_APPROVAL_KEY": secrets.token_hex(32),
            }
        )
        stack.push_async_callback(end, fleet.children)
        names = [f"worker-{number}" for number in range(workers)]
        for name in ("app", *names):
            fleet.start(name)
        for name in names:
            await fleet.started(name, "worker.started")
        await until(lambda: workspace.sockets.connections > 0, "the app connects")
        yield fleet


async def start_lab(place: Path, sites: int) -> subprocess.Popen[str]:
    lab = subprocess.Popen(  # noqa: ASYNC220 - this process has nothing else to do yet
        [sys.executable, "-m", "tests.bench.fleet_lab", str(place), str(sites)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert lab.stdout
    await asyncio.to_thread(lab.stdout.readline)
    return lab


def close(stream: IO[str] | None) -> None:
    if stream:
        stream.close()


async def end(children: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ends them; beside this loop, whose workspace they say goodbye to."""
    await asyncio.gather(*(asyncio.to_thread(stop, child) for child in children.values()))


async def until(true: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Waits until something is so; TimeoutError, saying what it was, when it does not become so."""
    try:
        async with asyncio.timeout(seconds):
            while not true():  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise TimeoutError(f"waited {seconds:g} s for this: {what}") from None


def write_tables(tables: Table) -> list[str]:
    """The lines of a TOML file: plain tables, and tables of tables."""
    lines = []
    for name, table in tables.items():
        if all(isinstance(value, dict) for value in table.values()):
            lines += [line for key, inner in table.items() for line in write_table(f"{name}.{key}", inner)]
        else:
            lines += write_table(name, table)
    return lines


def write_table(name: str, table: Table) -> list[str]:
    return [f"[{name}]", *(f"{key} = {write_value(value)}" for key, value in table.items())]


def write_value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {write_value(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value)
