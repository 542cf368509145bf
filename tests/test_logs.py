"""With PVO_LOG_FORMAT=json each line on stderr is one JSON object, whoever wrote it, and errors are counted."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PVO = [sys.executable, "-m", "bot"]
START = """
import asyncio, gc, logging, threading, time, warnings
from bot.logs import configure_logging
configure_logging("json", "info")
"""
COUNTED = """
from prometheus_client import REGISTRY
import structlog
structlog.get_logger().info("counted", errors={
    sample.labels["event"]: sample.value
    for family in REGISTRY.collect() if family.name == "pvo_errors"
    for sample in family.samples if sample.name == "pvo_errors_total"
})
"""


def run(*words: str, **settings: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit status and the lines on stderr, each of which must be JSON."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        words, env=kept | {"PVO_LOG_FORMAT": "json"} | settings, capture_output=True, text=True, timeout=60
    )
    return done.returncode, [json.loads(line) for line in done.stderr.splitlines()]


def script(text: str) -> tuple[int, list[dict[str, Any]]]:
    return run(sys.executable, "-c", START + text + COUNTED)


@pytest.mark.parametrize(
    "name", ["slack_bolt", "saq", "paramiko.transport", "asyncio", "redis", "slack_sdk.web"]
)
def test_a_line_of_a_library_is_an_object_and_counts(name: str) -> None:
    status, lines = script(
        f"log = logging.getLogger({name!r})\n"
        "log.warning('two\\nlines of %s', 'a.person@example.com')\n"
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    log.exception('it failed')\n"
        "log.error('%d', 'no number')\n"
    )
    warned, failed, odd, counted = lines
    assert (status, warned["logger"], warned["level"]) == (0, name, "warning")
    assert "example.com" not in warned["event"]
    assert "ZeroDivisionError" in failed["exception"]
    assert odd["event"] == "%d"
    assert counted["errors"] == {name: 2}


def test_warnings_threads_tasks_and_what_is_unraisable() -> None:
    status, lines = script(
        "warnings.warn('take care\\nof this')\n"
        "thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()\n"
        "class Bad:\n    def __del__(self): raise ValueError('in del')\n"
        "bad = Bad(); del bad\n"
        "async def fail(): raise KeyError('in a task')\n"
        "async def main():\n    task = asyncio.ensure_future(fail()); await asyncio.sleep(0)\n"
        "    del task; gc.collect()\n"
        "asyncio.run(main())\n"
    )
    assert status == 0
    assert [line["event"].split("\n")[0] for line in lines if "event" in line][1:] == [
        "thread.failed",
        "process.unraisable",
        "Task exception was never retrieved",
        "counted",
    ]
    assert lines[0]["logger"] == "py.warnings"
    assert lines[-1]["errors"] == {"thread.failed": 1, "process.unraisable": 1, "asyncio": 1}


def test_what_ends_a_process_is_one_object() -> None:
    status, (line,) = script("raise RuntimeError('password=hunter2hunter2')\n")
    assert (status, line["event"], line["level"]) == (1, "process.failed", "critical")
    assert "RuntimeError" in line["exception"]
    assert "hunter2" not in line["exception"]


@pytest.mark.parametrize("how", ["environment", ".env"])
def test_unusable_settings_are_one_object(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Path(__file__).parents[1]
    monkeypatch.chdir(tmp_path)
    settings = {"PVO_CONCURRENCY": "many", "PYTHONPATH": str(place)}
    if how == ".env":
        Path(".env").write_text("PVO_LOG_FORMAT=json\n")
        settings["PVO_LOG_FORMAT"] = ""
    status, (line,) = run(*PVO, "worker", **settings)
    assert (status, line["event"]) == (2, "process.unusable")
    assert "PVO_CONCURRENCY" in line["error"]


def test_a_worker_without_redis_writes_objects_alone(tmp_path: Path) -> None:
    (tmp_path / "sites.toml").write_text("[appliances]\n[sites]\n")
    with subprocess.Popen(
        [*PVO, "worker", "--inventory", str(tmp_path / "sites.toml")],
        env=os.environ | {"PVO_LOG_FORMAT": "json", "REDIS_URL": f"unix://{tmp_path}/nowhere.sock"},
        stderr=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stderr is not None
        lines: list[dict[str, Any]] = []
        while not any(line["event"] == "redis.lost" for line in lines):
            lines.append(json.loads(worker.stderr.readline()))
        worker.terminate()
        rest = worker.stderr.read()
    assert worker.returncode == 0
    assert all(isinstance(json.loads(line), dict) for line in rest.splitlines())


def test_an_odd_redis_url_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "sites.toml").write_text("[appliances]\n[sites]\n")
    url = "redis://:hunter2@127.0.0.1?socket_timeout=foo"
    status, lines = run(*PVO, "worker", "--inventory", str(tmp_path / "sites.toml"), REDIS_URL=url)
    assert (status, lines[-1]["event"]) == (2, "process.unusable")
    assert lines[-1]["error"].startswith("REDIS_URL has an option")
    assert "hunter2" not in json.dumps(lines)
