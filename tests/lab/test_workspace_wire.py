"""The record of the wire: what it keeps, what it hides, and that it forgets."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.lab.workspace import Workspace
from bot.lab.workspace.errors import SlackError
from bot.lab.workspace.feed import Feed
from bot.lab.workspace.wire import KEPT, KEPT_CHARACTERS, Exchange, Wire
from tests.lab.workspace_app import dial


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace() as running:
        yield running


def exchange(name: str, sent: object = None) -> Exchange:
    return Exchange("call", name, "ok", 0.0125, sent, {"ok": True})


async def test_calls_and_deliveries_are_kept_with_their_bodies(workspace: Workspace) -> None:
    client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
    async with aiohttp.ClientSession() as session:
        await dial(workspace, session)
        await client.chat_postMessage(channel="C0OPS", text="card", blocks=[{"type": "divider"}])
        summaries = workspace.state.wire.summaries()
        assert [(kept["way"], kept["name"], kept["status"]) for kept in summaries] == [
            ("call", "apps.connections.open", "ok"),
            ("call", "chat.postMessage", "ok"),
        ]
        answer = await session.get(f"{workspace.url}wire/{summaries[1]['number']}")
        body = await answer.json()
        assert body["sent"]["blocks"] == [{"type": "divider"}]
        assert body["answer"]["message"]["text"] == "card"
        assert (await session.get(f"{workspace.url}wire/999")).status == 404
    everything = str([workspace.state.wire.find(kept["number"]) for kept in summaries])
    assert workspace.app_token not in everything
    assert "ticket=…" in everything


async def test_what_failed_says_how(workspace: Workspace) -> None:
    await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo check site-a")
    (kept,) = workspace.state.wire.summaries()
    assert (kept["way"], kept["name"], kept["status"]) == ("delivery", "/pvo check site-a", "dispatch_failed")


def test_tokens_are_masked_wherever_they_stand() -> None:
    wire = Wire(Feed())
    wire.record(exchange("x", {"token": "secret-1", "note": "uses xoxb-12-ab and xapp-1-cd"}))
    assert wire.find(1)["sent"] == {"token": "…", "note": "uses xoxb… and xapp…"}


def test_the_oldest_are_forgotten() -> None:
    wire = Wire(Feed())
    for number in range(KEPT + 5):
        wire.record(exchange(str(number)))
    assert [kept["name"] for kept in wire.summaries()][:2] == ["5", "6"]
    assert len(wire.summaries()) == KEPT
    for _ in range(60):
        wire.record(exchange("large", "x" * (KEPT_CHARACTERS // 50)))
    assert {kept["name"] for kept in wire.summaries()} == {"large"}
    assert len(wire.summaries()) < 50
    with pytest.raises(SlackError):
        wire.find(1)
