"""Socket Mode with guards: no reconnect storm, no burnt ticket tried twice, long pauses after fatal errors."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import ClientError, WSMessage, WSMsgType
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.wire.envelope import arrived
from bot.slack.wire.work import Work

log = structlog.get_logger()

PING = 5.0
MOST_CONNECTIONS = 10
"""More Slack does not give an app."""
_LOOK_SECONDS = 10.0
_GOODBYE = (1000).to_bytes(2, "big")
FATAL = {
    *("invalid_auth", "account_inactive", "token_revoked", "not_allowed_token_type", "missing_scope"),
    *("not_authed", "app_uninstalled", "link_disabled"),
}


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds: the first pause, the longest, the one after a fatal error, and what counts as stable."""

    first: float = 1.0
    longest: float = 60.0
    fatal: float = 300.0
    stable: float = 30.0


class Backoff:
    """How long to wait before the next connection: nothing after a stable one, else ever longer."""

    def __init__(self, pauses: Pauses, clock: Callable[[], float] = time.monotonic) -> None:
        self._pauses = pauses
        self._clock = clock
        self._tries = 0
        self._fatal = False
        self._connected_at: float | None = None

    def connected(self) -> None:
        """A connection stands; whether it is stable shows when the next one is wanted."""
        self._connected_at, self._fatal = self._clock(), False

    def failed(self, error: str) -> None:
        """Slack refused, or said goodbye for a reason that does not pass by itself."""
        self._fatal = self._fatal or error in FATAL

    def next(self) -> float:
        """Seconds to wait now, with jitter; the same number of calls waits longer each time."""
        if self._connected_at is not None and self._clock() - self._connected_at >= self._pauses.stable:
            self._tries = 0
        self._connected_at = None
        tries, self._tries = self._tries, self._tries + 1
        if self._fatal:
            return self._pauses.fatal
        if tries == 0:
            return 0.0
        pause = min(self._pauses.longest, self._pauses.first * 2.0 ** (tries - 1))
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 - spreads reconnects, no secret


class GuardedClient(SocketModeClient):
    """The SDK's aiohttp client with its own way of connecting; one connection attempt at a time."""

    def __init__(
        self,
        app_token: str,
        web_client: AsyncWebClient,
        backoff: Backoff,
        ping: float = PING,
        greeted: Callable[[int], None] = lambda connections: None,
    ) -> None:
        """`greeted` is told how many connections Slack counts whenever it says hello."""
        super().__init__(app_token=app_token, web_client=web_client, ping_interval=ping)
        self._backoff = backoff
        self._greeted = greeted
        self._closing = asyncio.Event()

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Replaces the present connection, unless somebody has done so while this one waited."""
        seen = self.current_session
        async with self.connect_operation_lock:
            if self.closed or self.current_session is not seen:
                return
            if force or not await self.is_connected():
                self.wss_uri = None
                await self.connect()

    async def connect(self) -> None:
        """Connects, however long it takes; every attempt has a ticket of its own."""
        while not self.closed:
            try:
                url, self.wss_uri = self.wss_uri or await self._fetch_url(), None
                if url is not None:
                    await self._attach(url)
                return
            except (
                Exception
            ) as error:  # the network, a refused handshake, an answer of Slack: all end in a pause
                log.warning("socket.not-connected", error=type(error).__name__, reason=_reason(error))

    async def _fetch_url(self) -> str | None:
        """A fresh address after the pause that is due; None when closed meanwhile."""
        await self._wait(self._backoff.next())
        if self._closing.is_set():
            return None
        try:
            return await self.issue_new_wss_url()
        except SlackApiError as error:
            self._backoff.failed(str(error.response.get("error")))
            raise

    async def _wait(self, seconds: float) -> None:
        if seconds:
            log.info("socket.pause", seconds=round(seconds, 1))
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return

    async def _attach(self, url: str) -> None:
        """Opens the socket, then lets the old one go, so that the gap between them is short."""
        session = await self.aiohttp_client_session.ws_connect(
            url,
            autoping=False,
            heartbeat=self.ping_interval,
            proxy=self.proxy,
            ssl=self.web_client.ssl or True,
        )
        old, self.current_session = self.current_session, session
        self.stale, self.last_ping_pong_time = False, None
        self._backoff.connected()
        await session.ping(f"sdk-ping-pong:{time.time()}".encode())
        for task in (self.current_session_monitor, self.message_receiver):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())
        if old is not None and not old.closed:
            await old.close()
        log.info("socket.connected")

    async def count_connections(self) -> int:
        """How many connections Slack counts, told to one more that is not counted and is closed at once.

        A command or a press that comes by it is handled like any other. Raises `SlackClientError`, `ClientError`,
        `TimeoutError`, `OSError` or `ValueError` when Slack does not say.
        """
        async with asyncio.timeout(_LOOK_SECONDS):
            url = await self.issue_new_wss_url()
            look = self.aiohttp_client_session.ws_connect(
                url, proxy=self.proxy, ssl=self.web_client.ssl or True
            )
            async with look as session:
                counted = _read_count(await session.receive())
                await session.send_frame(_GOODBYE, WSMsgType.CLOSE)
                async for frame in session:  # what Slack had sent before it read the goodbye
                    if frame.type is WSMsgType.TEXT and "envelope_id" in json.loads(frame.data):
                        await self.enqueue_message(frame.data)
        return counted

    async def run_message_listeners(self, message: dict[str, Any], raw_message: str) -> None:
        """Notes why Slack says goodbye before the SDK reconnects."""
        if message.get("type") == "disconnect":
            reason = str(message.get("reason"))
            log.info("socket.goodbye", reason=reason)
            self._backoff.failed(reason)
        elif message.get("type") == "hello":
            log.info("socket.hello", connections=message.get("num_connections"))
            self._greeted(int(message.get("num_connections") or 0))
        await super().run_message_listeners(message, raw_message)

    async def close(self) -> None:
        """Stops reconnecting and closes."""
        self._closing.set()
        await super().close()  # type: ignore[no-untyped-call]


def _reason(error: Exception) -> str:
    """Slack's word for an error; never the URL, whose ticket opens a connection."""
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else ""


def _read_count(frame: WSMessage) -> int:
    """The connections besides the one that is greeted, or turned away because there are too many."""
    match json.loads(frame.data) if frame.type is WSMsgType.TEXT else None:
        case {"type": "hello", "num_connections": int(connections)}:
            return connections - 1
        case {"type": "disconnect", "reason": "too_many_websockets"}:
            return MOST_CONNECTIONS
        case _:
            raise ClientError("no hello")


def attach_app(client: GuardedClient, app: AsyncApp, work: Work) -> None:
    """Hands every envelope to bolt and its answer back, as work that a shutdown waits for."""

    async def handle(socket: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        with work.here(), arrived(request.payload):
            started = time.time()
            response = await run_async_bolt_app(app, request)
            await send_async_response(socket, request, response, started)

    client.socket_mode_request_listeners.append(handle)
