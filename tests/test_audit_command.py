"""`pvo audit`: the record as text, as JSON Lines, and checked; `pvo worker` as it is told."""

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Iterator

import pytest
import structlog
from typer.testing import CliRunner

from bot.cli import app
from bot.jobs.audit import opened_trail
from bot.jobs.redis import Client, connected
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


def alter(redis_url: str, change: Callable[[Client], Awaitable[object]]) -> None:
    """What somebody with write access to Redis does."""

    async def run() -> None:
        async with connected(redis_url, patient=False) as client:
            await change(client)

    asyncio.run(run())


def test_the_end_of_the_trail_by_a_hash_of_the_log(runner: CliRunner, redis_url: str) -> None:
    row = json.loads(runner.invoke(app, ["audit", "--format", "json"]).stdout.splitlines()[-1])
    second, unknown = row["previous"], "0" * 64
    held = runner.invoke(app, ["audit", "--verify", "--head", second])
    assert (held.exit_code, "rows after it: 1." in held.stdout) == (0, True)
    cut = runner.invoke(app, ["audit", "--verify", "--head", unknown])
    assert (cut.exit_code, f"no row has the hash {unknown}" in cut.stderr) == (1, True)
    alter(redis_url, lambda client: client.flushdb())
    gone = runner.invoke(app, ["audit", "--verify", "--head", second])
    assert (gone.exit_code, f"no row has the hash {second}" in gone.stderr) == (1, True)


def test_no_trail_does_not_hold(runner: CliRunner, redis_url: str) -> None:
    alter(redis_url, lambda client: client.flushdb())
    result = runner.invoke(app, ["audit", "--verify"])
    assert (result.exit_code, result.stdout) == (3, "")
    assert "There is no audit trail in this Redis" in result.stderr


def test_rows_without_a_head_do_not_hold(runner: CliRunner, redis_url: str) -> None:
    alter(redis_url, lambda client: client.delete("pvo:audit:head"))
    assert runner.invoke(app, ["audit", "--verify"]).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--verify", "--head", "1234"], "'1234' is no hash"),
        (["--verify", "--head", ""], "'' is no hash"),
        (["--head", "0" * 64], "goes with --verify"),
    ],
)
def test_a_hash_that_is_none(runner: CliRunner, arguments: list[str], said: str) -> None:
    result = runner.invoke(app, ["audit", *arguments])
    assert isinstance(result.exception, Unusable)
    assert said in str(result.exception)


STEERING = "\x1b[2J\rsent\x07\x9b1A\u202e\nrow \u061c2"


def test_nothing_in_a_row_steers_the_terminal(runner: CliRunner, redis_url: str) -> None:
    async def write() -> None:
        async with opened_trail(redis_url, Seal(KEY.encode())) as trail:
            row = {"at": NOW, "event": "refused", "actor": STEERING, "request": STEERING, "reason": STEERING}
            await trail.append(AuditRow.model_validate(row | {"lines": (STEERING,)}))

    asyncio.run(write())
    text = runner.invoke(app, ["audit"]).stdout
    visible = "\\x1b[2J\\rsent\\x07\\x9b1A\\u202e\\nrow \\u061c2"
    assert text.endswith(f"  refused  {visible}  {visible}\n    {visible}\n    {visible}\n")
    document = runner.invoke(app, ["audit", "--format", "json"]).stdout
    assert not set(STEERING) - {"\n", *map(chr, range(32, 127))} & set(document)
    assert json.loads(document.splitlines()[-1])["reason"] == STEERING


def test_what_is_no_row_or_not_signed_is_marked_and_hides_nothing(runner: CliRunner, redis_url: str) -> None:
    async def spoil() -> None:
        async with opened_trail(redis_url, Seal()) as trail:
            await trail.append(AuditRow(at=NOW, event="sent", site="site-a", actor="U0FORGER"))

    asyncio.run(spoil())
    alter(redis_url, lambda client: client.xadd("pvo:audit", {"row": "{}"}, id="9999999999999-1"))
    alter(redis_url, lambda client: client.xadd("pvo:audit", {"row": "[]"}, id="9999999999999-2"))
    text = runner.invoke(app, ["audit"]).stdout
    assert "[unreadable: entry 9999999999999-1]\n[unreadable: entry 9999999999999-2]\n" in text
    assert text.count("  sent  ") == 4
    rows = runner.invoke(app, ["audit", "--format", "json"])
    assert len([json.loads(line) for line in rows.stdout.splitlines()]) == 4
    assert "9999999999999-1: [unreadable" in rows.stderr
    told = runner.invoke(app, ["audit", "--verify"])
    assert told.exit_code == 1
    assert "Row 5 (9999999999999-1) cannot be read.\nRow 6 (9999999999999-2)" in told.stderr


def test_unsigned_rows_are_marked(runner: CliRunner, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def forge() -> None:
        async with opened_trail(redis_url, Seal()) as trail:
            await trail.append(AuditRow(at=NOW, event="sent", site="site-a", actor="U0FORGER"))

    asyncio.run(forge())
    lines = runner.invoke(app, ["audit"]).stdout.splitlines()
    assert [line for line in lines if "[" in line] == [lines[-1]]
    assert lines[-1].endswith("U0FORGER  [unsigned: written without PVO_APPROVAL_KEY]")
    assert "Row 4 is not signed" in runner.invoke(app, ["audit", "--verify"]).stderr
    monkeypatch.delenv("PVO_APPROVAL_KEY")
    assert "PVO_APPROVAL_KEY is not set here" in runner.invoke(app, ["audit"]).stderr


def test_a_chain_that_holds_and_one_that_does_not(runner: CliRunner, redis_url: str) -> None:
    assert runner.invoke(app, ["audit", "--verify"]).exit_code == 0
    forged = AuditRow(at=NOW, event="sent").model_dump_json()
    alter(redis_url, lambda client: client.xadd("pvo:audit", {"row": forged}))
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
