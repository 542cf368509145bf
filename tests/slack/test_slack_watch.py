"""What a watch shows: one digest edited in place, one card a trouble that turns green, silence when told to."""

import asyncio
import datetime as dt

import pytest

from bot.lab.workspace.messages import Message
from bot.model.report import Fix, Report
from bot.model.run import Request
from bot.model.watch import Mute
from tests.slack import make
from tests.slack.office import Office

ILL = (make.finding(),)
FIX = Fix(id="resume-receiving", title="Resume", applicability="approval", risk="low", source="Cisco")


@pytest.fixture
def watched(office: Office) -> Office:
    inventory = make.inventory()
    told = {"channel": "C0SITEA", "watch": "*/15 * * * *"}
    site = inventory.sites["site-a"].model_copy(update=told)
    other = site.model_copy(update={"title": "Site B"})
    elsewhere = site.model_copy(update={"title": "Site C", "channel": "C0OPS"})
    sites = {"site-a": site, "site-b": other, "site-c": elsewhere}
    office.inventory = inventory.model_copy(update={"sites": sites})
    return office


async def scheduled(office: Office, report: Report, minute: int, site: str = "site-a") -> None:
    """One run of the schedule, carried out by a worker and seen by its watch."""
    request = Request(site=site, user=None, channel="C0SITEA")
    run = await office.runs.ask(f"{site} {minute}", request)
    assert run is not None
    assert await office.runs.admit(run.id)
    assert await office.runs.begin(run.id)
    at = make.AT + dt.timedelta(minutes=minute)
    told = report.model_copy(update={"id": run.id, "site": site, "started": at, "requested_by": None})
    assert await office.runs.finish(run.id, told)
    await office.watch.look()


def split(office: Office) -> tuple[list[Message], list[Message]]:
    """The digests and the cards of the channel."""
    posted = office.cards("C0SITEA")
    digests = [message for message in posted if "Watched sites" in message.text]
    return digests, [message for message in posted if message not in digests]


async def test_a_healthy_site_shows_in_the_digest_only(watched: Office) -> None:
    async with watched.app():
        await scheduled(watched, make.report(), 0)
        await watched.until(lambda: bool(split(watched)[0]))
        await scheduled(watched, make.report(), 15)
        (digest,), cards = split(watched)
        await watched.until(lambda: "03:15" in str(digest.blocks))
    assert cards == []
    assert "1 healthy, 1 not checked yet" in digest.text


async def test_a_trouble_gets_a_card_that_turns_green_when_it_is_over(watched: Office) -> None:
    async with watched.app():
        await scheduled(watched, make.report(*ILL), 0)
        await watched.until(lambda: bool(split(watched)[1]))
        (card,) = split(watched)[1]
        assert "broken" in card.text
        assert "scheduled check" in str(card.blocks)
        await watched.until(lambda: len(watched.replies(card)) == 3)
        await scheduled(watched, make.report(*ILL), 15)
        await watched.until(lambda: "last checked 2026-11-24 03:15" in str(card.blocks))
        assert len(watched.replies(card)) == 3
        await scheduled(watched, make.report(), 30)
        await watched.until(lambda: "healthy" in card.text and len(watched.replies(card)) == 4)
    assert len(split(watched)[1]) == 1
    assert "It was broken from 2026-11-24 03:00 to 2026-11-24 03:30 UTC" in str(card.blocks)
    assert "healthy again since 2026-11-24 03:30 UTC, after 30 min" in watched.replies(card)[-1].text
    assert not any(reply.broadcast for reply in watched.replies(card))


async def test_another_cause_is_told_in_the_thread(watched: Office) -> None:
    async with watched.app():
        await scheduled(watched, make.report(*ILL), 0)
        await watched.until(lambda: bool(split(watched)[1]))
        (card,) = split(watched)[1]
        await watched.until(lambda: len(watched.replies(card)) == 3)
        other = make.finding("setup.service.sma-suspended", excerpt="System status: Offline", fixes=(FIX,))
        await scheduled(watched, make.report(other), 15)
        await watched.until(lambda: len(watched.replies(card)) == 5)
        await scheduled(watched, make.report(other), 30)
        await watched.until(lambda: "last checked 2026-11-24 03:30" in str(card.blocks))
    assert "sma-suspended" in card.text
    assert "admit-anonymous" not in card.text + str(card.blocks)
    line, evidence = watched.replies(card)[3:]
    assert "broken since 2026-11-24 03:15 UTC – `setup.service.sma-suspended`" in line.text
    assert "System status: Offline" in str(evidence.blocks)
    assert "press *Check again* on the card" in str(evidence.blocks)
    assert "pvo.fix" not in str(evidence.blocks)  # a button would ask for a fix of the card's own run


async def test_troubles_of_one_moment_are_told_together(watched: Office) -> None:
    async with watched.app():
        await scheduled(watched, make.report(*ILL), 0)
        await scheduled(watched, make.report(*ILL), 0, "site-b")
        await watched.until(lambda: bool(split(watched)[1]) and "Site B" in str(split(watched)[1][0].blocks))
        (card,) = split(watched)[1]
        await watched.until(lambda: any("Site B: broken" in reply.text for reply in watched.replies(card)))
    assert len(split(watched)[1]) == 1


async def test_a_muted_site_shows_in_the_digest_only(watched: Office) -> None:
    until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    await watched.stores.watches.mute("site-a", Mute(until=until, user="U0OPERATOR", reason="moving"))
    async with watched.app():
        await scheduled(watched, make.report(*ILL), 0)
        await watched.until(lambda: bool(split(watched)[0]))
        (digest,), cards = split(watched)
    assert cards == []
    assert "muted until" in str(digest.blocks)


async def test_nothing_is_shown_in_a_shared_channel(watched: Office) -> None:
    site = watched.inventory.sites["site-a"].model_copy(update={"channel": "C0SHARED"})
    watched.inventory = watched.inventory.model_copy(update={"sites": {"site-a": site}})
    async with watched.app():
        await scheduled(watched, make.report(*ILL), 0)
        async with asyncio.timeout(20):
            while await watched.redis.zcard("pvo:outbox"):  # noqa: ASYNC110 - Redis tells nobody
                await asyncio.sleep(0.01)
    assert watched.cards("C0SHARED") == []
