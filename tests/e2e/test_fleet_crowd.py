"""Sixty checks asked for at once: two apps and two workers, each a process, and a card with its verdict for each."""

import asyncio
from collections import Counter

import pytest

from bot.lab.workspace.messages import Message
from tests.bench.fleet import CHANNELS, Fleet, channel_of, opened_fleet, site_name, title_of, until
from tests.e2e.test_fleet_soak import NEVER, settle

CHECKS = 60
VERDICTS = Counter(f"{title_of(number)}: healthy" for number in range(CHECKS))


def posts(fleet: Fleet) -> list[tuple[str, Message]]:
    """What the bot has posted for a run, each with the key that is there once a run."""
    found = [one for channel in CHANNELS for one in fleet.messages(channel)]
    return [(one.metadata["event_payload"]["key"], one) for one in found if one.metadata]


def cards(fleet: Fleet) -> Counter[str]:
    return Counter(
        message.text
        for key, message in posts(fleet)
        if key == "card" and not message.text.startswith("Watched sites")
    )


@pytest.mark.soak
async def test_sixty_checks_at_once_by_two_apps_and_two_workers(
    capsys: pytest.CaptureFixture[str], redis_binary: str
) -> None:
    async with opened_fleet(CHECKS, NEVER, workers=2, redis_binary=redis_binary) as fleet:
        fleet.start("app-1")
        await until(lambda: fleet.workspace.sockets.connections >= 2, "both apps connect")
        clock = asyncio.get_running_loop()
        began = clock.time()
        type_ = fleet.workspace.people.type
        lines = [(channel_of(number), f"/pvo check {site_name(number)}") for number in range(CHECKS)]
        await asyncio.gather(*(type_("U0OPERATOR", channel, line) for channel, line in lines))
        await until(lambda: cards(fleet) >= VERDICTS, "a verdict on each card", 400)
        took = clock.time() - began
        async with fleet.stores() as (client, _, _):
            await settle(client)
        once = Counter(
            (message.channel, message.metadata["event_payload"]["run"], key)
            for key, message in posts(fleet)
            if message.metadata
        )
        began_by = [fleet.logged(name, "run.started") for name in ("worker-0", "worker-1")]
        admitted_by = [fleet.logged(name, "run.admitted") for name in ("app", "app-1")]
        shown = cards(fleet)
    with capsys.disabled():
        print(
            f"\n{CHECKS} checks at once: {shown.total()} cards with verdicts in {took:.0f} s, "
            f"{once.total()} posts, {once.total() - len(once)} doubled; "
            f"commands by app {admitted_by}, runs by worker {began_by}"
        )
    assert shown == VERDICTS
    assert set(once.values()) == {1}
    assert all(began_by)
    assert all(admitted_by)
