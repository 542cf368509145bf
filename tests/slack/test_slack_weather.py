"""Bad weather between Slack and the app: after each, every run has one card with its verdict."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.jobs.redis import connected
from bot.lab.workspace import Workspace
from tests.slack import make
from tests.slack.office import Office, stores_over
from tests.steady_redis import Steady

INVENTORY = """
[access]
operators = ["U0OPERATOR"]
[appliances.sma-a]
product = "sma"
host = "127.0.0.1"
username = "pvo"
password = { env = "PVO_TEST" }
[appliances.esa-a1]
product = "esa"
host = "127.0.0.1"
username = "pvo"
password = { env = "PVO_TEST" }
[sites.site-a]
title = "Site A"
sma = "sma-a"
esas = ["esa-a1"]
"""
LINES = [f"/pvo check site-a {areas}" for areas in ("tls", "log", "queue", "setup")]


async def run_all(office: Office, lines: list[str]) -> None:
    """Types the lines, carries out their runs, and waits for the verdicts and the threads."""
    for line in lines:
        await office.workspace.people.type(make.OPERATOR, "C0OPS", line)
    await office.until(lambda: len(office.cards()) >= len(lines))
    for card in office.cards():
        await office.finish(card, make.report(make.finding()))
    await office.until(lambda: all("broken" in card.text for card in office.cards()))
    await office.until(lambda: all(len(office.replies(card)) >= 3 for card in office.cards()))
    for card in office.cards():
        await office.settled(card)


def expect_one_card_each(office: Office, number: int) -> None:
    cards = office.cards()
    assert len({office.run_of(card) for card in cards}) == len(cards) == number
    for card in cards:
        keys = [
            str(reply.metadata) if reply.metadata else reply.files[0]["name"]
            for reply in office.replies(card)
        ]
        assert len(set(keys)) == len(keys) == 3


@pytest.mark.parametrize(
    "weather",
    [
        {"doubled_envelopes": 4},
        {"resets_after_storing": 3},
        {"too_many_requests": 3},
    ],
    ids=lambda weather: " ".join(weather),
)
async def test_every_run_keeps_its_one_card(office: Office, weather: dict[str, float]) -> None:
    async with office.app():
        office.workspace.weather.set(**weather)
        await run_all(office, LINES[:2])
        office.workspace.weather.clear()
    expect_one_card_each(office, 2)


async def test_a_lost_acknowledgement_loses_no_run(office: Office) -> None:
    async with office.app():
        office.workspace.weather.set(lost_acks=1)
        await run_all(office, LINES[:1])
    expect_one_card_each(office, 1)


@pytest.mark.parametrize("refused", [0, 1])
async def test_a_disconnect_every_second_loses_and_doubles_nothing(office: Office, refused: int) -> None:
    """Each command is typed over a connection of its own, and its run ends while that one goes."""
    sockets = office.workspace.sockets
    async with office.app():
        office.workspace.weather.set(restless=True, refused_handshakes=refused)
        for number, line in enumerate(LINES[:2]):
            await office.until(lambda: goodbyes(office) > number and sockets.connections > 0)  # noqa: B023 - awaited here
            card = await office.check(line)
            await office.finish(card, make.report(make.finding()))
        await office.until(lambda: all("broken" in card.text for card in office.cards()))
        await office.until(lambda: all(len(office.replies(card)) == 3 for card in office.cards()))
        for card in office.cards():
            await office.settled(card)
    expect_one_card_each(office, 2)


def goodbyes(office: Office) -> int:
    return sum(
        one["name"] == "disconnect refresh_requested" for one in office.workspace.state.wire.summaries()
    )


async def test_a_half_open_connection_is_noticed_and_replaced(office: Office) -> None:
    """Slack tells whoever typed into it; the same command again gets its one card, and so does a run in hand."""
    sockets = office.workspace.sockets
    async with office.app():
        await office.check(LINES[0])
        sockets.freeze()
        await office.workspace.people.type(make.OPERATOR, "C0OPS", LINES[1])
        assert "operation_timeout" in office.whispers()[-1]
        await office.until(lambda: sockets.connections == 1 and not sockets.silent)
        await office.check(LINES[1])
        for card in office.cards():
            await office.finish(card, make.report(make.finding()))
        await office.until(lambda: all("broken" in card.text for card in office.cards()))
        await office.until(lambda: all(len(office.replies(card)) == 3 for card in office.cards()))
        for card in office.cards():
            await office.settled(card)
    expect_one_card_each(office, 2)


@asynccontextmanager
async def app_process(
    office: Office, redis_url: str, folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`pvo app` as a process of its own, connected; killed at the end if it is still there."""
    (folder / "sites.toml").write_text(INVENTORY)
    box = office.workspace
    settings = os.environ | {
        "SLACK_BOT_TOKEN": box.bot_token,
        "SLACK_APP_TOKEN": box.app_token,
        "SLACK_API_URL": box.api_url,
        "REDIS_URL": redis_url,
        "PVO_INVENTORY": str(folder / "sites.toml"),
    }
    with (folder / "app.log").open("wb") as log:
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "app"), env=settings, cwd=folder, stdout=log, stderr=log
        )
    try:
        await office.until(lambda: box.sockets.connections > 0)
        yield running
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


@pytest.mark.parametrize(
    "ended_by",
    [signal.SIGTERM, pytest.param(signal.SIGKILL, marks=pytest.mark.soak)],
    ids=lambda sent: sent.name,
)
async def test_an_app_that_ends_in_a_storm_of_429_hands_its_verdict_on(
    office: Office, redis_url: str, tmp_path: Path, ended_by: signal.Signals
) -> None:
    async with app_process(office, redis_url, tmp_path) as app:
        card = await office.check()
        await office.settled(card)
        office.workspace.weather.set(too_many_requests=1_000_000)
        await office.finish(card, make.report(make.finding()))
        await office.until(lambda: refused_edits(office) > 0)
        app.send_signal(ended_by)
        code = await asyncio.wait_for(app.wait(), 60)
    assert code == (0 if ended_by is signal.SIGTERM else -signal.SIGKILL), (tmp_path / "app.log").read_text()
    assert "broken" not in card.text
    office.workspace.weather.clear()
    async with office.app():
        await office.until(lambda: "broken" in card.text and len(office.replies(card)) == 3, 60)
        await office.settled(card)
    expect_one_card_each(office, 1)


def refused_edits(office: Office) -> int:
    calls = office.workspace.state.wire.summaries()
    return sum(call["name"] == "chat.update" and call["status"] == "ratelimited" for call in calls)


async def test_redis_may_be_away_for_a_while(tmp_path: Path, redis_binary: str) -> None:
    server = Steady(tmp_path, redis_binary)
    server.start()
    async with (
        Workspace() as workspace,
        connected(server.url, patient=False) as hasty,
        connected(server.url, patient=True) as patient,
    ):
        office = Office(workspace, patient, stores_over(hasty, patient))
        async with office.app():
            card = await office.check()
            await office.settled(card)
            server.stop()
            told = len(office.whispers())
            await workspace.people.type(make.OPERATOR, "C0OPS", "/pvo check site-a tls")
            await office.until(lambda: len(office.whispers()) > told)
            assert "Redis" in office.whispers()[-1]
            server.start()
            await office.finish(card, make.report(make.finding()))
            await office.until(lambda: "broken" in card.text and len(office.replies(card)) == 3)
            await office.settled(card)
        server.stop()
    expect_one_card_each(office, 1)
