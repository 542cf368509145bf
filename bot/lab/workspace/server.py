"""The workspace as one object to start and stop: Web API, Socket Mode and page on one loopback port."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.lab.workspace.api import WebApi
from bot.lab.workspace.events import Events
from bot.lab.workspace.httpmode import HttpMode
from bot.lab.workspace.interactions import Interactions
from bot.lab.workspace.panel import Panel, PanelFeed
from bot.lab.workspace.settings import WorkspaceSettings
from bot.lab.workspace.socketmode import SocketMode
from bot.lab.workspace.state import State
from bot.lab.workspace.transport import Transport
from bot.lab.workspace.weather import Weather
from bot.lab.workspace.website import Website, refuse_other_sites

UPLOAD_BYTES = 64 * 1024 * 1024
RESTLESS_SECONDS = 1.0


class Workspace:
    """A Slack workspace on loopback.

    `state` is all it knows, `people` are the hands of its users, `sockets` the app's connections, `events` what the
    app hears unasked, `weather` what goes wrong on request.
    """

    def __init__(self, settings: WorkspaceSettings | None = None, panel: Panel | None = None) -> None:
        self.settings = settings or WorkspaceSettings()
        self.state = State(self.settings)
        self.sockets = SocketMode(self.state)
        self._http = HttpMode(self.state)
        transport = Transport(self.state, self.sockets, self._http)
        self.events = Events(self.state, transport)
        self.people = Interactions(self.state, transport, self.events)
        self._panel = PanelFeed(panel, self.state.feed)
        self._website = Website(self.state, self.sockets, self.people, self._panel)
        self._runner: web.AppRunner | None = None
        self._watchers: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """The page, with a final slash."""
        return self.state.url

    @property
    def api_url(self) -> str:
        """The Web API, with a final slash, as `SLACK_API_URL` wants it."""
        return f"{self.state.url}api/"

    @property
    def bot_token(self) -> str:
        return self.settings.bot_token

    @property
    def app_token(self) -> str:
        return self.settings.app_token

    @property
    def signing_secret(self) -> str:
        return self.settings.signing_secret

    @property
    def weather(self) -> Weather:
        return self.state.weather

    async def use_request_url(self, url: str) -> None:
        """Delivers by signed HTTP to `url` from now on, by Socket Mode when it is empty.

        ValueError in words when the URL is elsewhere than on this machine or fails Slack's `url_verification`.
        """
        before, self.state.request_url = self.state.request_url, url
        try:
            if url:
                await self._http.verify()
        except ValueError:
            self.state.request_url = before
            raise
        self.sockets.announce()

    async def check_certificate(self) -> None:
        """Sends the Request URL the occasional `ssl_check`; an exception unless it is answered well."""
        await self._http.check_certificate()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listens on `port` (0 = any free one); OSError when it is taken."""
        app = web.Application(client_max_size=UPLOAD_BYTES, middlewares=[refuse_other_sites])
        app.add_routes(WebApi(self.state, self.sockets).routes())
        app.add_routes([web.get("/link/", self.sockets.serve)])
        app.add_routes(self._website.routes())
        app.on_shutdown.append(self._hang_up)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        self.state.url = f"http://{host}:{self._runner.addresses[0][1]}/"
        self._watch(self._panel.watch())
        self._watch(self._unsettle())

    def _watch(self, endless: Coroutine[None, None, None]) -> None:
        self._watchers.append(asyncio.create_task(endless))

    async def _unsettle(self) -> None:
        while True:
            await asyncio.sleep(RESTLESS_SECONDS)
            if self.weather.knobs.restless:
                await self.sockets.disconnect("refresh_requested")

    async def _hang_up(self, app: web.Application) -> None:
        await self.sockets.close()
        await self._website.close()

    async def stop(self) -> None:
        """Ends all connections at once and frees the port."""
        while self._watchers:
            watcher = self._watchers.pop()
            watcher.cancel()
            with suppress(asyncio.CancelledError):
                await watcher
        await self.events.close()
        await self._http.close()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
