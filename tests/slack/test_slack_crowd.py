"""Many checks at once with two apps and two workers: a card with its verdict for each, no duplicate, none lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot.jobs.worker import work
from bot.model.inventory import Inventory
from bot.model.report import Report
from bot.model.run import Run
from tests.slack import make
from tests.slack.office import Office

CHANNELS = ("C0OPS", "C0INCIDENTS", "C0SITEA")


def inventory(sites: int) -> Inventory:
    base = make.inventory()
    site = base.sites["site-a"]
    named = {f"site-{n}": site.model_copy(update={"title": f"Site {n}"}) for n in range(sites)}
    return base.model_copy(update={"sites": named})


@asynccontextmanager
async def workers(redis_url: str, number: int) -> AsyncIterator[None]:
    """Workers that find every site healthy, in a few steps."""

    async def check(run: Run, progress: Callable[[int, int], Awaitable[None]]) -> Report:
        for done in range(3):
            await progress(done, 3)
            await asyncio.sleep(0)
        return make.report().model_copy(update={"id": run.id, "site": run.request.site})

    stop = asyncio.Event()
    running = [asyncio.create_task(work(redis_url, check, 4, stop)) for _ in range(number)]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*running)


async def crowd(office: Office, redis_url: str, number: int) -> None:
    """All checks at once; returns when nothing is due any more."""
    office.inventory = inventory(number)
    people = office.workspace.people
    async with workers(redis_url, 2), office.app(), office.app():
        lines = [(CHANNELS[n % len(CHANNELS)], f"/pvo check site-{n}") for n in range(number)]
        await asyncio.gather(*(people.type(make.OPERATOR, channel, line) for channel, line in lines))
        async with asyncio.timeout(400):
            while await unfinished(office, number):  # noqa: ASYNC110 - the workspace tells, Redis does not
                await asyncio.sleep(0.1)
    cards = [card for channel in CHANNELS for card in office.cards(channel)]
    assert len({office.run_of(card) for card in cards}) == len(cards) == number
    assert {card.text for card in cards} == {f"Site {n}: healthy" for n in range(number)}
    assert [len(office.replies(card)) for card in cards] == [1] * number


async def unfinished(office: Office, number: int) -> bool:
    cards = sum(len(office.cards(channel)) for channel in CHANNELS)
    return cards < number or bool(
        await office.redis.zcard("pvo:open") + await office.redis.zcard("pvo:outbox")
    )


async def test_a_few_checks_at_once(office: Office, redis_url: str) -> None:
    await crowd(office, redis_url, 9)


@pytest.mark.soak
async def test_sixty_checks_at_once(office: Office, redis_url: str) -> None:
    await crowd(office, redis_url, 60)
