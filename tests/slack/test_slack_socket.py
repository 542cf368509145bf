"""The guards of Socket Mode: how often it connects, and with which ticket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from slack_sdk.web.async_client import AsyncWebClient

from bot.lab.workspace import Workspace
from bot.slack.wire.socket import Backoff, GuardedClient, Pauses
from bot.slack.wire.work import Work

PAUSES = Pauses(first=2.0, longest=60.0, fatal=300.0, stable=30.0)


def test_pauses_grow_until_a_connection_was_stable() -> None:
    now = [0.0]
    backoff = Backoff(PAUSES, lambda: now[0])
    assert backoff.next() == 0.0
    pauses = [backoff.next() for _ in range(8)]
    for pause, most in zip(pauses, (2, 4, 8, 16, 32, 60, 60, 60), strict=True):
        assert most / 2 <= pause <= most
    backoff.connected()
    now[0] = 29.0
    assert backoff.next() > 0
    backoff.connected()
    now[0] = 60.0
    assert backoff.next() == 0.0


def test_a_fatal_error_means_a_long_pause_until_connected_again() -> None:
    backoff = Backoff(PAUSES, lambda: 0.0)
    backoff.failed("invalid_auth")
    assert [backoff.next(), backoff.next()] == [300.0, 300.0]
    backoff.connected()
    assert backoff.next() < 300.0


@asynccontextmanager
async def connected(
    workspace: Workspace, pauses: Pauses, url: str | None = None
) -> AsyncIterator[GuardedClient]:
    web = AsyncWebClient(workspace.bot_token, base_url=workspace.api_url)
    client = GuardedClient(workspace.app_token, web, Backoff(pauses))
    client.wss_uri = url
    connecting = asyncio.create_task(client.connect())
    try:
        yield client
    finally:
        connecting.cancel()
        await client.close()


async def until(workspace: Workspace, true: Callable[[], bool]) -> None:
    with workspace.state.feed.subscribe() as events:
        async with asyncio.timeout(20):
            while not true():
                await events.get()


async def test_a_burnt_ticket_is_not_tried_twice() -> None:
    async with Workspace() as workspace:
        burnt = f"{workspace.url.replace('http', 'ws')}link/?ticket=burnt"
        async with connected(workspace, Pauses(), burnt):
            await until(workspace, lambda: workspace.sockets.connections == 1)


async def test_goodbyes_without_end_make_no_storm() -> None:
    """The second connection waits for a minute, however often Slack says goodbye."""
    opened: list[str] = []
    async with Workspace() as workspace:
        issue = workspace.sockets.issue_ticket
        workspace.sockets.issue_ticket = lambda: opened.append("x") or issue()  # type: ignore[method-assign, func-returns-value]
        async with connected(workspace, Pauses(first=120.0, longest=120.0)):
            await until(workspace, lambda: workspace.sockets.connections == 1)
            for _ in range(20):
                await workspace.sockets.disconnect("warning")
                await asyncio.sleep(0.01)
    assert len(opened) == 1


async def test_work_in_hand_is_waited_for() -> None:
    work, go, done = Work(), asyncio.Event(), []

    async def answer() -> None:
        with work.here():
            await go.wait()
            done.append("answered")

    task = asyncio.create_task(answer())
    await asyncio.sleep(0)
    assert await work.drain(0.01) == 1
    work.start(answer())
    go.set()
    assert await work.drain(5.0) == 0
    assert done == ["answered", "answered"]
    await task
    assert await work.drain(0.0) == 0
