"""Each fault shows in queues and logs as the fact sheets say, and goes away without a trace."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.lab.appliances import FAULTS, Lab, LabSettings
from bot.lab.appliances.appliance import Appliance

BRISK = LabSettings(message_interval=0, release_interval=0, retry_interval=0.05, connect_timeout=0.2)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with Lab(tmp_path, settings=BRISK) as lab:
        yield lab


def waiting(appliance: Appliance) -> int:
    with appliance.lock:
        return len(appliance.destination(appliance.cpq_host).waiting)


def is_down(appliance: Appliance) -> bool:
    with appliance.lock:
        return bool(appliance.destination(appliance.cpq_host).down)


def newest(appliance: Appliance, pattern: str) -> str:
    """The body of the newest log line that matches, without time and level."""
    lines = appliance.log.search(re.compile(pattern))
    assert lines, f"{appliance.name} has no line like {pattern}"
    return lines[-1].split(" Info: ", 1)[1]


def has_line(appliance: Appliance, body: str) -> bool:
    return bool(appliance.log.search(re.compile(re.escape(f" Info: {body}") + "$")))


async def eventually(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


async def test_a_healthy_site_carries_mail_both_ways(lab: Lab) -> None:
    sma = lab.appliances["sma-a"]
    assert lab.active_faults == ()
    for name in ("esa-a1", "esa-a2"):
        esa = lab.appliances[name]
        assert (waiting(esa), is_down(esa), esa.system_status) == (0, False, "Online")
        assert newest(esa, "TLS success.*the.cpq").endswith("the.cpq.host")
        assert has_line(esa, "MID 104 received from the SMA 10.10.10.1 (MID originally 101) "
                             'on release from quarantine "Policy"')  # fmt: skip
    assert not sma.log.search(re.compile("Error|Delayed|failed|REJECT"))


async def test_one_message_is_logged_on_both_sides_as_in_the_published_lines(lab: Lab) -> None:
    esa, sma = lab.appliances["esa-a1"], lab.appliances["sma-a"]
    mid = lab.quarantine("esa-a1")
    await eventually(lambda: has_line(esa, f"Message finished MID {mid} done"))
    dcid = re.findall(r"DCID (\d+)", newest(esa, f"Delivery start DCID .* MID {mid} "))[0]
    await eventually(lambda: has_line(esa, f"DCID {dcid} close"))
    target = re.findall(r"Message (\d+) accepted", newest(esa, f"MID {mid} RID .* Response"))[0]
    for body in (
        f'MID {mid} enqueued for transfer to centralized quarantine "Policy" (f1)',
        f"New SMTP DCID {dcid} interface 10.10.20.1 address 10.10.10.1 port 7025",
        f"DCID {dcid} TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384 the.cpq.host",
        f"Delivery start DCID {dcid} MID {mid} to RID [0] to Centralized Policy Quarantine",
        f"Message done DCID {dcid} MID {mid} to RID [0] (centralized policy quarantine)",
        f"MID {mid} RID [0] Response 'ok:  Message {target} accepted'",
    ):
        assert has_line(esa, body), body
    assert has_line(sma, f'MID {target} quarantined to "Policy" (f1)')
    icid = re.findall(r"ICID (\d+)", newest(sma, "New CPQ ICID .* address 10.10.20.1 "))[0]
    assert has_line(sma, f"ICID {icid} RELAY SG RELAYLIST match 10.10.20.1 SBRS not enabled")


async def test_suspended_sma_refuses_and_releases_nothing(lab: Lab) -> None:
    sma = lab.appliances["sma-a"]
    await lab.inject("sma-suspended")
    await lab.settle()
    assert sma.system_status == "Offline"
    assert waiting(sma) == 2
    for name in ("esa-a1", "esa-a2"):
        esa = lab.appliances[name]
        assert (waiting(esa), is_down(esa)) == (1, True)
        error = newest(esa, "Connection Error")
        assert re.fullmatch(
            r"Connection Error: DCID \d+ domain: the\.cpq\.host IP: 10\.10\.10\.1 port: 7025 "
            r"details: \[Errno 61\] Connection refused "
            rf"interface: {esa.address} reason: network error",
            error,
        )
        assert "4.4.0 - Other network problem ('000', ['[Errno 61] Connection refused'])" in newest(
            esa, "Delayed: DCID"
        )


async def test_anonymous_cipher_stops_the_second_esa_only(lab: Lab) -> None:
    await lab.inject("anonymous-cipher")
    await lab.settle()
    first, second = lab.appliances["esa-a1"], lab.appliances["esa-a2"]
    assert (is_down(first), is_down(second)) == (False, True)
    failure = newest(second, r"TLS failed: verify error: no certificate from server$")
    dcid = re.findall(r"DCID (\d+)", failure)[0]
    assert has_line(second, f"DCID {dcid} TLS was required but could not be successfully negotiated")
    assert has_line(second, f"New SMTP DCID {dcid} interface 10.10.20.2 address 10.10.10.1 port 7025")


async def test_committing_a_safe_list_cures_the_anonymous_cipher(lab: Lab) -> None:
    await lab.inject("anonymous-cipher")
    await lab.settle()
    esa = lab.appliances["esa-a2"]
    esa.configuration["ssl_outbound_ciphers"] = "HIGH:MEDIUM:-aNULL"
    await eventually(lambda: waiting(esa) == 0 and not is_down(esa))
    assert lab.active_faults == ()


async def test_firewall_drops_quarantining_of_the_first_esa(lab: Lab) -> None:
    await lab.inject("firewall-esa-to-sma")
    await lab.settle()
    first, second = lab.appliances["esa-a1"], lab.appliances["esa-a2"]
    assert (is_down(first), is_down(second)) == (True, False)
    assert "details: timeout interface: 10.10.20.1 reason: connection timed out" in newest(
        first, "Connection Error"
    )


async def test_firewall_drops_releases_to_the_first_esa(lab: Lab) -> None:
    await lab.inject("firewall-sma-to-esa")
    await lab.settle()
    sma = lab.appliances["sma-a"]
    with sma.lock:
        assert sma.destination("the.cpq.release.host").down == {"10.10.20.1"}
    assert waiting(sma) == 1
    assert "domain: the.cpq.release.host IP: 10.10.20.1 port: 7025 details: timeout" in newest(
        sma, "Connection Error"
    )
    assert not is_down(lab.appliances["esa-a1"])


async def test_a_missing_peer_is_rejected_with_554(lab: Lab) -> None:
    await lab.inject("peer-not-allowed")
    await lab.settle()
    sma, second = lab.appliances["sma-a"], lab.appliances["esa-a2"]
    assert (is_down(lab.appliances["esa-a1"]), is_down(second)) == (False, True)
    error = newest(second, "Connection Error")
    assert "details: 554-" in error
    assert error.endswith("interface: 10.10.20.2 reason: unexpected SMTP response")
    icid = re.findall(r"ICID (\d+)", newest(sma, "New CPQ ICID .* address 10.10.20.2 "))[0]
    await eventually(lambda: has_line(sma, f"ICID {icid} REJECT SG None match ALL SBRS not enabled"))


TOGETHER = (
    "sma-suspended",
    "anonymous-cipher",
    "firewall-esa-to-sma",
    "firewall-sma-to-esa",
    "peer-not-allowed",
    "clock-skewed",
    "changes-pending",
    "stranger-rejected",
)


@pytest.mark.parametrize("names", [(name,) for name in FAULTS] + [TOGETHER], ids="+".join)
async def test_mending_drains_what_waited(lab: Lab, names: tuple[str, ...]) -> None:
    for name in names:
        await lab.inject(name)
    assert lab.active_faults == names
    for _ in range(3):
        lab.quarantine("esa-a1")
        lab.quarantine("esa-a2")
    await lab.settle()
    for name in names:
        await lab.mend(name)
    assert lab.active_faults == ()
    appliances = lab.appliances.values()
    await eventually(lambda: not any(waiting(item) or is_down(item) for item in appliances))


async def test_injecting_and_mending_twice_changes_nothing(lab: Lab) -> None:
    before = list(lab.appliances["sma-a"].cpq.peers or [])
    for name in FAULTS:
        await lab.inject(name)
        await lab.inject(name)
        await lab.mend(name)
        await lab.mend(name)
    assert lab.appliances["sma-a"].cpq.peers == before
    assert lab.active_faults == ()


async def greet(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    line = await reader.readline()
    writer.close()
    return line


async def test_a_firewall_stands_before_the_bot_and_not_before_the_sma(lab: Lab) -> None:
    port, endpoint = lab.ssh_ports["esa-a1"], ("10.10.20.1", 22)
    await lab.inject("firewall-drops-bot")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(greet(port), 0.3)
    await lab.mend("firewall-drops-bot")
    assert (await greet(port)).startswith(b"SSH-2.0-")
    await lab.inject("firewall-rejects-bot")
    with pytest.raises(ConnectionRefusedError):
        await greet(port)
    reader, writer = await lab.network.open_connection("10.10.10.1", endpoint, 5)
    assert (await reader.readline()).startswith(b"SSH-2.0-")
    writer.close()


async def test_a_host_key_is_missing_in_the_inventory_while_the_fault_lasts(lab: Lab) -> None:
    before = lab.inventory.read_text()
    await lab.inject("bot-key-missing")
    fewer = lab.inventory.read_text()
    assert (before.count("host_key = "), fewer.count("host_key = ")) == (3, 2)
    await lab.mend("bot-key-missing")
    assert lab.inventory.read_text() == before


async def test_a_name_that_dns_does_not_know_delays_mail_before_any_connection(lab: Lab) -> None:
    await lab.inject("name-unknown")
    await lab.settle()
    esa = lab.appliances["esa-a1"]
    assert 'address = "sma-a.example.com"' in lab.inventory.read_text()
    assert (waiting(esa), is_down(esa)) == (1, True)
    assert newest(esa, "Delayed: DCID 0 ").endswith(
        "4.1.2 - Bad destination host ('000', ['DNS Hard Error looking up sma-a.example.com (A):  NXDomain'])"
    )


async def test_other_faults_leave_the_inventory_as_a_caller_wrote_it(lab: Lab) -> None:
    lab.inventory.write_text("# mine\n")
    await lab.inject("sma-suspended")
    await lab.mend("sma-suspended")
    assert lab.inventory.read_text() == "# mine\n"
