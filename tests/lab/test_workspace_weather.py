"""Slack weather: every fault that can be asked for happens as often as asked, and is over then."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.lab.workspace import Workspace, WorkspaceSettings
from tests.lab.workspace_app import dial, notes, until


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace(WorkspaceSettings(ack_seconds=0.5)) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def client(workspace: Workspace) -> AsyncWebClient:
    return AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url, retry_handlers=[])


async def test_a_lost_ack_times_out_and_the_next_one_counts(
    workspace: Workspace, session: aiohttp.ClientSession
) -> None:
    app = await dial(workspace, session)
    workspace.weather.set(lost_acks=1)
    for text in ("lost", "found"):
        typing = asyncio.create_task(workspace.people.type("U0OPERATOR", "C0OPS", "/pvo help"))
        await app.ack(await app.envelope(), {"text": text})
        await typing
    assert notes(workspace) == ["/pvo failed with the error operation_timeout", "found"]


async def test_an_envelope_comes_twice_with_the_same_id(
    workspace: Workspace, session: aiohttp.ClientSession
) -> None:
    app = await dial(workspace, session)
    workspace.weather.set(doubled_envelopes=1)
    typing = asyncio.create_task(workspace.people.type("U0OPERATOR", "C0OPS", "/pvo help"))
    first, second = await app.envelope(), await app.envelope()
    await app.ack(first)
    await typing
    assert first == second


async def test_the_answer_is_lost_after_the_message_was_stored(
    workspace: Workspace, client: AsyncWebClient
) -> None:
    workspace.weather.set(resets_after_storing=1)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="C0OPS", text="card")
    assert [message.text for message in workspace.state.messages.top_level("C0OPS")] == ["card"]
    await client.chat_postMessage(channel="C0OPS", text="after")


async def test_a_storm_of_429_ends(workspace: Workspace, client: AsyncWebClient) -> None:
    workspace.weather.set(too_many_requests=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as refused:
            await client.auth_test()
        assert (refused.value.response.status_code, refused.value.response.headers["Retry-After"]) == (
            429,
            "1",
        )
    await client.auth_test()


async def test_slow_answers_come_after_a_client_gave_up(workspace: Workspace) -> None:
    workspace.weather.set(slow_seconds=30)
    hasty = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url, timeout=1)
    with pytest.raises(TimeoutError):
        await hasty.chat_postMessage(channel="C0OPS", text="slow")
    assert len(workspace.state.messages.top_level("C0OPS")) == 1
    workspace.weather.clear()
    await hasty.auth_test()


async def test_a_refused_handshake_uses_the_ticket_up(
    workspace: Workspace, session: aiohttp.ClientSession
) -> None:
    url = f"{workspace.url}link/?ticket={workspace.sockets.issue_ticket()}"
    workspace.weather.set(refused_handshakes=1)
    for status in (503, 403):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(url)
        assert refused.value.status == status
    assert (await dial(workspace, session)).hello["num_connections"] == 1


async def test_half_open_connections_say_nothing_and_new_ones_work(
    workspace: Workspace, session: aiohttp.ClientSession
) -> None:
    stale = await dial(workspace, session)
    workspace.sockets.freeze()
    await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo help")
    await stale.socket.close()
    await until(workspace, lambda: workspace.sockets.connections == 0)
    fresh = await dial(workspace, session)
    typing = asyncio.create_task(workspace.people.type("U0OPERATOR", "C0OPS", "/pvo help"))
    await fresh.ack(await fresh.envelope(), {"text": "here"})
    await typing
    assert notes(workspace) == ["/pvo failed with the error operation_timeout", "here"]


async def test_restless_connections_are_asked_to_come_back(
    workspace: Workspace, session: aiohttp.ClientSession
) -> None:
    workspace.weather.set(restless=True)
    for _ in range(2):
        frame = await (await dial(workspace, session)).envelope()
        assert (frame["type"], frame["reason"]) == ("disconnect", "refresh_requested")


async def test_knobs_have_names_and_limits(workspace: Workspace, session: aiohttp.ClientSession) -> None:
    with pytest.raises(TypeError):
        workspace.weather.set(hail=1)
    with pytest.raises(ValueError, match="zero or more"):
        workspace.weather.set(lost_acks=-1)
    for body in ({"name": "hail", "value": 1}, {"name": "lost_acks", "value": "x"}):
        assert (await session.post(f"{workspace.url}do/weather", json=body)).status == 400
    await session.post(f"{workspace.url}do/weather", json={"name": "lost_acks", "value": 2})
    assert workspace.weather.knobs.lost_acks == 2
    assert (await session.post(f"{workspace.url}do/trouble", json={"name": "hail"})).status == 400
