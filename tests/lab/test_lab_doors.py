"""How the simulated appliances let SSH clients in: methods, algorithms, limits, long wires, odd output."""

import asyncio
import contextlib
import re
import time
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncssh
import paramiko
import pytest

from bot.lab.appliances import Door, Lab, LabSettings, Manners, Shape
from bot.lab.appliances.parts import ACCOUNT
from tests.lab.cli_client import LARGE, Cli, Logins, connect, open_cli

QUIET = LabSettings(
    message_interval=0, release_interval=0, retry_interval=60, connect_timeout=0.2, telnet_timeout=0.3
)


@asynccontextmanager
async def running(
    tmp_path: Path, door: Door | None = None, manners: Manners | None = None, asyncos: str = "14"
) -> AsyncIterator[tuple[Lab, Logins]]:
    settings = replace(
        QUIET, door=door or Door(), manners=manners or Manners(), shape=Shape(esas=1, asyncos=asyncos)
    )
    async with Lab(tmp_path, settings=settings) as lab, Logins(lab) as login:
        yield lab, login


pytestmark = pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")

# Logging in


def read(path: str) -> str:
    return Path(path).read_text()


async def methods_offered(lab: Lab) -> set[str]:
    def ask() -> set[str]:
        transport = paramiko.Transport(("127.0.0.1", lab.ssh_ports["esa-a1"]))
        try:
            transport.start_client(timeout=10)
            transport.auth_none(ACCOUNT)
        except paramiko.BadAuthenticationType as error:
            return set(error.allowed_types)
        finally:
            transport.close()
        return set()

    return await asyncio.to_thread(ask)


@pytest.mark.parametrize("method", ["password", "keyboard-interactive", "publickey"])
async def test_one_method_only(tmp_path: Path, method: str) -> None:
    async with running(tmp_path, Door(methods=(method,))) as (lab, _):  # type: ignore[arg-type]
        assert await methods_offered(lab) == {method}
        table = tomllib.loads(lab.inventory.read_text())["appliances"]["esa-a1"]
        secret = read(table["key" if method == "publickey" else "password"]["file"])
        login = (
            {"client_keys": [asyncssh.import_private_key(secret)], "password": None}
            if method == "publickey"
            else {"password": secret}
        )
        async with connect(lab, "esa-a1", **login) as connection:
            await open_cli(connection, "esa-a1.example.com> ")
        assert ("publickey", ACCOUNT) in lab.appliances["esa-a1"].login_attempts or method != "publickey"


async def test_a_wrong_key_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path, Door(methods=("publickey",))) as (lab, _):
        with pytest.raises(asyncssh.PermissionDenied):
            await connect(lab, "esa-a1", client_keys=[asyncssh.generate_private_key("ssh-ed25519")])
        assert lab.appliances["esa-a1"].logins == 0


@pytest.mark.parametrize(
    ("asyncos", "algorithms", "legacy"),
    [("9.1", "release", True), ("14", "release", False), ("14", "legacy", True)],
)
async def test_the_inventory_says_where_legacy_ssh_is_needed(
    tmp_path: Path, asyncos: str, algorithms: str, legacy: bool
) -> None:
    door = Door(algorithms=algorithms)  # type: ignore[arg-type]
    async with running(tmp_path, door, asyncos=asyncos) as (lab, _):
        table = tomllib.loads(lab.inventory.read_text())["appliances"]["esa-a1"]
        assert table.get("legacy_ssh", False) is legacy
        kind = "ssh-rsa" if legacy else "ssh-ed25519"
        assert table["host_key"].startswith(f"{kind} AAAA")
        async with connect(lab, "esa-a1") as connection:
            key = connection.get_server_host_key()
            assert key is not None
            assert " ".join(key.export_public_key().decode().split()[:2]) == table["host_key"]


async def test_legacy_ssh_has_nothing_in_common_with_a_strict_client(tmp_path: Path) -> None:
    async with running(tmp_path, Door(algorithms="legacy")) as (lab, _):
        for strict in (
            {"kex_algs": ["curve25519-sha256", "diffie-hellman-group14-sha256"]},
            {"encryption_algs": ["aes256-ctr"]},
            {"server_host_key_algs": ["rsa-sha2-256", "rsa-sha2-512", "ssh-ed25519"]},
        ):
            with pytest.raises(asyncssh.KeyExchangeFailed):
                await connect(lab, "esa-a1", **strict)
        async with connect(lab, "esa-a1", kex_algs=["diffie-hellman-group14-sha1"]) as connection:
            assert connection.get_extra_info("send_cipher") in (
                "aes128-cbc",
                "3des-cbc",
                "aes192-cbc",
                "aes256-cbc",
            )


async def test_a_changed_host_key_is_not_the_one_of_the_inventory(tmp_path: Path) -> None:
    async with running(tmp_path) as (lab, _):
        pinned = tomllib.loads(lab.inventory.read_text())["appliances"]["esa-a1"]["host_key"]
        changed = lab.change_host_key("esa-a1")
        assert changed != pinned
        known: tuple[list[asyncssh.SSHKey], list[str], list[str]] = (
            [asyncssh.import_public_key(pinned)],
            [],
            [],
        )
        with pytest.raises(asyncssh.HostKeyNotVerifiable):
            await asyncssh.connect(
                "127.0.0.1", lab.ssh_ports["esa-a1"], known_hosts=known, username=ACCOUNT, config=None
            )
        assert lab.appliances["esa-a1"].login_attempts == []


async def test_a_banner_comes_before_the_login_and_another_after_it(tmp_path: Path) -> None:
    login_banner = "Property of Example\nesa-a1.example.com> no prompt\n[]> neither\n" + "*" * 60_000
    async with running(tmp_path, Door(banner="Keep out\n"), Manners(login_banner=login_banner)) as (lab, _):
        banners = []

        class Client(asyncssh.SSHClient):
            def auth_banner_received(self, msg: str, lang: str) -> None:
                banners.append(msg)

        async with connect(lab, "esa-a1", client_factory=Client) as connection:
            process = await connection.create_process(term_type="vt100", term_size=LARGE, encoding=None)
            text = await Cli(process, "").until("they are made.\r\n\r\nesa-a1.example.com> ")
    assert banners == ["Keep out\n"]
    assert text.startswith("Property of Example\r\nesa-a1.example.com> no prompt\r\n[]> neither\r\n*")
    assert text.index("AsyncOS 14.2.0") > 60_000


# Sessions


async def test_a_session_above_the_limit_is_refused_until_another_ends(tmp_path: Path) -> None:
    async with running(tmp_path, Door(sessions=1)) as (lab, _), connect(lab, "esa-a1") as connection:
        first = await open_cli(connection, "esa-a1.example.com> ")
        with pytest.raises(asyncssh.ChannelOpenError, match="maximum number of sessions"):
            await connection.create_process(term_type="vt100", encoding=None)
        async with connect(lab, "esa-a1") as other:
            await open_cli(other, "esa-a1.example.com> ")
        first.send("exit\r")
        await first.ended()
        await open_cli(connection, "esa-a1.example.com> ")


async def test_the_limit_of_an_appliance_counts_all_connections(tmp_path: Path) -> None:
    async with running(tmp_path, Door(all_sessions=2)) as (lab, _):
        async with connect(lab, "esa-a1") as one, connect(lab, "esa-a1") as two:
            await open_cli(one, "esa-a1.example.com> ")
            await open_cli(two, "esa-a1.example.com> ")
            for connection in (one, two):
                with pytest.raises(asyncssh.ChannelOpenError):
                    await connection.create_process(term_type="vt100", encoding=None)
        async with connect(lab, "sma-a") as elsewhere:
            await open_cli(elsewhere, "sma-a.example.com> ")


async def test_a_session_above_the_limit_may_end_after_a_text(tmp_path: Path) -> None:
    door = Door(sessions=1, over_limit="close")
    async with running(tmp_path, door) as (lab, _), connect(lab, "esa-a1") as connection:
        await open_cli(connection, "esa-a1.example.com> ")
        process = await connection.create_process(term_type="vt100", encoding=None)
        assert await Cli(process, "").ended() == "The maximum number of sessions is reached.\r\n"


async def test_the_door_may_change_while_the_lab_runs(tmp_path: Path) -> None:
    async with running(tmp_path) as (lab, login):
        await login()
        esa = lab.appliances["esa-a1"]
        esa.door = replace(esa.door, methods=("publickey",))
        with pytest.raises(asyncssh.PermissionDenied):
            await connect(lab, "esa-a1")


# The wire and the output


async def test_a_long_wire_costs_its_round_trips(tmp_path: Path) -> None:
    async with running(tmp_path, Door(round_trip=0.1)) as (_, login):
        begin = time.monotonic()
        cli = await login()
        connected = time.monotonic()
        await cli.run("date")
        assert connected - begin >= 0.5
        assert time.monotonic() - connected >= 0.1


async def test_stopping_leaves_no_task_on_a_long_wire(tmp_path: Path) -> None:
    tasks = asyncio.all_tasks()
    async with running(tmp_path, Door(round_trip=0.1)) as (lab, _):
        connection = await connect(lab, "esa-a1")
        early = asyncio.create_task(asyncio.open_connection("127.0.0.1", lab.ssh_ports["esa-a1"]))
        _, writer = await early
    await connection.wait_closed()
    assert asyncio.all_tasks() <= tasks
    writer.close()


async def test_latency_and_slow_logins_cost_their_time(tmp_path: Path) -> None:
    async with running(tmp_path, Door(login_time=0.2), Manners(latency=0.2)) as (_, login):
        begin = time.monotonic()
        cli = await login()
        assert time.monotonic() - begin >= 0.2
        begin = time.monotonic()
        await cli.run("date")
        assert time.monotonic() - begin >= 0.2


async def test_output_in_single_bytes_says_the_same(tmp_path: Path) -> None:
    async with running(tmp_path, manners=Manners(chunk=1)) as (_, login):
        text = await (await login()).run("version")
        assert "Version: 14.2.0-620\n" in text


@pytest.mark.parametrize("number", [0, 1, 300, 420])
async def test_a_connection_dies_after_so_many_bytes(tmp_path: Path, number: int) -> None:
    async with running(tmp_path, manners=Manners(dies_after=number)) as (lab, _):
        connection, printed = await connect(lab, "esa-a1"), b""
        with contextlib.suppress(OSError, asyncssh.Error):
            process = await connection.create_process(term_type="vt100", term_size=LARGE, encoding=None)
            process.stdin.write(b"version\r")
            while chunk := await process.stdout.read(4096):
                printed += chunk
        await asyncio.wait_for(connection.wait_closed(), 10)
        assert len(printed) <= number


async def test_a_forced_pager_pages_in_the_tallest_terminal(tmp_path: Path) -> None:
    async with running(tmp_path, manners=Manners(force_pager=True)) as (_, login):
        cli = await login(size=LARGE)
        cli.send("status detail\r")
        assert (await cli.until("-Press Any Key For More-")).count("\r\n") == 24
        cli.send(" ")
        assert "Kilobytes Free" in await cli.until(cli.prompt)


async def test_a_note_comes_in_the_middle(tmp_path: Path) -> None:
    async with running(tmp_path, manners=Manners(idle_note=True)) as (_, login):
        text = await (await login()).run("version")
        assert (
            text.index("Current Version") < text.index("NOTE: This session will expire") < text.index("RAID")
        )


async def test_a_configuration_of_five_megabytes_is_printed_whole(tmp_path: Path) -> None:
    manners = Manners(configuration_size=5_000_000)
    async with running(tmp_path, manners=manners) as (_, login):
        cli = await login(size=(1000, 200_000))
        text = await cli.run("showconfig", "1")
    assert len(text) > 5_000_000
    assert 2_400_000 < text.index("<listener_name>cpq_listener") < 2_700_000
    assert text.rstrip().endswith("</config>")


async def test_commands_may_be_unknown_or_forbidden(tmp_path: Path) -> None:
    manners = Manners(unknown=frozenset({"tlsverify"}), forbidden=frozenset({"showconfig"}))
    async with running(tmp_path, manners=manners) as (_, login):
        cli = await login()
        assert "Unknown command or missing feature key: tlsverify\n" in await cli.run("tlsverify")
        assert "may not run showconfig" in await cli.run("showconfig")


async def test_another_form_of_the_prompt(tmp_path: Path) -> None:
    async with running(tmp_path, manners=Manners(prompt="({place})> ")) as (_, login):
        cli = await login(prompt="(esa-a1.example.com)> ")
        assert re.search(r"\d{4} GMT", await cli.run("date"))
