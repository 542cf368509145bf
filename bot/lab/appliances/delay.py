"""A long wire: what is sent arrives half a round trip later, in each direction."""

import asyncio
import contextlib
import socket

CHUNK = 65536


class LongWire:
    """Relays between an accepted connection and `near`, which is what the server talks to."""

    def __init__(self, connection: socket.socket, round_trip: float) -> None:
        self._far = connection
        self._delay = round_trip / 2
        self.near, self._own = socket.socketpair()

    async def run(self) -> None:
        """Relay until both ends are closed."""
        far, own = await asyncio.gather(*(_open(sock) for sock in (self._far, self._own)))
        try:
            await asyncio.gather(self._carry(far[0], own[1]), self._carry(own[0], far[1]))
        finally:
            for _, writer in (far, own):
                writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clock = asyncio.get_running_loop().time
        travelling: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.create_task(self._deliver(travelling, writer))
        try:
            with contextlib.suppress(OSError):
                while data := await reader.read(CHUNK):
                    travelling.put_nowait((clock() + self._delay, data))
            travelling.put_nowait((clock() + self._delay, b""))
            await arriving
        finally:
            arriving.cancel()
            await asyncio.gather(arriving, return_exceptions=True)

    async def _deliver(
        self, travelling: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter
    ) -> None:
        clock = asyncio.get_running_loop().time
        with contextlib.suppress(OSError):
            while True:
                due, data = await travelling.get()
                await asyncio.sleep(max(due - clock(), 0))
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        writer.close()


async def _open(sock: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    sock.setblocking(False)
    if sock.family == socket.AF_INET:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return await asyncio.open_connection(sock=sock)
