"""Socket Mode: tickets, connections, and one envelope to one connection with three seconds to answer."""

import asyncio
import json
import secrets
import uuid
from contextlib import suppress

from aiohttp import WSMsgType, web

from bot.lab.workspace.errors import Json
from bot.lab.workspace.people import APP
from bot.lab.workspace.state import State
from bot.lab.workspace.transport import Retry, Undelivered
from bot.lab.workspace.wire import Exchange

DISCONNECTS = ("warning", "refresh_requested", "link_disabled", "too_many_websockets")


class SocketMode:
    """The app's live connections and the envelopes that wait for an answer."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._tickets: set[str] = set()
        self._connections: list[web.WebSocketResponse] = []
        self._frozen: set[web.WebSocketResponse] = set()
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._turn = 0

    @property
    def connections(self) -> int:
        """How many connections the app has."""
        return len(self._connections)

    @property
    def silent(self) -> int:
        """How many of them are half-open."""
        return len(self._frozen)

    def issue_ticket(self) -> str:
        """A ticket for one handshake."""
        ticket = secrets.token_urlsafe(24)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection of the app, from handshake to close."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            raise web.HTTPForbidden(text="This ticket is unknown or was used before.")
        self._tickets.discard(ticket)
        if self._state.weather.strikes("refused_handshakes"):
            raise web.HTTPServiceUnavailable(text="The handshake is refused, and the ticket is used up.")
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        if self.connections >= self._state.settings.connections:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}})
            await socket.close()
            return socket
        self._connections.append(socket)
        self.announce()
        try:
            await socket.send_json(self._hello())
            await self._listen(socket)
        finally:
            self._forget(socket)
        return socket

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.connections,
            "debug_info": {"host": "applink-local", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP},
        }

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for frame in socket:
            if socket in self._frozen:
                continue
            if frame.type is WSMsgType.PING:
                await socket.pong(frame.data)
            elif frame.type is WSMsgType.TEXT and not self._state.weather.strikes("lost_acks"):
                self._take_answer(frame.data)

    def _take_answer(self, text: str) -> None:
        with suppress(ValueError):
            answer = json.loads(text)
            waiting = self._waiting.get(str(answer.get("envelope_id"))) if isinstance(answer, dict) else None
            if waiting and not waiting.done():
                payload = answer.get("payload")
                waiting.set_result(payload if isinstance(payload, dict) else {})

    async def deliver(
        self, kind: str, payload: Json, accepts_response: bool, retry: Retry | None = None
    ) -> Json:
        """Sends one envelope to one connection and returns the ack's payload; Undelivered when none came."""
        envelope_id = str(uuid.uuid4())
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = answer
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": accepts_response,
        }
        if kind == "events_api":
            envelope |= {
                "retry_attempt": retry.number if retry else 0,
                "retry_reason": retry.reason if retry else "",
            }
        try:
            await self._send_to_one(envelope)
            if self._state.weather.strikes("doubled_envelopes"):
                await self._send_to_one(envelope)
            return await asyncio.wait_for(answer, self._state.settings.ack_seconds)
        except TimeoutError:
            raise Undelivered("operation_timeout", "timeout") from None
        finally:
            del self._waiting[envelope_id]

    async def _send_to_one(self, envelope: Json) -> None:
        while self._connections:
            self._turn += 1
            socket = self._connections[self._turn % len(self._connections)]
            try:
                if (
                    socket not in self._frozen
                ):  # a half-open connection takes everything and passes nothing on
                    await socket.send_json(envelope)
                return
            except (ConnectionError, RuntimeError):
                self._forget(socket)
        raise Undelivered("dispatch_failed", "connection_failed")

    def _forget(self, socket: web.WebSocketResponse) -> None:
        if socket in self._connections:
            self._connections.remove(socket)
            self._frozen.discard(socket)
            self.announce()

    def announce(self) -> None:
        """Tells the pages how the app is connected."""
        self._state.feed.publish({"type": "app", **self.standing()})

    def standing(self) -> Json:
        """The app's connections, and whether it is reached by HTTP instead."""
        return {"connections": self.connections, "http": bool(self._state.request_url)}

    def freeze(self) -> None:
        """Makes the present connections half-open: they stay, but carry nothing any more, not even pongs."""
        self._frozen.update(self._connections)

    async def disconnect(self, reason: str) -> None:
        """Sends every connection a `disconnect` frame; all but `warning` end the connection as well."""
        if reason not in DISCONNECTS:
            raise ValueError(f"reason is one of {', '.join(DISCONNECTS)}, not {reason}")
        frame = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-local"}}
        for socket in list(self._connections):
            with suppress(ConnectionError, RuntimeError):
                if socket not in self._frozen:
                    await socket.send_json(frame)
            self._state.wire.record(Exchange("delivery", f"disconnect {reason}", "ok", 0, frame, None))
            if reason != "warning":
                self._forget(socket)
                await socket.close()

    async def close(self) -> None:
        """Ends every connection at once."""
        for socket in list(self._connections):
            self._forget(socket)
            with suppress(ConnectionError, RuntimeError):
                await socket.close(code=1001, message=b"going away")
