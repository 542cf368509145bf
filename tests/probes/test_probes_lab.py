"""Every command against the simulated site, which knows the fact sheet but not our code."""

import asyncio
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import pytest

import bot.probes.ssh
from bot.asyncos.commands.deliveryconfig import deliveryconfig
from bot.asyncos.commands.grep import grep
from bot.asyncos.commands.interfaceconfig import interfaceconfig
from bot.asyncos.commands.logconfig import logconfig
from bot.asyncos.commands.showconfig import showconfig
from bot.asyncos.commands.sslconfig import sslconfig
from bot.asyncos.commands.status import status
from bot.asyncos.commands.telnet import Telnet, telnet
from bot.asyncos.commands.tophosts import tophosts
from bot.asyncos.commands.version import version
from bot.lab.appliances import Lab, LabSettings
from bot.model.command import Reading
from bot.model.inventory import Inventory
from bot.probes.live import LiveAppliances, LiveDoors

T = TypeVar("T")

SMA, ESA_1, ESA_2 = "10.10.10.1", "10.10.20.1", "10.10.20.2"
READ_ONLY = {
    *(
        "version",
        "status",
        "tophosts",
        "telnet",
        "logconfig",
        "deliveryconfig",
        "interfaceconfig",
        "sslconfig",
    ),
    *("showconfig", 'grep -i "port 7025" mail_logs', "exit"),
    *(
        "",
        "1",
        "2",
        "QUIT",
        "quit",
        "^C",
        SMA,
        ESA_1,
        ESA_2,
        "22",
        "7025",
        "7026",
        "10.99.9.9",
        "nobody.example.com",
    ),
}


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with Lab(tmp_path, settings=LabSettings(message_interval=0, release_interval=0)) as running:
        yield running


@pytest.fixture
async def appliances(lab: Lab) -> AsyncIterator[LiveAppliances]:
    inventory = Inventory.model_validate(tomllib.loads(lab.inventory.read_text()))
    doors = LiveDoors(lambda secret: Path(secret.file or "").read_text(), threads=8)
    async with doors.open(inventory, "site-a") as opened:
        yield opened
    doors.close()


async def ask(appliances: LiveAppliances, name: str, command: Reading[T]) -> T:
    text = await appliances.converse(name, command)
    return command.parse(command.distil(text) if command.distil else text)


@pytest.mark.parametrize(("columns", "rows"), [(1000, 10000), (80, 24)])
async def test_every_reading_command_is_understood(
    lab: Lab, appliances: LiveAppliances, monkeypatch: pytest.MonkeyPatch, columns: int, rows: int
) -> None:
    """Also on a terminal that pages and wraps, whatever size was asked for."""
    monkeypatch.setattr(bot.probes.ssh, "COLUMNS", columns)
    monkeypatch.setattr(bot.probes.ssh, "ROWS", rows)
    for name, address in (("sma-a", SMA), ("esa-a1", ESA_1)):
        assert (await ask(appliances, name, version())).version
        assert (await ask(appliances, name, status())).online
        assert (await ask(appliances, name, tophosts())).rows
        assert any(log.is_mail_log for log in await ask(appliances, name, logconfig()))
        assert await ask(appliances, name, deliveryconfig()) is None
        assert [one.address for one in await ask(appliances, name, interfaceconfig())] == [address]
        assert "aNULL" in str((await ask(appliances, name, sslconfig())).outbound_ciphers)
        assert all(
            "port 7025" in line
            for line in (await ask(appliances, name, grep("port 7025", "mail_logs"))).lines
        )
        configuration = await ask(appliances, name, showconfig())
        assert configuration.complete
        assert configuration.cpq_listener is not None
        assert configuration.cpq_listener.port == 7025
        assert configuration.cpq_listener.relay == ((ESA_1, ESA_2) if name == "sma-a" else (SMA,))
    assert all(set(appliance.received) <= READ_ONLY for appliance in lab.appliances.values())


async def test_every_outcome_of_telnet(lab: Lab, appliances: LiveAppliances) -> None:
    def probe(*arguments: str | int | None) -> Reading[Telnet]:
        host, port, interface = arguments
        assert isinstance(host, str)
        assert isinstance(port, int)
        return telnet(host, port, str(interface) if interface else None, patience=1.0)

    answers = await asyncio.gather(
        ask(appliances, "esa-a1", probe(SMA, 7025, "Management")),
        ask(appliances, "esa-a1", probe(ESA_2, 7025, None)),
        ask(appliances, "esa-a1", probe(SMA, 7026, None)),
        ask(appliances, "esa-a1", probe("10.99.9.9", 7025, None)),
        ask(appliances, "esa-a1", probe("nobody.example.com", 7025, None)),
        ask(appliances, "sma-a", probe(ESA_1, 22, None)),
    )
    assert [(answer.outcome, answer.code, answer.source) for answer in answers] == [
        ("banner", 220, ESA_1),
        ("banner", 554, None),
        ("refused", None, None),
        ("timeout", None, None),
        ("unresolvable", None, None),
        ("greeting", None, None),
    ]
    assert all(set(appliance.received) <= READ_ONLY for appliance in lab.appliances.values())


async def test_faults_are_seen_in_what_is_read(lab: Lab, appliances: LiveAppliances) -> None:
    await lab.inject("anonymous-cipher")
    assert (await ask(appliances, "esa-a2", sslconfig())).outbound_ciphers == "HIGH:MEDIUM"
    await lab.inject("peer-not-allowed")
    listener = (await ask(appliances, "sma-a", showconfig())).cpq_listener
    assert listener is not None
    assert listener.relay == (ESA_1,)
    assert (await ask(appliances, "esa-a2", telnet(SMA, 7025))).code == 554
    await lab.inject("sma-suspended")
    assert not (await ask(appliances, "sma-a", status())).online
    assert (await ask(appliances, "esa-a1", telnet(SMA, 7025))).outcome == "refused"


async def test_one_login_an_appliance_whatever_is_asked(lab: Lab, appliances: LiveAppliances) -> None:
    before = {name: appliance.logins for name, appliance in lab.appliances.items()}
    commands: tuple[Reading[object], ...] = (version(), status(), tophosts(), logconfig(), sslconfig())  # type: ignore[assignment]
    await asyncio.gather(*(appliances.converse(name, command) for name in before for command in commands))
    assert {
        name: appliance.logins - before[name] for name, appliance in lab.appliances.items()
    } == dict.fromkeys(before, 1)
