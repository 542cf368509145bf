"""An app for the workspace in tests: a real Bolt app over Socket Mode, or Socket Mode by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.lab.workspace import Workspace

Json = dict[str, Any]


def make_app(workspace: Workspace) -> AsyncApp:
    client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
    return AsyncApp(client=client, signing_secret=workspace.signing_secret, process_before_response=True)


@asynccontextmanager
async def connected(workspace: Workspace, app: AsyncApp) -> AsyncIterator[None]:
    handler: Any = AsyncSocketModeHandler(app, workspace.app_token, ping_interval=5)
    before = workspace.sockets.connections
    try:
        await handler.connect_async()
        await until(workspace, lambda: workspace.sockets.connections > before)
        yield
    finally:
        await handler.close_async()


async def until(workspace: Workspace, true: Callable[[], bool]) -> None:
    with workspace.state.feed.subscribe() as events:
        async with asyncio.timeout(20):
            while not true():
                await events.get()


class RawApp:
    """Socket Mode by hand, where a test must see frames or stay silent."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, hello: Json) -> None:
        self.socket = socket
        self.hello = hello

    async def envelope(self) -> Json:
        async with asyncio.timeout(20):
            received: Json = await self.socket.receive_json()
        return received

    async def ack(self, envelope: Json, payload: Json | None = None) -> None:
        await self.socket.send_json({"envelope_id": envelope["envelope_id"], "payload": payload})


async def dial(workspace: Workspace, session: aiohttp.ClientSession) -> RawApp:
    """One more connection of the app, after its first frame."""
    client = AsyncWebClient(base_url=workspace.api_url)
    url = (await client.apps_connections_open(app_token=workspace.app_token))["url"]
    socket = await session.ws_connect(url)
    return RawApp(socket, await socket.receive_json())


def notes(workspace: Workspace, user: str = "U0OPERATOR") -> list[str]:
    return [message.text for message in workspace.state.messages.ephemerals(user)]
