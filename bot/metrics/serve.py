"""`/healthz`, `/readyz` and `/metrics` over HTTP, for an orchestrator and for Prometheus."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.http_server import BOUNDS, Bounds, listening
from bot.model.errors import PvoError, Unusable

Condition = Callable[[], Awaitable[str | None]]
"""Says what is wrong in a few words, or None."""

_PATIENCE = 2.0


def build(conditions: Mapping[str, Condition], refresh: Callable[[], Awaitable[None]]) -> web.Application:
    """The application; `refresh` brings metrics up to date that are read rather than counted."""

    async def tell_alive(request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def tell_ready(request: web.Request) -> web.Response:
        wrong = {name: why for name, ask in conditions.items() if (why := await _ask(ask))}
        lines = [f"{name}: {wrong.get(name, 'ok')}\n" for name in conditions]
        return web.Response(text="".join(lines), status=503 if wrong else 200)

    async def tell_metrics(request: web.Request) -> web.Response:
        await _ask(refresh)
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    server = web.Application()
    routes = {"/healthz": tell_alive, "/readyz": tell_ready, "/metrics": tell_metrics}
    server.add_routes([web.get(path, tell) for path, tell in routes.items()])
    return server


async def _ask(ask: Callable[[], Awaitable[str | None]] | Callable[[], Awaitable[None]]) -> str | None:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await ask()
    except TimeoutError:
        return "no answer in time"
    except PvoError as error:
        return str(error)


@asynccontextmanager
async def serving(
    server: web.Application, port: int | None, host: str | None = None, bounds: Bounds = BOUNDS
) -> AsyncIterator[None]:
    """Serves until the end, on all addresses when `host` is None, and not at all when `port` is.

    Raises `Unusable` when the port is taken or the address is none of this machine.
    """
    if port is None:
        yield
        return
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(listening(server, host, port, bounds))
        except OSError as error:
            place = (
                f"PVO_METRICS_HOST {host}, PVO_METRICS_PORT {port}" if host else f"PVO_METRICS_PORT {port}"
            )
            raise Unusable(
                f"{place} cannot be listened on: {error.strerror}. Set another one for this process."
            ) from None
        yield
