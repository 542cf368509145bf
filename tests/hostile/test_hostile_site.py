"""A running worker, and an appliance that wants to freeze it: it costs its own site's run, and nobody else's."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.jobs.queue import Checks
from bot.jobs.redis import connected
from bot.jobs.runs import RedisRuns
from bot.jobs.state import State
from bot.model.report import Report
from bot.model.run import Request
from tests.checks.recorded import CASES, read_toml
from tests.probes.small import PASSWORD, Shell, SmallAppliance

ROOT = Path(__file__).parents[2]
PROMPTLY = 30.0
"""Seconds for a healthy site's run, on a machine that has other things to do as well."""
ROLES = {"sma": ("sma-a", "10.10.10.1"), "esa": ("esa-a1", "10.10.20.1")}
TELNET = "Trying 10.10.10.1...\r\nConnected to 10.10.10.1.\r\nEscape character is '^]'.\r\n"
CLOSED = "Connection closed by foreign host.\r\n"
HOSTILE: dict[str, tuple[str, str]] = {
    "newlines as a greeting": ("telnet 10.10.10.1 7025", TELNET + "\r\n" * 90_000 + CLOSED),
    "one word as a release": ("version", "Version: " + "password" * 30_000 + "\r\n"),
    "many lines of one word": ("version", ("password" * 100 + "\r\n") * 300),
    "many long lines in a log": (
        "grep",
        ("Mon Jan  1 00:00:00 2024 Info: " + "Subject " * 900 + "\r\n") * 250,
    ),
}
UNREAD = {
    "newlines as a greeting": "printed more than 20,000 characters",
    "one word as a release": "printed a line of more than 8,192 characters",
    "many lines of one word": "the answer to version could not be read",
    "many long lines in a log": "",
}
"""What the run says of the check that could not tell."""


class RecordedShell(Shell):
    """Answers what is typed as the recorded appliances did; `telnet` and `grep` only as one line."""

    def take(self, line: str) -> None:
        self.appliance.answers.setdefault(line, self.recall(line))
        super().take(line)

    def recall(self, line: str) -> str:
        if line.startswith("grep "):
            return self.appliance.answers.get("grep", "") if "port 7025" in line else ""
        known = (key for key in self.appliance.answers if key.startswith(line) and key != "telnet")
        key = next(known, "") if line != "telnet" else ""
        return self.appliance.answers.get(key, "")


def answers_of(name: str) -> dict[str, str]:
    told = read_toml(CASES / "site-a.toml")["answers"][name]
    return {key: text.rstrip("\n").replace("\n", "\r\n") + "\r\n" for key, text in told.items()}


@contextlib.asynccontextmanager
async def site(name: str, **more: str) -> AsyncIterator[str]:
    """Its part of an inventory; `more` answers differently, on all its appliances."""
    async with contextlib.AsyncExitStack() as stack:
        told = [f'[sites.{name}]\ntitle = "{name}"\nsma = "{name}-sma"\nesas = ["{name}-esa"]\n']
        for product, (recorded, address) in ROLES.items():
            appliance = SmallAppliance(shell=RecordedShell, answers=answers_of(recorded) | more)
            acceptor = await appliance.start()
            stack.callback(acceptor.close)
            told.append(
                f'[appliances.{name}-{product}]\nproduct = "{product}"\nhost = "127.0.0.1"\n'
                f'port = {appliance.port}\naddress = "{address}"\nusername = "pvo"\ncpq_probe = "off"\n'
                f'password = {{ env = "P" }}\nhost_key = "{appliance.host_key}"\n'
            )
        yield "\n".join(told)


@contextlib.asynccontextmanager
async def worker(redis_url: str, inventory: Path) -> AsyncIterator[None]:
    """One process, as people run it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "worker"),
        cwd=ROOT,
        env=os.environ | {"REDIS_URL": redis_url, "PVO_INVENTORY": str(inventory), "P": PASSWORD},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def run(runs: RedisRuns, name: str, patience: float) -> tuple[Report, float]:
    """The report of one more run of the site, and its seconds."""
    began = time.monotonic()
    request = Request(site=name, channel="C0OPS", user="U0OPERATOR", team="T0LOCAL")
    asked = await runs.ask(f"{name}-{began}", request)
    assert asked
    await runs.admit(asked.id)
    async with asyncio.timeout(patience):
        while True:
            known = await runs.get(asked.id)
            assert known
            if known.report:
                return known.report, time.monotonic() - began
            assert known.state not in ("lost", "refused"), known.reason
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("attack", HOSTILE)
async def test_a_hostile_appliance_costs_its_own_run_alone(
    attack: str, redis_url: str, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    line, text = HOSTILE[attack]
    async with (
        site("good") as good,
        site("bad", **{line: text}) as bad,
        connected(redis_url, patient=True) as client,
    ):
        (tmp_path / "sites.toml").write_text(f"{good}\n{bad}")
        runs = RedisRuns(State(client), Checks(client))
        async with worker(redis_url, tmp_path / "sites.toml"):
            healthy, alone = await run(runs, "good", 60)
            ended = asyncio.create_task(run(runs, "bad", 100))
            beside: list[float] = []
            while not ended.done() and len(beside) < 3:
                again, seconds = await run(runs, "good", PROMPTLY)
                beside.append(seconds)
                assert seen(again) == seen(healthy)
            hostile, seconds = await ended
    tell(f"{attack}: healthy {alone:.1f} s alone, {max(beside):.1f} s beside; hostile {seconds:.1f} s")
    told = {finding.id for finding in hostile.findings if finding.role == "cause"}
    known = {finding.id for finding in healthy.findings if finding.role == "cause"}
    assert told <= known, "no cause is made of text that could not be read"
    failed = [check.reason or "" for check in hostile.checks if check.status == "error"]
    assert not UNREAD[attack] or any(UNREAD[attack] in reason for reason in failed), failed


def seen(report: Report) -> list[tuple[str, str, str]]:
    return sorted((check.id, check.subject, check.status) for check in report.checks)
