"""`pvo audit`: the record as text, as JSON Lines, and checked; `pvo worker` as it is told."""

import asyncio
import datetime as dt
import json
from collections.abc import Iterator

import pytest
import structlog
from typer.testing import CliRunner

from bot.cli import app
from bot.jobs.audit import opened_trail
from bot.jobs.redis import connected
from bot.model.errors import Unusable
from bot.model.remediation import AuditRow
from bot.remediation.seal import Seal

KEY = "a key of sixteen characters or more"
NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def runner(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("PVO_APPROVAL_KEY", KEY)

    async def write() -> None:
        async with opened_trail(redis_url, Seal(KEY.encode())) as trail:
            for hours, site in ((2, "site-a"), (1, "site-b"), (0, "site-a")):
                at = NOW - dt.timedelta(hours=hours)
                await trail.append(
                    AuditRow(at=at, event="sent", site=site, actor="U0OPERATOR", lines=(f"line {hours}",))
                )

    asyncio.run(write())
    yield CliRunner()
    structlog.reset_defaults()  # the command logs to what the runner took for stderr


def test_the_record_as_json_lines(runner: CliRunner) -> None:
    result = runner.invoke(app, ["audit", "--format", "json"])
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["site"] for row in rows] == ["site-a", "site-b", "site-a"]
    assert rows[0]["previous"] == ""
    assert all(row["at"].endswith("Z") for row in rows)


def test_the_record_as_text(runner: CliRunner) -> None:
    result = runner.invoke(app, ["audit", "--site", "site-b"])
    assert "sent  site-b  U0OPERATOR" in result.stdout
    assert "    line 1" in result.stdout
    assert "site-a" not in result.stdout


@pytest.mark.parametrize("since", ["90m", (NOW - dt.timedelta(minutes=90)).isoformat()], ids=["age", "time"])
def test_the_record_since_a_time(runner: CliRunner, since: str) -> None:
    result = runner.invoke(app, ["audit", "--since", since, "--format", "json"])
    assert len(result.stdout.splitlines()) == 2


def test_a_time_that_is_none(runner: CliRunner) -> None:
    result = runner.invoke(app, ["audit", "--since", "yesterday"])
    assert isinstance(result.exception, Unusable)
    assert "'yesterday' is no time" in str(result.exception)


def test_a_chain_that_holds_and_one_that_does_not(runner: CliRunner, redis_url: str) -> None:
    assert runner.invoke(app, ["audit", "--verify"]).exit_code == 0

    async def forge() -> None:
        async with connected(redis_url, patient=False) as client:
            await client.xadd("pvo:audit", {"row": AuditRow(at=NOW, event="sent").model_dump_json()})

    asyncio.run(forge())
    result = runner.invoke(app, ["audit", "--verify"])
    assert result.exit_code == 1
    assert "does not hold: Row 4" in result.stderr


def test_with_another_key_it_does_not_hold(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PVO_APPROVAL_KEY", f"{KEY}!")
    assert runner.invoke(app, ["audit", "--verify"]).exit_code == 1


def test_a_key_that_is_too_short(runner: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PVO_APPROVAL_KEY", "short")
    result = runner.invoke(app, ["audit"])
    assert str(result.exception) == "Unusable settings: PVO_APPROVAL_KEY must have at least 16 characters."


def test_a_worker_is_told_one_thing(runner: CliRunner) -> None:
    result = runner.invoke(app, ["worker", "--no-changes", "--only-changes"])
    assert "exclude each other" in str(result.exception)
