"""Cards and threads are delivered once, whatever happens to the app, to Slack or to the card."""

import asyncio

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs.outbox import RedisOutbox
from bot.model.errors import StateUnavailable
from bot.model.run import Card
from tests.slack import make
from tests.slack.office import Office


class Forgetful(RedisOutbox):
    """An outbox in which the post under one key is never recorded, as if the app died just before."""

    def forget(self, key: str) -> asyncio.Event:
        self.forgotten, self.happened = key, asyncio.Event()
        return self.happened

    async def posted(self, card: Card, key: str, ts: str) -> Card:
        if key == self.forgotten and ts:
            self.happened.set()
            raise StateUnavailable("Nobody will ever know.")
        return await super().posted(card, key, ts)


@pytest.mark.parametrize("key", ["card", "area:tls", "picture", "report"])
async def test_a_post_that_was_never_recorded_is_found_again(office: Office, key: str) -> None:
    outbox = office.open_outbox(Forgetful)
    happened = outbox.forget(key)
    async with office.app(outbox):
        card = await office.check()
        await office.finish(card, make.report(make.finding(), make.consequence()))
        await asyncio.wait_for(happened.wait(), 20)
    async with office.app():
        await office.until(lambda: "broken" in card.text and len(office.replies(card)) == 4)
        await office.settled(card)
    assert office.cards() == [card]
    assert [reply.text.split(":")[0] for reply in office.replies(card)[:2]] == ["TLS", "Queues"]
    assert sum(len(reply.files) for reply in office.replies(card)) == 2


async def test_a_lack_of_budget_delays_and_loses_nothing(office: Office) -> None:
    client = AsyncWebClient(office.workspace.bot_token, base_url=office.workspace.api_url, retry_handlers=[])
    for _ in range(4):
        await client.chat_postMessage(channel="C0OPS", text="noise")
    async with office.app():
        await office.workspace.people.type("U0OPERATOR", "C0OPS", "/pvo check site-a")
        await office.until(lambda: len(office.cards()) == 5)
        card = office.cards()[-1]
        await office.finish(card, make.report(make.finding()))
        await office.until(lambda: "broken" in card.text and len(office.replies(card)) == 3)
    assert len(office.cards()) == 5


async def test_a_verdict_is_shown_even_when_its_card_was_deleted(office: Office) -> None:
    async with office.app():
        card = await office.check()
        run = office.run_of(card)
        await office.settled(card)
        office.workspace.state.messages.remove(card)
        await office.finish(card, make.report(make.finding()))
        await office.until(lambda: len(office.cards()) == 1 and len(office.replies(office.cards()[0])) == 3)
    assert office.run_of(office.cards()[0]) == run
    assert "broken" in office.cards()[0].text


async def test_a_channel_without_the_bot_holds_nobody_up(office: Office) -> None:
    async with office.app():
        card = await office.check()
        office.workspace.state.channels["C0OPS"].members.discard("U0BOT")
        await office.finish(card, make.report())
        other = await office.check(channel="C0SITEA")
        await office.finish(other, make.report())
        await office.until(lambda: "healthy" in other.text)


async def test_a_lost_run_says_so_on_its_card(office: Office) -> None:
    async with office.app():
        card = await office.check()
        assert await office.runs.lose(office.run_of(card), "It took longer than 180 s.")
        await office.until(lambda: "not finished" in card.text)
    assert "It took longer than 180 s." in str(card.blocks)
    assert "pvo.recheck" in str(card.blocks)


async def test_two_apps_share_the_cards_and_post_each_once(office: Office) -> None:
    lines = [f"/pvo check site-a {areas}" for areas in ("tls", "log", "queue", "setup", "tls log")]
    async with office.app(), office.app():
        for line in lines:
            await office.workspace.people.type("U0OPERATOR", "C0OPS", line)
        await office.until(lambda: len(office.cards()) == len(lines))
        for card in office.cards():
            await office.finish(card, make.report())
        await office.until(lambda: all("healthy" in card.text for card in office.cards()))
        await office.until(lambda: all(len(office.replies(card)) == 1 for card in office.cards()))
    assert len({office.run_of(card) for card in office.cards()}) == len(office.cards()) == len(lines)
