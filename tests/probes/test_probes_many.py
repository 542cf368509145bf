"""A hundred sites checked at once by one process: no error, bounded threads, and the memory that it takes."""

import asyncio
import datetime as dt
import resource
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.diagnosis.diagnose import Doctor, Order
from bot.knowledge.load import load
from bot.model.inventory import Inventory, Secret
from bot.model.report import Report
from bot.probes.live import LiveDoors

SITES, THREADS, CONNECTIONS = 100, 32, 48


@pytest.fixture
def laboratory(tmp_path: Path) -> Iterator[Inventory]:
    """A simulated site in a process of its own."""
    arguments = (str(tmp_path), "2", "0", "0")
    command = [sys.executable, "-m", "tests.bench.lab_server", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        yield Inventory.model_validate(
            tomllib.loads(Path(server.stdout.readline().strip()).read_text("utf-8"))
        )
        server.stdin.close()


def multiply(one: Inventory) -> Inventory:
    """Many sites with appliances of their own, all of which are the simulated ones."""
    plain = one.model_dump(exclude_unset=True)
    [site] = plain["sites"].values()
    return Inventory.model_validate(
        {
            "appliances": {
                f"{name}-{number}": entry
                for number in range(SITES)
                for name, entry in plain["appliances"].items()
            },
            "sites": {
                f"site-{number}": site
                | {"sma": f"{site['sma']}-{number}", "esas": [f"{esa}-{number}" for esa in site["esas"]]}
                for number in range(SITES)
            },
        }
    )


def read_secret(secret: Secret) -> str:
    return Path(secret.file or "").read_text("utf-8")


class Peak:
    """The most threads that ran at a time."""

    def __init__(self) -> None:
        self.threads = 0

    async def watch(self, done: int, total: int) -> None:
        self.threads = max(self.threads, threading.active_count())


@pytest.mark.soak
async def test_a_hundred_sites_at_once(laboratory: Inventory, capsys: pytest.CaptureFixture[str]) -> None:
    inventory, peak, before = multiply(laboratory), Peak(), threading.active_count()
    doors = LiveDoors(read_secret, THREADS, CONNECTIONS)
    doctor = Doctor(load(), lambda: dt.datetime.now(dt.UTC))

    async def check(site: str) -> Report:
        async with doors.open(inventory, site) as appliances:
            order = Order(site, inventory, site)
            return (await doctor.diagnose(order, appliances, peak.watch)).report

    memory, began = memory_mib(), time.monotonic()
    reports = await asyncio.gather(*(check(site) for site in inventory.sites))
    seconds = time.monotonic() - began
    await doors.settle()
    doors.close()
    with capsys.disabled():
        print(
            f"\n{SITES} sites at once: {seconds:.1f} s, at most {peak.threads} threads, "
            f"memory {memory:.0f} MiB before and {memory_mib():.0f} MiB at most"
        )
    assert {one.verdict for one in reports} == {"healthy"}
    assert {check.status for one in reports for check in one.checks} <= {"passed", "skipped"}
    assert peak.threads <= before + THREADS + 2 * CONNECTIONS + 2
    assert memory_mib() < memory + 300


def memory_mib() -> float:
    """The most that this process has held so far."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (2**20 if sys.platform == "darwin" else 2**10)
