"""Commands of the simulated CLI that ask for the queue, the peers and TLS, or take the appliance away."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from bot.lab.appliances import Lab, LabSettings
from bot.lab.appliances.appliance import Appliance
from tests.lab.cli_client import Logins, connect

QUIET = LabSettings(
    message_interval=0,
    release_interval=0,
    retry_interval=60,
    connect_timeout=0.2,
    telnet_timeout=0.3,
    reboot_time=0.3,
)

pytestmark = pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with Lab(tmp_path, settings=QUIET) as lab:
        yield lab


@pytest.fixture
async def login(lab: Lab) -> AsyncIterator[Logins]:
    async with Logins(lab) as logins:
        yield logins


@pytest.fixture
def sma(lab: Lab) -> Appliance:
    return lab.appliances["sma-a"]


# The queue


@pytest.mark.parametrize(
    "answers", [("1", "the.cpq.host"), ("2", "sender@example.com"), ("3",)], ids=["host", "sender", "all"]
)
async def test_showrecipients_shows_mids_and_attempts(
    lab: Lab, login: Logins, answers: tuple[str, ...]
) -> None:
    await lab.inject("sma-suspended")
    mid = lab.quarantine("esa-a1")
    await lab.settle()
    text = await (await login()).run("showrecipients", *answers)
    assert "Please select how you would like to show messages:\n1. By recipient host.\n" in text
    assert re.search(
        rf"^{mid} +1230 +sender@example\.com +Testing\n\[0\] +\[[1-9]\] +reader@", text, re.MULTILINE
    )


async def test_showrecipients_finds_nothing_where_there_is_nothing(lab: Lab, login: Logins) -> None:
    assert "No messages were found." in await (await login()).run("showrecipients", "1", "the.cpq.host")
    await lab.inject("sma-suspended")
    lab.release("esa-a1")
    sma = await login("sma-a")
    assert "No messages were found." in await sma.run("showrecipients", "1", "the.cpq.release.host")


@pytest.mark.parametrize("host", ["the.cpq.host", "the.cpq.release.host", "nowhere.example.com"])
async def test_hoststatus_refuses_what_is_no_host_to_it(login: Logins, host: str) -> None:
    cli = await login("sma-a" if "release" in host else "esa-a1")
    assert f"No record of host {host}." in await cli.run(f"hoststatus {host}")


async def test_hoststatus_describes_a_host(login: Logins) -> None:
    text = await (await login()).run("hoststatus", "example.net")
    assert "Host mail status for:          'example.net'\n" in text
    assert re.search(r"^Delivered Recipients: +\d+$", text, re.MULTILINE)


async def test_oldmessage_names_the_oldest_mid(lab: Lab, login: Logins) -> None:
    cli = await login()
    assert "No messages." in await cli.run("oldmessage")
    await lab.inject("sma-suspended")
    oldest = lab.quarantine("esa-a1")
    lab.quarantine("esa-a1")
    assert f"\nMID {oldest}\nReceived: from" in await cli.run("oldmessage")


# Peers and TLS


async def test_applianceconfig_lists_and_tests_the_esas(lab: Lab, login: Logins) -> None:
    cli = await login("sma-a")
    text = await cli.run("applianceconfig", "TEST", "2", "STATUS", "")
    assert re.search(r"^ 1\. esa-a1 +10\.10\.20\.1 +ESA$", text, re.MULTILINE)
    assert "Testing the connection to esa-a2 (10.10.20.2)...\nTest succeeded.\n" in text
    assert re.search(r"^esa-a1 +10\.10\.20\.1 +Connected$", text, re.MULTILINE)
    assert lab.appliances["esa-a2"].logins == 0
    assert lab.appliances["esa-a2"].login_attempts == []


def block(lab: Lab) -> None:
    lab.network.drop("10.10.10.1", ("10.10.20.1", 22))


def close(lab: Lab) -> None:
    lab.network.detach(("10.10.20.1", 22))


def replace_key(lab: Lab) -> None:
    lab.change_host_key("esa-a1")


def harden(lab: Lab) -> None:
    esa = lab.appliances["esa-a1"]
    esa.door = replace(esa.door, algorithms="hardened")


def lock_out(lab: Lab) -> None:
    lab.appliances["esa-a1"].client_keys.clear()
    lab.appliances["esa-a1"].accounts["smaduser"] = "changed"


@pytest.mark.parametrize(
    ("trouble", "text"),
    [
        (block, "(60, 'Operation timed out')"),
        (close, "(61, 'Connection refused')"),
        (
            replace_key,
            "Error - The host key for 10.10.20.1 appears to have changed.\nIt is possible that someone",
        ),
        (harden, "(3, 'Could not find matching key exchange algorithm.')"),
        (lock_out, "Authentication failed for user smaduser."),
    ],
)
async def test_applianceconfig_test_tells_what_is_wrong(
    lab: Lab, login: Logins, trouble: object, text: str
) -> None:
    assert callable(trouble)
    trouble(lab)
    answer = await (await login("sma-a")).run("applianceconfig", "TEST", "1", "STATUS", "")
    assert f"Test failed.\n{text}" in answer
    assert re.search(r"^esa-a1 .* Not connected$", answer, re.MULTILINE)
    assert re.search(r"^esa-a2 .* Connected$", answer, re.MULTILINE)


async def test_tlsverify_shows_the_suite_that_is_agreed(lab: Lab, login: Logins) -> None:
    cli = await login("esa-a2")
    healthy = await cli.run("tlsverify", "the.cpq.host", "10.10.10.1:7025")
    assert (
        "Connecting to 10.10.10.1 on port 7025.\nConnected to 10.10.10.1 from interface 10.10.20.2.\n"
        in healthy
    )
    assert "protocol TLSv1.2, cipher ECDHE-RSA-AES256-GCM-SHA384.\nVerifying peer certificate.\n" in healthy
    await lab.inject("anonymous-cipher")
    anonymous = await cli.run("tlsverify", "the.cpq.host", "10.10.10.1:7025")
    assert "cipher AECDH-AES256-SHA.\n" in anonymous
    assert "failed: no certificate from server." in anonymous


async def test_tlsverify_tells_why_it_could_not(lab: Lab, login: Logins) -> None:
    cli = await login("esa-a2")
    assert "cannot be resolved" in await cli.run("tlsverify", "x", "nowhere.example.com:7025")
    await lab.inject("peer-not-allowed")
    assert "unexpected response 554" in await cli.run("tlsverify", "x", "10.10.10.1:7025")
    await lab.inject("sma-suspended")
    assert "Connection failed: Connection refused." in await cli.run("tlsverify", "x", "10.10.10.1:7025")


async def test_tlsverify_is_no_command_of_an_sma(login: Logins) -> None:
    assert "Unknown command" in await (await login("sma-a")).run("tlsverify")


@pytest.mark.parametrize("algorithms", ["release", "legacy"])
async def test_sshconfig_prints_what_the_server_offers(lab: Lab, login: Logins, algorithms: str) -> None:
    esa = lab.appliances["esa-a1"]
    esa.door = replace(esa.door, algorithms=algorithms)  # type: ignore[arg-type]
    lab.change_host_key("esa-a1")
    cli = await login()
    text = await cli.run("sshconfig", "SSHD", "")
    printed = text[text.index("KEX Algorithms:") : text.index("Minimum")].split()[2:]
    async with connect(lab, "esa-a1", kex_algs=[printed[-1]]):
        pass
    others = {"release": "diffie-hellman-group1-sha1", "legacy": "curve25519-sha256"}
    assert others[algorithms] not in printed
    with pytest.raises(asyncssh.KeyExchangeFailed):
        await connect(lab, "esa-a1", kex_algs=[others[algorithms]])


# Changes of others


async def test_foreign_changes_are_shown_and_taken_along(lab: Lab, login: Logins) -> None:
    esa, cli = lab.appliances["esa-a1"], await login()
    esa.foreign_changes["ssl_gui_method"] = "tlsv1.2"
    text = await cli.run("showchanges")
    assert "ssl_gui_method\n    was: tlsv1.1/tlsv1.2\n    now: tlsv1.2\n" in text
    await cli.run("commit", "", "")
    assert esa.configuration["ssl_gui_method"] == "tlsv1.2"
    assert "There are no configuration changes." in await cli.run("showchanges")


async def test_an_unexpected_question_may_come_before_a_commit(lab: Lab, login: Logins) -> None:
    esa, cli = lab.appliances["esa-a1"], await login()
    question = "Another session has committed changes. Do you want to discard them?"
    esa.manners = replace(esa.manners, commit_question=question)
    await cli.run("sslconfig", "OUTBOUND", "", "HIGH:-aNULL", "")
    text = await cli.run("commit", "")
    assert f"{question} [N]> \n\nNothing was committed." in text
    assert esa.configuration["ssl_outbound_ciphers"] == "HIGH:MEDIUM:-aNULL"
    assert "Changes committed: " in await cli.run("commit", "y", "comment", "")


# Away and back


async def test_suspended_transfers_close_the_port_while_the_status_is_online(
    lab: Lab, login: Logins, sma: Appliance
) -> None:
    cli = await login("sma-a")
    await cli.run("suspendtransfers", "")
    status = await cli.run("status")
    assert re.search(r"^System status: +Online$", status, re.MULTILINE)
    assert re.search(r"^Transfers: +Suspended$", status, re.MULTILINE)
    esa = await login()
    assert "Connection refused" in await esa.run("telnet 10.10.10.1 7025")
    assert "transfers resumed" in await cli.run("resumetransfers")
    assert "Transfers:" not in await cli.run("status")
    assert sma.listens


async def back_again(appliance: Appliance) -> None:
    back = asyncio.Event()
    appliance.watch(lambda: None if appliance.away else back.set())
    if appliance.away:
        await asyncio.wait_for(back.wait(), 10)


async def test_a_reboot_takes_the_appliance_away_and_keeps_it_suspended(
    lab: Lab, login: Logins, sma: Appliance
) -> None:
    await lab.inject("sma-suspended")
    port, started = lab.ssh_ports["sma-a"], sma.started
    cli = await login("sma-a")
    cli.send("reboot\r\r")
    text = await cli.ended()
    assert text.endswith("Closing CLI connection.\r\n")
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    await back_again(sma)
    assert lab.ssh_ports["sma-a"] == port
    assert sma.started > started
    back = await login("sma-a")
    assert re.search(r"^System status: +Offline$", await back.run("status"), re.MULTILINE)
    await back.run("resume")
    lab.quarantine("esa-a1")
    await lab.settle()
    assert lab.active_faults == ()


async def test_the_network_knows_where_a_port_really_is(lab: Lab) -> None:
    found = lab.network.locate(("10.10.20.1", 22))
    assert found is not None
    reader, writer = await asyncio.open_connection(*found)
    assert (await reader.readline()).startswith(b"SSH-2.0-")
    writer.close()
    found = lab.network.locate(("10.10.10.1", 7025))
    assert found is not None
    reader, writer = await asyncio.open_connection(*found)
    assert (await reader.readline()).startswith(b"554-sma-a")  # a stranger, as a worker is
    writer.close()
    await lab.inject("sma-suspended")
    assert lab.network.locate(("10.10.10.1", 7025)) is None
