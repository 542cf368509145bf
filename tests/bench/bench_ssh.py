"""The same commands on the same simulated appliances: by `ssh` in sequence, by netmiko, and by `pvo check`'s driver.

`python -m tests.bench.bench_ssh`. Wall time is a median of ROUNDS, from the first connection to the last answer;
CPU is that of the asking side alone.
"""

import asyncio
import itertools
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from netmiko import ConnectHandler

from bot.asyncos.commands.grep import grep
from bot.asyncos.commands.showchanges import showchanges
from bot.asyncos.commands.status import status
from bot.asyncos.commands.status_detail import status_detail
from bot.asyncos.commands.version import version
from bot.asyncos.commands.who import who
from bot.model.command import Reading
from bot.model.inventory import Appliance, Inventory, Secret
from bot.probes.live import LiveDoors

COMMANDS: tuple[Reading[Any], ...] = (
    *(version(), status(), status_detail(), showchanges(), who()),
    grep("port 7025", "mail_logs"),
)
ESAS, ROUND_TRIP, LATENCIES, ROUNDS, SESSIONS = 3, 0.02, (0.0, 0.3), 5, 3
LOGIN_ROUND_TRIPS = 7
"""TCP, versions, key exchange, the service, the login, a channel, a shell: what SSH cannot do without."""


@dataclass(frozen=True)
class Measured:
    """Seconds for all appliances: on the clock, and of CPU."""

    wall: float
    cpu: float


def main() -> None:
    """Measures and prints a table in Markdown."""
    print(f"{platform.system()} {platform.machine()}, Python {platform.python_version()}; ", end="")
    print(
        f"{1 + ESAS} appliances, {len(COMMANDS)} commands each, {ROUND_TRIP * 1000:g} ms round trip, ", end=""
    )
    print(f"{SESSIONS} sessions, median of {ROUNDS}\n")
    print("| a command takes | by | seconds | × pvo | × limit | CPU ms an appliance |")
    print("|---|---|---|---|---|---|")
    for latency in LATENCIES:
        with laboratory(latency) as inventory:
            for row in compare(inventory, latency):
                print(row, flush=True)


def compare(inventory: Inventory, latency: float) -> Iterator[str]:
    """A row for the limit and one for each way."""
    limit = protocol_limit(latency)
    ways: dict[str, Callable[[Inventory], None]] = {"`ssh host command`": by_ssh, "netmiko": by_netmiko}
    if not shutil.which("ssh"):
        del ways["`ssh host command`"]
        yield "| | `ssh` is not installed here | | | | |"
    with DriverInProcess() as driver:
        measured = {"pvo": measure(partial(driver.ask, inventory), driver.settle)}
    measured |= {name: measure(partial(way, inventory)) for name, way in ways.items()}
    yield f"| {latency * 1000:g} ms | the protocol's limit | {limit:.2f} | | 1.0 | |"
    for name, one in measured.items():
        times, above = one.wall / measured["pvo"].wall, one.wall / limit
        cpu = one.cpu / (1 + ESAS) * 1000
        yield f"| {latency * 1000:g} ms | {name} | {one.wall:.2f} | {times:.1f} | {above:.2f} | {cpu:.0f} |"


def protocol_limit(latency: float) -> float:
    """The login, then the commands of the channel that has most: each costs a round trip and its own time."""
    on_one_channel = -(-len(COMMANDS) // SESSIONS)
    return LOGIN_ROUND_TRIPS * ROUND_TRIP + on_one_channel * (ROUND_TRIP + latency)


@contextmanager
def laboratory(latency: float) -> Iterator[Inventory]:
    """The simulated site in a process of its own, whose CPU is not ours."""
    with tempfile.TemporaryDirectory() as directory:
        arguments = (directory, str(ESAS), str(ROUND_TRIP), str(latency))
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.lab_server", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with server:
            assert server.stdin
            assert server.stdout
            path = Path(server.stdout.readline().strip())
            yield Inventory.model_validate(tomllib.loads(path.read_text()))
            server.stdin.close()


def measure(way: Callable[[], None], farewell: Callable[[], None] = lambda: None) -> Measured:
    """The medians of some rounds, after one that warms up; a farewell costs CPU and keeps nobody waiting."""
    once(way, farewell)
    rounds = [once(way, farewell) for _ in range(ROUNDS)]
    return Measured(*(statistics.median(values) for values in zip(*rounds, strict=True)))


def once(way: Callable[[], None], farewell: Callable[[], None]) -> tuple[float, float]:
    began, used = time.perf_counter(), cpu_used()
    way()
    wall = time.perf_counter() - began
    farewell()
    return wall, cpu_used() - used


def cpu_used() -> float:
    """Of this process and the children that have ended."""
    usages = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def by_ssh(inventory: Inventory) -> None:
    """One process a command, one after the other, as a script of an administrator does."""
    for appliance, command in itertools.product(inventory.appliances.values(), COMMANDS):
        options = (
            "BatchMode=yes",
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "LogLevel=ERROR",
        )
        settings = itertools.chain.from_iterable(("-o", option) for option in options)
        target = (
            "-i",
            key_file(appliance),
            "-p",
            str(appliance.port),
            f"{appliance.username}@{appliance.host}",
        )
        answer = subprocess.run(
            ["ssh", "-F", "none", *settings, *target, command.line],
            capture_output=True,
            text=True,
            check=True,
        )
        command.parse(answer.stdout)


def by_netmiko(inventory: Inventory) -> None:
    """One connection an appliance and all commands on it, one appliance after the other."""
    for appliance in inventory.appliances.values():
        connection = ConnectHandler(
            device_type="generic",
            host=appliance.host,
            port=appliance.port,
            username=appliance.username,
            use_keys=True,
            key_file=key_file(appliance),
        )
        with connection:
            prompt = connection.find_prompt()
            for command in COMMANDS:
                command.parse(str(connection.send_command(command.line, expect_string=prompt)))


class DriverInProcess:
    """What `pvo check` and the worker ask through, in a process that is warm."""

    def __enter__(self) -> "DriverInProcess":
        self._runner = asyncio.Runner()
        self._doors = LiveDoors(read_secret)
        return self

    def __exit__(self, *_: object) -> None:
        self.settle()
        self._doors.close()
        self._runner.close()

    def ask(self, inventory: Inventory) -> None:
        self._runner.run(self._ask(inventory))

    def settle(self) -> None:
        self._runner.run(self._doors.settle())

    async def _ask(self, inventory: Inventory) -> None:
        [site] = inventory.sites
        async with self._doors.open(inventory, site) as appliances:
            pairs = list(itertools.product(inventory.appliances, COMMANDS))
            answers = await asyncio.gather(*(appliances.converse(name, command) for name, command in pairs))
        for (_, command), answer in zip(pairs, answers, strict=True):
            command.parse(answer)


def read_secret(secret: Secret) -> str:
    return Path(secret.file or "").read_text()


def key_file(appliance: Appliance) -> str:
    assert appliance.key
    return str(appliance.key.file)


if __name__ == "__main__":
    main()
