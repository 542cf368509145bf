"""The page in the browser: its files, its live feed, and what people do on it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from importlib.resources import files
from ipaddress import ip_address
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from aiohttp import WSCloseCode, WSMsgType, web

from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.interactions import Interactions, Touch
from bot.lab.workspace.panel import PanelFeed
from bot.lab.workspace.people import BOT, SYSTEM, TEAM
from bot.lab.workspace.socketmode import SocketMode
from bot.lab.workspace.state import State

KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
PICTURES = ("image/png", "image/jpeg", "image/gif")
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@web.middleware
async def refuse_other_sites(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Only our own page may talk to us: a browser names the site that sends a request.

    A name other than localhost in `Host` would be another site that resolves to this machine.
    """
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.host
    if foreign or not _is_local(request.host):
        raise web.HTTPForbidden(text="Requests from other sites are refused.")
    return await handler(request)


def _is_local(host: str) -> bool:
    name = urlsplit(f"//{host}").hostname or ""
    with suppress(ValueError):
        return bool(ip_address(name))
    return name == "localhost"


class Website:
    """Serves the page and turns its requests into what a user does."""

    def __init__(
        self, state: State, sockets: SocketMode, interactions: Interactions, panel: PanelFeed
    ) -> None:
        self._state = state
        self._sockets = sockets
        self._interactions = interactions
        self._panel = panel
        self._pages: set[web.WebSocketResponse] = set()

    def routes(self) -> list[web.RouteDef]:
        """What to mount on the server."""
        return [
            web.get("/", self._index),
            web.get("/archives/{channel}/{message}", self._index),
            web.get("/page/{file}", self._static),
            web.get("/files/{file}", self._download),
            web.get("/live", self._live),
            web.post("/do/type", self._type),
            web.post("/do/press", self._press),
            web.post("/do/submit", self._submit),
            web.post("/do/close", self._close),
            web.post("/do/home", self._home),
            web.post("/do/shortcut", self._shortcut),
            web.post("/do/fault", self._fault),
            web.post("/do/weather", self._weather),
            web.post("/do/trouble", self._trouble),
            web.get("/wire/{number:[0-9]+}", self._exchange),
        ]

    async def _index(self, request: web.Request) -> web.Response:
        return _asset("index.html")

    async def _static(self, request: web.Request) -> web.Response:
        return _asset(request.match_info["file"])

    async def _download(self, request: web.Request) -> web.Response:
        try:
            file = self._state.files.find(request.match_info["file"])
        except SlackError:
            raise web.HTTPNotFound(text="There is no such file.") from None
        name = json.dumps(file.name, ensure_ascii=True)
        picture = file.mimetype in PICTURES
        disposition = {"Content-Disposition": f"{'inline' if picture else 'attachment'}; filename={name}"}
        kind = file.mimetype if picture else "text/plain"  # nothing else of an app's is run or drawn
        return web.Response(body=file.content or b"", headers=HEADERS | disposition, content_type=kind)

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        self._pages.add(socket)
        with self._state.feed.subscribe() as queue:
            await socket.send_json(self._everything())
            sender = asyncio.create_task(_forward(queue, socket))
            try:
                async for frame in socket:
                    if frame.type is WSMsgType.ERROR:
                        break
            finally:
                sender.cancel()
                self._pages.discard(socket)
        return socket

    def _everything(self) -> Json:
        state = self._state
        people = [
            {
                "id": user.id,
                "name": user.display_name,
                "bot": user.is_bot,
                "active": not (user.is_bot or user.deleted),
                "outside": user.team != TEAM,
                "language": user.locale[:2],
            }
            for user in state.users.values()
        ]
        channels = [
            {
                "id": c.id,
                "name": c.name,
                "topic": c.topic,
                "shared": c.is_ext_shared,
                "private": c.is_private,
                "members": sorted(c.members),
            }
            for c in state.channels.values()
        ]
        shown = [state.messages.picture(m) for c in state.channels for m in state.messages.in_channel(c)]
        return {
            "type": "everything",
            "bot": BOT,
            "system": SYSTEM,
            "users": people,
            "channels": channels,
            "messages": shown,
            "views": {user: [view.to_json() for view in state.views.stack(user)] for user in state.users},
            "homes": {user: view.to_json() for user, view in state.views.homes.items()},
            "command": {"name": state.settings.command, "usage": state.settings.usage},
            "shortcuts": [asdict(shortcut) for shortcut in state.settings.shortcuts],
            "app": self._sockets.standing(),
            "panel": self._panel.current(),
            "weather": state.weather.to_json(),
            "exchanges": state.wire.summaries(),
        }

    async def _type(self, request: web.Request) -> web.Response:
        body = await request.json()
        work = self._interactions.type(body["user"], body["channel"], body["line"], body.get("thread_ts"))
        return await _answer(work)

    async def _press(self, request: web.Request) -> web.Response:
        body = await request.json()
        touch = Touch(
            body["action_id"], body.get("block_id"), body.get("chosen") or {}, body.get("filled") or {}
        )
        if body.get("view_id"):
            return await _answer(self._interactions.press_in_view(body["view_id"], touch))
        return await _answer(self._interactions.press(body["user"], body["ts"], touch))

    async def _submit(self, request: web.Request) -> web.Response:
        body = await request.json()
        return await _answer(self._interactions.submit(body["view_id"], body.get("filled") or {}))

    async def _close(self, request: web.Request) -> web.Response:
        body = await request.json()
        return await _answer(self._interactions.close(body["view_id"]))

    async def _home(self, request: web.Request) -> web.Response:
        body = await request.json()
        return await _answer(self._interactions.open_home(body["user"]))

    async def _shortcut(self, request: web.Request) -> web.Response:
        body = await request.json()
        return await _answer(self._interactions.use_shortcut(body["user"], body["ts"], body["callback_id"]))

    async def _weather(self, request: web.Request) -> web.Response:
        body = await request.json()
        try:
            self._state.weather.set(**{str(body["name"]): body["value"]})
        except (TypeError, ValueError):
            raise web.HTTPBadRequest(text="There is no such knob, or it does not turn that far.") from None
        return web.json_response({"ok": True})

    async def _trouble(self, request: web.Request) -> web.Response:
        """Hits the connections there are now: `half-open`, or the reason of a goodbye."""
        name = str((await request.json())["name"])
        try:
            await (self._sockets.disconnect(name) if name != "half-open" else self._freeze())
        except ValueError as unknown:
            raise web.HTTPBadRequest(text=str(unknown)) from None
        return web.json_response({"ok": True})

    async def _freeze(self) -> None:
        self._sockets.freeze()

    async def _exchange(self, request: web.Request) -> web.Response:
        try:
            return web.json_response(self._state.wire.find(int(request.match_info["number"])))
        except SlackError:
            raise web.HTTPNotFound(text="This exchange is no longer kept.") from None

    async def _fault(self, request: web.Request) -> web.Response:
        body = await request.json()
        try:
            await self._panel.switch(str(body["name"]), bool(body["active"]))
        except KeyError as unknown:
            raise web.HTTPNotFound(text=f"There is no fault {unknown}.") from None
        return web.json_response({"ok": True})

    async def close(self) -> None:
        """Ends the live feed of every page at once."""
        for socket in list(self._pages):
            with suppress(ConnectionError, RuntimeError):
                await socket.close(code=WSCloseCode.GOING_AWAY)


async def _forward(queue: "asyncio.Queue[Json]", socket: web.WebSocketResponse) -> None:
    with suppress(ConnectionError, RuntimeError):
        while True:
            await socket.send_json(await queue.get())


async def _answer(work: Awaitable[object]) -> web.Response:
    try:
        return web.json_response({"ok": True, "result": await work})
    except SlackError as refusal:
        return web.json_response(refusal.to_json())


def _asset(name: str) -> web.Response:
    kind = KINDS.get(PurePosixPath(name).suffix)
    asset = files("bot.lab.workspace") / "page" / name
    if kind is None or "/" in name or "\\" in name or not asset.is_file():
        raise web.HTTPNotFound(text="There is no such page.")
    return web.Response(text=asset.read_text("utf-8"), content_type=kind, headers=HEADERS)
