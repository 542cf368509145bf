"""The laboratory as a whole: its inventory, its regular mail, and that it leaves nothing behind."""

import asyncio
import os
import stat
import sys
import threading
import time
import tomllib
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from bot.lab.appliances import FAULTS, Lab, LabSettings, LabUnavailable

QUIET = LabSettings(message_interval=0, release_interval=0)


async def test_inventory_is_complete(tmp_path: Path) -> None:
    async with Lab(tmp_path / "new", settings=LabSettings(log_minutes=2, queue_recipients=10)) as lab:
        inventory: dict[str, Any] = tomllib.loads(lab.inventory.read_text())
    assert inventory["access"] == {"operators": ["U0OPERATOR"], "approvers": ["U0APPROVER", "U0SECOND"]}
    assert inventory["sites"] == {
        "site-a": {
            "title": "Site A",
            "sma": "sma-a",
            "esas": ["esa-a1", "esa-a2"],
            "mode": "remediate",
            "limits": {"queue_recipients": 10, "log_minutes": 2},
        }
    }
    addresses = {name: table["address"] for name, table in inventory["appliances"].items()}
    assert addresses == {"sma-a": "10.10.10.1", "esa-a1": "10.10.20.1", "esa-a2": "10.10.20.2"}
    for table in inventory["appliances"].values():
        assert stat.S_IMODE(os.stat(table["password"]["file"]).st_mode) == 0o600
        assert (table["host"], table["username"]) == ("127.0.0.1", "pvo")
        assert table["host_key"].startswith("ssh-ed25519 AAAA")


async def test_limits_are_left_out_unless_set(tmp_path: Path) -> None:
    async with Lab(tmp_path, settings=QUIET) as lab:
        assert "limits" not in tomllib.loads(lab.inventory.read_text())["sites"]["site-a"]


def read_secret(table: dict[str, Any]) -> str:
    return Path(table["password"]["file"]).read_text()


async def test_stop_leaves_no_thread_task_or_port(tmp_path: Path) -> None:
    threads = set(threading.enumerate())
    tasks = asyncio.all_tasks()
    async with Lab(tmp_path, ["firewall-esa-to-sma"], LabSettings(connect_timeout=0.3)) as lab:
        table = tomllib.loads(lab.inventory.read_text())["appliances"]["sma-a"]
        options = asyncssh.SSHClientConnectionOptions(
            username="pvo",
            password=read_secret(table),
            known_hosts=None,
            config=None,
        )
        connection = await asyncssh.connect("127.0.0.1", table["port"], options=options)
        await connection.create_process(term_type="vt100", encoding=None)
        lab.quarantine("esa-a1")
    await connection.wait_closed()
    left = {thread for thread in threading.enumerate() if not thread.name.startswith("asyncio_")}
    assert left <= threads
    assert asyncio.all_tasks() <= tasks
    with pytest.raises(OSError, match=r"Connect call failed"):
        await asyncio.open_connection("127.0.0.1", table["port"])


async def test_initial_faults_show_before_start_returns(tmp_path: Path) -> None:
    async with Lab(tmp_path, ["sma-suspended"], QUIET) as lab:
        assert lab.active_faults == ("sma-suspended",)
        esa = lab.appliances["esa-a1"]
        with esa.lock:
            assert esa.destination("the.cpq.host").down == {"10.10.10.1"}


async def test_mail_flows_by_itself_with_its_look_alikes(tmp_path: Path) -> None:
    settings = LabSettings(message_interval=0.01, release_interval=0.02)
    expected = ("port 6025", "(external quarantine)", "Subject 'Info: DCID 5 TLS failed", "MID originally 10")
    async with Lab(tmp_path, settings=settings) as lab:
        deadline = time.monotonic() + 20
        while not all(text in "\n".join(lab.appliances["esa-a2"].log.lines()) for text in expected):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        sma, esa, _ = lab.snapshot()["appliances"]
    assert [line.split(" ", 1)[1] for line in sma["lines"]] == ["in quarantine", "waiting", "released"]
    assert int(esa["lines"][1].split(" ")[0]) > 3


async def test_snapshot_tells_faults_and_appliances(tmp_path: Path) -> None:
    async with Lab(tmp_path, ["peer-not-allowed"], QUIET) as lab:
        snapshot = lab.snapshot()
    assert [item["name"] for item in snapshot["appliances"]] == ["sma-a", "esa-a1", "esa-a2"]
    assert {item["name"]: item["active"] for item in snapshot["faults"]} == {
        name: name == "peer-not-allowed" for name in FAULTS
    }


def test_an_unknown_fault_is_named_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no fault named 'nope'; known are sma-suspended, "):
        Lab(tmp_path, ["nope"])


async def test_without_asyncssh_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("bot.lab.appliances.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("bot.lab.appliances.inventory", raising=False)
    monkeypatch.delattr("bot.lab.appliances.ssh", raising=False)
    monkeypatch.setitem(sys.modules, "asyncssh", None)
    with pytest.raises(LabUnavailable, match="need asyncssh: install the project with its extra 'demo'"):
        await Lab(tmp_path).start()
