"""Messages that carry a key: found again among others, taken back when their thread is gone."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs.budget import RedisBudget
from bot.jobs.redis import connected
from bot.jobs.state import State
from bot.lab.workspace import Workspace, WorkspaceSettings
from bot.lab.workspace.messages import Message
from bot.lab.workspace.settings import SCOPES
from bot.model.ports import Rate
from bot.slack.access import Identity
from bot.slack.posting.pace import DIGEST, PROGRESS, RESULT, Later
from bot.slack.posting.posts import EVENT, Frozen, Gone, Posts
from bot.slack.views.blocks import Post, section

KEY = {"run": "01RUN", "key": "card"}
CARD = Post("Site A: queued", [section("Waiting.")])
CHANNEL = "C0OPS"


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace() as running:
        yield running


@pytest.fixture
async def budget(redis_url: str) -> AsyncIterator[RedisBudget]:
    async with connected(redis_url, patient=False) as client:
        yield RedisBudget(State(client))


@pytest.fixture
def posts(workspace: Workspace, budget: RedisBudget) -> Posts:
    client = AsyncWebClient(workspace.bot_token, base_url=workspace.api_url, retry_handlers=[])
    return Posts(client, Identity("T0LOCAL", "U0BOT", "B0BOT"), budget)


async def test_a_post_is_found_by_its_key_behind_many_others(workspace: Workspace, posts: Posts) -> None:
    ts = await posts.post(CHANNEL, KEY, CARD)
    for _ in range(450):
        workspace.state.messages.post(Message(CHANNEL, "U0OPERATOR", "noise"))
    assert await posts.find(CHANNEL, KEY) == ts
    assert await posts.find(CHANNEL, KEY | {"key": "area:tls"}) is None


async def test_a_key_that_somebody_else_posted_does_not_count(workspace: Workspace, posts: Posts) -> None:
    metadata = {"event_type": EVENT, "event_payload": KEY}
    workspace.state.messages.post(Message(CHANNEL, "U0OPERATOR", "forged", metadata=metadata))
    assert await posts.find(CHANNEL, KEY) is None


async def test_a_reply_to_a_deleted_card_is_taken_back(workspace: Workspace, posts: Posts) -> None:
    messages = workspace.state.messages
    ts = await posts.post(CHANNEL, KEY, CARD)
    card = messages.find(CHANNEL, ts)
    assert card is not None
    messages.remove(card)
    with pytest.raises(Gone, match="deleted"):
        await posts.post(CHANNEL, KEY, CARD, thread=ts)
    assert messages.in_channel(CHANNEL) == []
    with pytest.raises(Frozen):
        await posts.edit(CHANNEL, ts, CARD)


async def test_what_slack_will_not_show_is_posted_as_text(workspace: Workspace, posts: Posts) -> None:
    ts = await posts.post(CHANNEL, KEY, Post("Site A: broken", [{"type": "nonsense"}]))
    await posts.edit(CHANNEL, ts, Post("Site A: healthy", [{"type": "nonsense"}]))
    (message,) = workspace.state.messages.in_channel(CHANNEL)
    assert (message.text, message.blocks) == ("Site A: healthy", [])


async def test_slack_says_how_long_to_wait(workspace: Workspace, posts: Posts) -> None:
    spent = AsyncWebClient(workspace.bot_token, base_url=workspace.api_url, retry_handlers=[])
    for _ in range(4):
        await spent.chat_postMessage(channel=CHANNEL, text="noise")
    with pytest.raises(Later) as later:
        await posts.post(CHANNEL, KEY, CARD)
    assert later.value.seconds is not None
    assert 0 < later.value.seconds <= 3


async def test_a_missing_scope_is_named(budget: RedisBudget) -> None:
    scopes = tuple(scope for scope in SCOPES if scope != "channels:history")
    async with Workspace(WorkspaceSettings(scopes=scopes)) as workspace:
        client = AsyncWebClient(workspace.bot_token, base_url=workspace.api_url, retry_handlers=[])
        with pytest.raises(Gone, match="scope channels:history is missing"):
            await Posts(client, Identity("T0LOCAL", "U0BOT", "B0BOT"), budget).find(CHANNEL, KEY)


async def test_no_answer_means_nobody_knows_how_long(workspace: Workspace, posts: Posts) -> None:
    await workspace.stop()
    with pytest.raises(Later) as later:
        await posts.post(CHANNEL, KEY, CARD)
    assert later.value.seconds is None


async def test_results_go_before_progress_and_progress_before_digests(
    workspace: Workspace, posts: Posts, budget: RedisBudget
) -> None:
    ts = await posts.post(CHANNEL, KEY, CARD)

    def shown() -> str:
        message = workspace.state.messages.find(CHANNEL, ts)
        assert message
        return message.text

    async def use_up(share: Rate) -> None:
        while not await budget.reserve("chat.update", share, 0.0):
            pass

    await use_up(DIGEST.share)
    with pytest.raises(Later, match=r"chat\.update is used up"):
        await posts.edit(CHANNEL, ts, Post("digest", []), haste=DIGEST)
    await posts.edit(CHANNEL, ts, Post("running", []), haste=PROGRESS)
    assert shown() == "running"

    await use_up(PROGRESS.share)
    await posts.edit(CHANNEL, ts, Post("left out", []), haste=PROGRESS)
    assert shown() == "running"
    await posts.edit(CHANNEL, ts, Post("healthy", []), haste=RESULT)
    assert shown() == "healthy"


async def test_slacks_word_to_wait_counts_for_results_too_whoever_was_told(
    workspace: Workspace, posts: Posts
) -> None:
    ts = await posts.post(CHANNEL, KEY, CARD)
    spent = AsyncWebClient(workspace.bot_token, base_url=workspace.api_url, retry_handlers=[])
    with suppress(SlackApiError):  # ratelimited
        while True:
            await spent.chat_update(channel=CHANNEL, ts=ts, text="noise")
    await posts.edit(CHANNEL, ts, Post("running", []), haste=PROGRESS)  # is told to wait, and left out
    await posts.edit(
        CHANNEL, ts, Post("healthy", []), haste=RESULT
    )  # would be told so too if it did not wait
    assert [message.text for message in workspace.state.messages.in_channel(CHANNEL)] == ["healthy"]
