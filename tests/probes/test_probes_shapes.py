"""The same dialogues through every release of AsyncOS, stand-alone and in every mode of a cluster, over real SSH."""

import asyncio
import contextlib
import tomllib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.asyncos.commands.clusterconfig import clusterconfig
from bot.asyncos.commands.deliveryconfig import deliveryconfig
from bot.asyncos.commands.grep import grep
from bot.asyncos.commands.interfaceconfig import interfaceconfig
from bot.asyncos.commands.logconfig import logconfig
from bot.asyncos.commands.nslookup import nslookup
from bot.asyncos.commands.oldmessage import oldmessage
from bot.asyncos.commands.showchanges import showchanges
from bot.asyncos.commands.showconfig import showconfig
from bot.asyncos.commands.showrecipients import showrecipients
from bot.asyncos.commands.sslconfig import sslconfig
from bot.asyncos.commands.status import status
from bot.asyncos.commands.telnet import telnet
from bot.asyncos.commands.tlsverify import tlsverify
from bot.asyncos.commands.tophosts import tophosts
from bot.asyncos.commands.version import version
from bot.lab.appliances import Lab, LabSettings
from bot.lab.appliances.options import Door, Manners, Mode, Shape
from bot.model.command import Reading
from bot.model.errors import RoleRefused
from bot.model.inventory import Inventory
from bot.probes.live import LiveAppliances, LiveDoors

T = TypeVar("T")

pytestmark = pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")

RELEASES = ("8.0", "8.5", "9.1", "9.6", "11", "14", "15", "15.5", "16")
CLUSTER = "North-East Cluster.of the bay"
SMA, ESA = "10.10.10.1", "10.10.20.1"


@dataclass(frozen=True)
class Case:
    """A lab whose ESAs are of these releases; its SMA is of the first one."""

    releases: tuple[str, ...]
    mode: Mode | None

    def __str__(self) -> str:
        return f"{'+'.join(self.releases)}-{self.mode or 'stand-alone'}"

    @property
    def shape(self) -> Shape:
        names = ("sma-a", *(f"esa-a{number + 1}" for number in range(len(self.releases))))
        versions = dict(zip(names, (self.releases[0], *self.releases), strict=True))
        cluster = CLUSTER if self.mode else None
        return Shape(
            versions=versions, esas=len(self.releases), cluster=cluster, login_mode=self.mode or "machine"
        )


MODES: tuple[Mode | None, ...] = (None, "machine", "group", "cluster")
CASES = [Case(RELEASES[start : start + 3], mode) for mode in MODES for start in range(0, len(RELEASES), 3)]


@contextlib.asynccontextmanager
async def asked(directory: Path, settings: LabSettings) -> AsyncIterator[tuple[Lab, LiveAppliances]]:
    """A lab, and the door to its appliances."""
    async with Lab(directory, settings=settings) as lab:
        inventory = Inventory.model_validate(tomllib.loads(lab.inventory.read_text()))
        doors = LiveDoors(lambda secret: Path(secret.file or "").read_text(), threads=16)
        async with doors.open(inventory, "site-a") as appliances:
            yield lab, appliances
        await doors.settle()
        doors.close()


async def ask(appliances: LiveAppliances, name: str, command: Reading[T]) -> T:
    text = await appliances.converse(name, command)
    return command.parse(command.distil(text) if command.distil else text)


def settings(shape: Shape, **changes: Any) -> LabSettings:
    return LabSettings(message_interval=0, release_interval=0, shape=shape, **changes)


def known_lines() -> Iterator[str]:
    """All that a reading session may have typed in these tests."""
    yield from (
        "version",
        "status",
        "tophosts",
        "logconfig",
        "deliveryconfig",
        "interfaceconfig",
        "sslconfig",
    )
    yield from ("showchanges", "showconfig", "telnet", "showrecipients", "oldmessage", "tlsverify", "exit")
    yield from (
        "clusterconfig",
        "LIST",
        "nslookup sma-a.example.com",
        'grep -i "port 7025" mail_logs',
        "grep",
    )
    yield from ("", "1", "2", "3", "4", "Y", "N", "QUIT", "quit", "^C", "7025", SMA, f"{SMA}:7025")
    yield from ("the.cpq.host", "port 7025")


async def expect_an_esa(appliances: LiveAppliances, name: str, address: str, release: str) -> None:
    assert str((await ask(appliances, name, version())).version).startswith(f"{release}.")
    assert (await ask(appliances, name, status())).online
    assert (await ask(appliances, name, tophosts())).find("the.cpq.host") is not None
    assert any(log.is_mail_log for log in await ask(appliances, name, logconfig()))
    assert await ask(appliances, name, deliveryconfig()) is None
    assert [one.address for one in await ask(appliances, name, interfaceconfig())] == [address]
    assert "-aNULL" in str((await ask(appliances, name, sslconfig())).outbound_ciphers).split(":")
    assert (await ask(appliances, name, grep("port 7025", "mail_logs"))).lines
    assert not (await ask(appliances, name, showchanges())).pending
    configuration = await ask(appliances, name, showconfig())
    assert configuration.cpq_listener is not None
    assert configuration.cpq_listener.relay == (SMA,)
    assert configuration.complete
    reached = await ask(appliances, name, telnet(SMA, 7025, "Management"))
    assert (reached.outcome, reached.code, reached.source) == ("banner", 220, address)
    assert (await ask(appliances, name, showrecipients("the.cpq.host"))).messages == ()
    assert await ask(appliances, name, oldmessage()) is None
    assert (await ask(appliances, name, tlsverify(SMA, 7025))).cipher
    assert (await ask(appliances, name, nslookup("sma-a.example.com"))).addresses == (SMA,)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_every_dialogue_in_every_release_and_mode(tmp_path: Path, case: Case) -> None:
    async with asked(tmp_path, settings(case.shape)) as (lab, appliances):
        esas = [(f"esa-a{number}", release) for number, release in enumerate(case.releases, 1)]
        await asyncio.gather(
            *(
                expect_an_esa(appliances, name, lab.appliances[name].address, release)
                for name, release in esas
            )
        )
        for name, _ in esas if case.mode else ():
            cluster = await ask(appliances, name, clusterconfig())
            assert (cluster.name, len(cluster.machines)) == (CLUSTER, len(esas))
        assert (await ask(appliances, "sma-a", status())).online
        listener = (await ask(appliances, "sma-a", showconfig())).cpq_listener
        assert listener is not None
        assert len(listener.relay) == len(esas)
        assert {one.logins for one in lab.appliances.values()} == {1}
    assert {line for one in lab.appliances.values() for line in one.received} <= set(known_lines())


async def test_a_grep_that_takes_no_arguments_is_asked_by_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bot.lab.appliances.commands.grep as lab_grep

    def refuse(arguments: str) -> None:
        raise ValueError("Invalid arguments when processing grep")

    monkeypatch.setattr(lab_grep, "_parse", refuse)
    async with asked(tmp_path, settings(Shape())) as (_, appliances):
        found = await ask(appliances, "esa-a1", grep("port 7025", "mail_logs"))
        assert found.lines
        assert all("port 7025" in line for line in found.lines)


async def test_output_in_small_pieces_on_a_terminal_that_pages(tmp_path: Path) -> None:
    manners = Manners(
        chunk=3, force_pager=True, idle_note=True, login_banner="By order\nesa1> you\nlegal> all\n"
    )
    async with asked(tmp_path, settings(Shape(), manners=manners)) as (_, appliances):
        await expect_an_esa(appliances, "esa-a1", ESA, "14")


async def test_commands_that_an_account_may_not_run(tmp_path: Path) -> None:
    manners = Manners(unknown=frozenset({"tophosts"}), forbidden=frozenset({"showconfig"}))
    async with asked(tmp_path, settings(Shape(), manners=manners)) as (_, appliances):
        commands: tuple[Reading[Any], ...] = (tophosts(), showconfig())
        for command in commands:
            with pytest.raises(RoleRefused):
                await appliances.converse("esa-a1", command)
        assert (await ask(appliances, "esa-a1", status())).online


async def test_a_large_configuration_is_stopped_once_all_that_matters_was_printed(tmp_path: Path) -> None:
    manners = Manners(configuration_size=5_000_000)
    async with asked(tmp_path, settings(Shape(), manners=manners)) as (lab, appliances):
        text = await appliances.converse("esa-a1", showconfig())
        assert showconfig().parse(text).complete
        assert len(text) < 5_000
        assert "^C" in lab.appliances["esa-a1"].received
        assert (await ask(appliances, "esa-a1", status())).online


async def test_in_a_cluster_a_large_configuration_is_read_to_its_end(tmp_path: Path) -> None:
    manners = Manners(configuration_size=1_000_000)
    async with asked(tmp_path, settings(Shape(cluster=CLUSTER), manners=manners)) as (lab, appliances):
        assert (await ask(appliances, "esa-a1", showconfig())).complete
        assert "^C" not in lab.appliances["esa-a1"].received


@pytest.mark.parametrize("over_limit", ["refuse", "close"])
async def test_a_limit_of_sessions_costs_time_and_nothing_else(tmp_path: Path, over_limit: Any) -> None:
    door = Door(sessions=1, over_limit=over_limit)
    async with asked(tmp_path, settings(Shape(), door=door)) as (lab, appliances):
        await asyncio.gather(*(expect_an_esa(appliances, "esa-a1", ESA, "14") for _ in range(2)))
        assert lab.appliances["esa-a1"].logins == 1
