"""How many connections stand at a time: whole runs wait their turn, so that no two wait for each other."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Budget:
    """At most `most` at a time, but always one run, however many it needs; first come, first served."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def take(self, count: int) -> AsyncIterator[None]:
        """Waits until `count` are free, and gives them back at the end."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((count, turn))
        self._serve()
        try:
            await turn
            yield
        finally:
            self._leave(count, turn)

    def _leave(self, count: int, turn: "asyncio.Future[None]") -> None:
        if turn.done() and not turn.cancelled():
            self._used -= count
        else:
            self._waiting.remove((count, turn))
        self._serve()

    def _serve(self) -> None:
        while self._waiting:
            count, turn = self._waiting[0]
            if self._used and self._used + count > self._most:
                return
            self._waiting.popleft()
            if not turn.cancelled():
                self._used += count
                turn.set_result(None)
