"""The worker's own try at CPQ listeners of the lab, and at sockets that are none."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.lab.appliances import Lab, LabSettings
from bot.model.errors import Disconnected, ProbeError, Refused, Rejected, TimedOut
from bot.probes.smtp import try_cpq
from bot.settings import load_inventory

QUIET = LabSettings(message_interval=0, release_interval=0)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with Lab(tmp_path, settings=QUIET) as lab:
        yield lab


def place(lab: Lab, name: str) -> tuple[str, int]:
    probe = load_inventory(lab.inventory).appliances[name].cpq_probe or ""
    host, _, port = probe.rpartition(":")
    assert host == "127.0.0.1"
    return host, int(port)


async def test_a_worker_is_no_registered_peer(lab: Lab) -> None:
    with pytest.raises(Rejected, match="554"):
        await try_cpq(*place(lab, "sma-a"))


async def test_a_listener_that_lets_it_in_shows_its_certificate_and_takes_no_anonymous_suite(
    lab: Lab,
) -> None:
    lab.appliances["sma-a"].cpq.peers = None
    told = (await try_cpq(*place(lab, "sma-a"))).splitlines()
    assert told[0] == "220 sma-a.example.com ESMTP"
    assert "STARTTLS" in told[1]
    assert told[2].startswith("STARTTLS: TLSv1.2, ")
    assert told[3].startswith("certificate: subject CN=sma-a")
    assert told[4] == "anonymous suites only: nothing is agreed on"


async def test_a_listener_that_prefers_anonymous_suites_is_found_out(lab: Lab) -> None:
    sma = lab.appliances["sma-a"]
    sma.cpq.peers, sma.prefer_anonymous = None, True
    told = (await try_cpq(*place(lab, "sma-a"))).splitlines()
    assert told[3] == "certificate: none"
    assert told[4] == "anonymous suites only: STARTTLS: TLSv1.2, AECDH-AES256-SHA"


async def test_a_suspended_listener_refuses_at_the_same_place(lab: Lab) -> None:
    before = place(lab, "sma-a")
    await lab.inject("sma-suspended")
    with pytest.raises(Refused):
        await try_cpq(*before)
    await lab.mend("sma-suspended")
    with pytest.raises(Rejected):
        await try_cpq(*before)


@pytest.mark.parametrize(
    ("says", "closes", "error"),
    [(b"", True, Disconnected), (b"", False, TimedOut), (b"SSH-2.0-OpenSSH_9.3\r\n", True, ProbeError)],
    ids=["closed", "silent", "another service"],
)
async def test_what_is_no_listener(says: bytes, closes: bool, error: type[ProbeError]) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(says)
        if not closes:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        with pytest.raises(error):
            await try_cpq("127.0.0.1", server.sockets[0].getsockname()[1], patience=0.5)


async def test_a_listener_without_starttls_says_so() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.com ESMTP\r\n")
        while line := await reader.readline():
            writer.write(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250-mail\r\n250 SIZE 10\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        told = await try_cpq("127.0.0.1", server.sockets[0].getsockname()[1])
    assert told.splitlines() == [
        "220 mail.example.com ESMTP",
        "EHLO: SIZE 10",
        "anonymous suites only: nothing is agreed on",
    ]


async def test_nobody_listens() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(Refused):
            await try_cpq("127.0.0.1", bound.getsockname()[1])
