"""How fast the Slack app acknowledges, beside a bare aiohttp handler that verifies and does one XADD.

`python -m tests.bench.bench_slack [COMMANDS]`; everything in one run, in processes of their own, the two in turn.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import structlog
from aiohttp import ClientError, ClientSession

from bot.jobs.worker import work
from bot.lab.redis import EmbeddedRedis
from bot.model.report import Report
from bot.model.run import Run
from bot.slack.wire.http import PATH, sign
from tests.jobs.slow_worker import report_of
from tests.slack.office import free_port

WARM, RATE, STARTS, REST = 20, 50.0, 40, 0.03
INVENTORY = """
[access]
operators = ["U0OPERATOR"]
[appliances.sma-a]
product = "sma"
host = "127.0.0.1"
username = "pvo"
password = { env = "PVO_BENCH" }
[appliances.esa-a1]
product = "esa"
host = "127.0.0.1"
username = "pvo"
password = { env = "PVO_BENCH" }
"""


@dataclass
class Door:
    """One server to send commands to; the milliseconds of each acknowledgement, with its text, are returned."""

    session: ClientSession
    port: int
    secret: str
    sent: int = 0

    async def command(self, text: str) -> tuple[float, str]:
        self.sent += 1
        fields = {"team_id": "T0LOCAL", "channel_id": "C0OPS", "user_id": "U0OPERATOR", "command": "/pvo"}
        fields |= {"text": text, "trigger_id": f"{self.port}.{self.sent}", "is_enterprise_install": "false"}
        body, stamp = urlencode(fields).encode(), str(int(time.time()))
        headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": sign(self.secret, stamp, body)}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        async with self.session.post(
            f"http://127.0.0.1:{self.port}{PATH}", data=body, headers=headers
        ) as answer:
            told = await answer.text()
            return 1000 * (time.perf_counter() - began), told

    async def ready(self) -> None:
        """Waits until it answers."""
        async with asyncio.timeout(30):
            while True:
                try:
                    await self.command("help")
                except ClientError:
                    await asyncio.sleep(0.05)
                else:
                    return


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A Python process of this checkout, killed at the end."""
    inherited = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    child = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env=inherited | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def write_inventory(place: Path, sites: int) -> str:
    """An inventory with so many sites, so that no two commands ask for the same run."""
    site = '\n[sites.site-{n}]\ntitle = "Site {n}"\nsma = "sma-a"\nesas = ["esa-a1"]\n'
    path = place / "sites.toml"
    path.write_text(INVENTORY + "".join(site.format(n=n) for n in range(sites)))
    return str(path)


async def take_turns(doors: list[Door], count: int) -> list[list[float]]:
    """One command after the other, to each door in turn, each when the one before has been seen to."""
    took: list[list[float]] = [[] for _ in doors]
    for number in range(count):
        for door, times in zip(doors, took, strict=True):
            await asyncio.sleep(REST)
            times.append((await door.command(f"check site-{number}"))[0])
    return [times[WARM:] for times in took]


async def stream(door: Door, first: int, count: int) -> list[float]:
    """Commands at a steady rate, whether or not those before are acknowledged."""
    began, tasks = time.perf_counter(), []
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        tasks.append(asyncio.create_task(door.command(f"check site-{first + number}")))
    return [took for took, _ in await asyncio.gather(*tasks)]


async def measure_starts(door: Door, redis_url: str, first: int) -> list[float]:
    """Milliseconds from sending a command to the start of its job, one after the other."""
    started: dict[str, asyncio.Future[float]] = {}

    async def check(run: Run, progress: Callable[[int, int], Awaitable[None]]) -> Report:
        if (waiting := started.get(run.request.site)) and not waiting.done():
            waiting.set_result(time.perf_counter())
        return report_of(run)

    stop, took = asyncio.Event(), []
    working = asyncio.create_task(work(redis_url, check, 4, stop))
    for number in range(first, first + STARTS):
        site = f"site-{number}"
        started[site] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await door.command(f"check {site}")
        took.append(1000 * (await asyncio.wait_for(started[site], 30) - began))
    stop.set()
    await working
    return took


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def tell(what: str, value: str, target: str = "") -> None:
    print(f"{what:<58} {value:>22}  {target}")


async def bench(count: int) -> None:
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pvo-bench-")))
        redis = stack.enter_context(EmbeddedRedis())
        inventory = write_inventory(place, 3 * count + STARTS)
        workspace = stack.enter_context(process("tests.bench.slack_servers", "workspace"))
        assert workspace.stdout is not None
        told = json.loads(workspace.stdout.readline())
        ports, secret = (free_port(), free_port()), told["SLACK_SIGNING_SECRET"]
        settings = told | {"REDIS_URL": redis.url, "PVO_INVENTORY": inventory, "PORT": str(ports[1])}
        stack.enter_context(process("tests.bench.slack_servers", "bare", str(ports[0]), secret, redis.url))
        stack.enter_context(process("bot", "app", **settings))
        async with ClientSession() as session:
            bare, app = Door(session, ports[0], secret), Door(session, ports[1], secret)
            await asyncio.gather(bare.ready(), app.ready())
            await report(bare, app, redis, count)


async def report(bare: Door, app: Door, redis: EmbeddedRedis, count: int) -> None:
    """Measures and prints, one after the other, what depends on Redis being away last."""
    starts = await measure_starts(app, redis.url, 0)
    alone, ours = await take_turns([bare, app], count)
    ratio = statistics.median(ours) / statistics.median(alone)
    values = f"{statistics.median(ours):.2f} / {statistics.median(alone):.2f} ms = {ratio:.2f}"
    tell("ack p50, app / bare handler", values, "at most 2")
    steady = [await stream(door, count, count) for door in (bare, app)]
    values = f"{percentile(steady[1], 0.99):.1f} / {percentile(steady[0], 0.99):.1f} ms"
    tell(f"ack p99 at {RATE:g} commands a second, app / bare handler", values, "app at most 25 ms")
    tell("command -> job started, p50", f"{statistics.median(starts):.1f} ms")
    redis.stop()
    took, said = await app.command("check site-0")
    outcome = "an error text" if "Redis" in said else f"unexpected: {said!r}"
    tell(f"with Redis stopped, {outcome} is acknowledged within", f"{took:.0f} ms", "at most 1500 ms")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("error"))
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    asyncio.run(bench(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
