"""Real sockets against the HTTP port: whoever says nothing, or a part, is cut, and keeps nobody else out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web

from bot.http_server import Bounds, listening

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
SOON, NEVER = 0.1, 3600.0
PATIENCE = 20


@asynccontextmanager
async def served(bounds: Bounds, finish: asyncio.Event | None = None) -> AsyncIterator[int]:
    """The port of a server that answers with what it was sent; a POST only once `finish` is set."""

    async def answer(request: web.Request) -> web.Response:
        if finish and request.method == "POST":
            await finish.wait()
        return web.Response(body=await request.read())

    application = web.Application()
    application.add_routes([web.get("/", answer), web.post("/", answer)])
    async with listening(application, "127.0.0.1", 0, bounds) as port:
        yield port


class Client:
    """A connection that says what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def say(self, text: bytes) -> None:
        self._writer.write(text)

    async def hear(self) -> bytes:
        """What comes until the server ends the connection."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self._reader.read()
            except ConnectionResetError:
                return b""

    async def status(self) -> bytes:
        """The status of the next answer; nothing where the connection ended."""
        async with asyncio.timeout(PATIENCE):
            try:
                head = await self._reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionResetError):
                return b""
        return head.split()[1]


@asynccontextmanager
async def client(port: int, text: bytes = b"") -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        connected = Client(reader, writer)
        connected.say(text)
        yield connected
    finally:
        writer.close()


@pytest.mark.parametrize(
    "text", [b"", b"G", GET[:-2], GET], ids=["nothing", "a letter", "half a head", "all"]
)
async def test_whoever_does_not_go_on_is_cut(text: bytes) -> None:
    async with served(Bounds(seconds=SOON)) as port, client(port, text) as slow:
        heard = await slow.hear()
    assert heard.startswith(b"HTTP/1.1 200 ") if text == GET else not heard


async def test_a_header_that_drips_is_cut() -> None:
    """Each byte comes in time; all of them do not."""
    async with served(Bounds(seconds=4 * SOON)) as port, client(port, GET[:-2]) as slow:
        heard = asyncio.create_task(slow.hear())
        async with asyncio.timeout(PATIENCE):
            while not heard.done():
                slow.say(b"X: y\r\n")
                await asyncio.sleep(SOON / 2)
        assert await heard == b""


async def test_a_body_that_does_not_come_is_refused() -> None:
    async with served(Bounds(seconds=SOON)) as port, client(port, POST + b"123") as slow:
        assert await slow.status() == b"408"


async def test_what_is_being_handled_is_not_cut() -> None:
    finish = asyncio.Event()
    async with served(Bounds(seconds=SOON), finish) as port, client(port, POST + b"123456789") as patient:
        await asyncio.sleep(3 * SOON)
        finish.set()
        assert await patient.status() == b"200"


async def test_more_connections_than_the_limit_keep_nobody_out() -> None:
    async with served(Bounds(seconds=NEVER, connections=4)) as port, AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(client(port, GET[:-2])) for _ in range(20)]
        async with client(port, GET) as honest:
            assert await honest.status() == b"200"
        for displaced in silent[:-4]:
            assert await displaced.hear() == b""


async def test_a_request_in_hand_is_displaced_by_nobody() -> None:
    finish = asyncio.Event()
    async with served(Bounds(seconds=NEVER, connections=2), finish) as port, AsyncExitStack() as stack:
        busy = [await stack.enter_async_context(client(port, POST + b"123456789")) for _ in range(2)]
        async with client(port, GET) as refused:
            assert await refused.hear() == b""
        finish.set()
        assert [await one.status() for one in busy] == [b"200", b"200"]
