"""The terminal path as a person uses it: `pvo lab` here, `pvo check` there."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PVO = [sys.executable, "-m", "bot"]


def environment(**changes: str) -> dict[str, str]:
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("PVO_", "SLACK_", "REDIS_"))
    }
    return plain | {"NO_COLOR": "1", "COLUMNS": "100", "LANG": "C.UTF-8"} | changes


def pvo(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PVO, *arguments], capture_output=True, text=True, env=environment(**changes), timeout=90
    )


@contextmanager
def running_lab(*arguments: str) -> Iterator[Path]:
    """`pvo lab`; yields the inventory that it printed, and ends it as Ctrl-C does."""
    with subprocess.Popen(
        [*PVO, "lab", *arguments], stdout=subprocess.PIPE, text=True, env=environment()
    ) as lab:
        try:
            assert lab.stdout is not None
            line = lab.stdout.readline()
            assert line.startswith("inventory: "), line
            yield Path(line.removeprefix("inventory: ").strip())
        finally:
            lab.send_signal(signal.SIGINT)
            assert lab.wait(timeout=20) == 0


def check(inventory: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = pvo("check", "site-a", "--inventory", str(inventory), "--format", "json", *arguments)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def causes(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(f["id"], f["subject"]) for f in report["findings"] if f["role"] == "cause"]


def test_a_healthy_site_is_healthy() -> None:
    with running_lab() as inventory:
        status, report = check(inventory)
        text = pvo("check", "site-a", PVO_INVENTORY=str(inventory))

    assert (status, report["verdict"], report["findings"]) == (0, "healthy", [])
    assert {path["status"] for path in report["paths"]} == {"ok"}
    assert {entry["status"] for entry in report["checks"]} == {"passed"}
    assert text.returncode == 0
    assert "healthy" in text.stdout


def test_a_suspended_sma_is_the_one_cause() -> None:
    with running_lab("--fault", "sma-suspended") as inventory:
        status, report = check(inventory)

    assert (status, report["verdict"]) == (1, "broken")
    assert causes(report) == [("setup.service.sma-suspended", "sma-a")]


def test_the_text_names_cause_evidence_fix_and_source() -> None:
    with running_lab("--fault", "anonymous-cipher") as inventory:
        done = pvo("check", "site-a", "--inventory", str(inventory))

    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    for words in (
        "broken",
        "tls.ciphers.admit-anonymous",
        "HIGH:MEDIUM:-aNULL",
        "TechNote 200068, TLS/Certificates",
        "TLS failed: verify error: no certificate from server",
    ):
        assert words in text


def test_only_an_area() -> None:
    with running_lab("--fault", "sma-suspended") as inventory:
        status, report = check(inventory, "--only", "queue")

    assert report["areas"] == ["queue"]
    assert {entry["id"].split(".")[0] for entry in report["checks"]} == {"connectivity", "queue"}
    assert status == 1


def test_a_dead_appliance_is_not_healthy() -> None:
    with running_lab() as inventory:
        text = inventory.read_text()
        broken = inventory.with_name("broken.toml")
        other_key = re.findall(r'host_key = "([^"]+)"', text)[0]
        broken.write_text(
            re.sub(r'(?s)(\[appliances\.esa-a1\].*?host_key = ")[^"]+', rf"\g<1>{other_key}", text)
        )
        status, report = check(broken)

    assert status == 1
    assert report["verdict"] == "unknown"
    assert ("connectivity.ssh.host-key-changed", "esa-a1") in causes(report)
    skipped = [entry for entry in report["checks"] if entry["status"] == "skipped" and entry["reason"]]
    assert {entry["subject"] for entry in skipped} >= {"esa-a1", "esa-a1 -> sma-a"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "site-a"], ["inventory", "--inventory"]),
        (["check", "site-a", "--inventory", "nowhere.toml"], ["nowhere.toml"]),
        (["lab", "--fault", "nonsense"], ["nonsense", "sma-suspended"]),
        (["worker"], ["REDIS_URL"]),
        (["app"], ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "REDIS_URL"]),
    ],
    ids=" ".join,
)  # fmt: skip
def test_an_unusable_call_is_one_sentence(arguments: list[str], words: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [*PVO, *arguments], capture_output=True, text=True, env=environment(), timeout=60, cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    for word in words:
        assert word in done.stderr


def test_help_and_version() -> None:
    assert "check" in pvo("--help").stdout
    assert pvo("--version").stdout.startswith("pvo ")
