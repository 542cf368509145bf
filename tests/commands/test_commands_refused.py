"""What is wrong with a call is said in a sentence, with exit status 2: never a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

LINE = "Tue Nov 24 03:00:01 2026 Info: New SMTP DCID 5 interface 192.0.2.1 address 192.0.2.2 port 7025\n"


def call(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(
        command, cwd=tmp_path, env={"PATH": "", **environment}, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ("demo --port 80000", {}, "--port"),
        ("lab --dir file", {}, "--dir: file is no folder"),
        ("audit --since 99999999999d", {"REDIS_URL": "unix:///nowhere"}, "--since"),
        ("audit --since 9999999d", {"REDIS_URL": "unix:///nowhere"}, "--since"),
        ("audit --since 0001-01-01", {"REDIS_URL": "unix:///nowhere"}, "Redis cannot be asked"),
        ("audit --since 0001-01-01T00:00+14:00", {"REDIS_URL": "unix:///nowhere"}, "Redis cannot be asked"),
        ("replay deep", {}, "deep: is no complete JSON"),
        ("sites --inventory deep", {}, "deep: is nested too deeply"),
        ("app", {"SLACK_API_URL": "https://me:hunter2@slack.example/"}, "SLACK_API_URL must not hold"),
        (
            "worker --inventory empty",
            {"REDIS_URL": "unix:///nowhere", "PVO_METRICS_HOST": "192.0.2.1", "PVO_METRICS_PORT": "9464"},
            "PVO_METRICS_HOST 192.0.2.1",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_sentence_and_exit_status_2(
    arguments: str, environment: dict[str, str], words: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "deep").write_text("x = " + "[" * 100_000)
    if arguments.startswith("replay"):
        (tmp_path / "deep").write_text("[" * 100_000)
    (tmp_path / "empty").write_text("[appliances]\n[sites]\n")
    done = call(tmp_path, *arguments.split(), **environment)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert not any(word in done.stderr for word in ("Traceback", "Warning", "hunter2"))


def test_the_last_thousand_years_of_a_log_are_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(LINE)
    whole, last = (
        call(tmp_path, "logs", "log", "--format", "json", *more) for more in ((), ("--last", "999999d"))
    )
    assert "Traceback" not in last.stderr
    assert last.returncode == whole.returncode
