"""Bad weather between Slack and the app: after each, every run has one card with its verdict."""

from pathlib import Path

import pytest

from bot.jobs.redis import connected
from bot.lab.workspace import Workspace
from tests.slack import make
from tests.slack.office import Office, stores_over
from tests.steady_redis import Steady

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
        {"restless": True},
        {"refused_handshakes": 1, "restless": True},
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


async def test_redis_may_be_away_for_a_while(tmp_path: Path) -> None:
    server = Steady(tmp_path)
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
