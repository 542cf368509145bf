"""An HTTP port that clients which say nothing, or only a part, cannot hold: for Slack's requests and for metrics."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler


@dataclass(frozen=True, slots=True)
class Bounds:
    """`seconds` is how long the head, the body, and the time between two requests may each take."""

    seconds: float = 10.0
    connections: int = 128


BOUNDS = Bounds()


@asynccontextmanager
async def listening(
    application: web.Application, host: str | None, port: int, bounds: Bounds = BOUNDS
) -> AsyncIterator[int]:
    """Serves until the end, on all addresses when `host` is None; yields the port. Raises `OSError`."""
    connections = _Connections(bounds)
    application.middlewares.append(connections.attend)
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    try:
        assert runner.server is not None
        manager, loop = runner.server, asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Connection(manager, loop, connections), host, port)
        try:
            yield int(server.sockets[0].getsockname()[1])
        finally:
            server.close()
    finally:
        await runner.cleanup()


class _Connection(web.RequestHandler):
    """One connection, which tells when it begins and ends."""

    def __init__(
        self, manager: web.Server, loop: asyncio.AbstractEventLoop, connections: "_Connections"
    ) -> None:
        super().__init__(manager, loop=loop, access_log=None)  # type: ignore[arg-type]
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connections.admit(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._connections.forget(self)
        super().connection_lost(exc)

    def abort(self) -> None:
        """Ends it at once, whatever was still to be sent."""
        if self.transport is not None:
            self.transport.abort()


class _Connections:
    """All of a port: the idle ones, longest idle first, each with its end; and those whose request is handled."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._idle: dict[_Connection, asyncio.TimerHandle] = {}
        self._busy: set[_Connection] = set()

    def admit(self, connection: _Connection) -> None:
        """One above the limit takes the place of the longest idle one; where all are busy it is not served."""
        if len(self._idle) + len(self._busy) >= self._bounds.connections:
            displaced = next(iter(self._idle), connection)
            self.forget(displaced)
            displaced.abort()
            if displaced is connection:
                return
        self._await_request(connection)

    def forget(self, connection: _Connection) -> None:
        self._busy.discard(connection)
        if timer := self._idle.pop(connection, None):
            timer.cancel()

    @web.middleware
    async def attend(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Reads the body within the bounds, then handles the request for as long as it takes."""
        connection = request.protocol
        assert isinstance(connection, _Connection)
        self.forget(connection)
        self._busy.add(connection)
        try:
            await self._read(request)
            return await handler(request)
        finally:
            if connection in self._busy:
                self._busy.remove(connection)
                self._await_request(connection)

    async def _read(self, request: web.Request) -> None:
        try:
            async with asyncio.timeout(self._bounds.seconds):
                await request.read()
        except TimeoutError:
            raise web.HTTPRequestTimeout from None

    def _await_request(self, connection: _Connection) -> None:
        loop = asyncio.get_running_loop()
        self._idle[connection] = loop.call_later(self._bounds.seconds, connection.abort)
