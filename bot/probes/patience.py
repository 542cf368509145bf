"""Waiting that is measured against this process's own lateness: short of CPU it answers late, never wrongly.

A wait is cut into slices. One that ends much later than it was to end tells that this process (its event loop, its
threads) did not run meanwhile: the answer may long be there, unread. Such a slice counts for next to nothing, so that
the wait goes on and what has come is read. It always counts for something: whoever says nothing is given up.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator

SLICE = 0.25
LATE = 0.1
"""Seconds: what a busy, healthy machine may be late by."""
LEAST = 0.01


def count(asked: float, took: float) -> float:
    """Of the `took` seconds of a wait that was to end after `asked`, those in which an answer could be read."""
    return took if took <= asked + LATE else max(asked * asked / took, LEAST)


class Patience:
    """Seconds that may pass; `left` of them are left. For one wait after the other."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self._asked, self._began = 0.0, time.monotonic()

    def begin(self, most: float | None = None) -> float:
        """The seconds to wait now: at most those that are left, and `most`."""
        wanted = self.left if most is None else min(self.left, most)
        self._asked, self._began = min(max(wanted, 0.0), SLICE), time.monotonic()
        return self._asked

    def end(self) -> float:
        """The wait is over; what it counted for."""
        spent = count(self._asked, time.monotonic() - self._began)
        self.left -= spent
        return spent

    @property
    def ended(self) -> bool:
        return self.left <= 0


def wait(event: threading.Event, seconds: float) -> bool:
    """Whether the event came in time; blocks."""
    patience = Patience(seconds)
    while not patience.ended:
        if event.wait(patience.begin()):
            return True
        patience.end()
    return event.is_set()


@contextlib.contextmanager
def watched(seconds: float, expire: Callable[[], None]) -> Iterator[None]:
    """Calls `expire` from a thread when the block takes longer."""
    over = threading.Event()

    def watch() -> None:
        if not wait(over, seconds):
            expire()

    threading.Thread(target=watch, name="watchdog", daemon=True).start()
    try:
        yield
    finally:
        over.set()


@contextlib.asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """`asyncio.timeout`, by this measure; raises `TimeoutError`."""
    async with asyncio.timeout(None) as limit:
        counting = asyncio.create_task(_count_down(seconds, limit))
        try:
            yield
        finally:
            counting.cancel()


async def _count_down(seconds: float, limit: asyncio.Timeout) -> None:
    patience = Patience(seconds)
    while not patience.ended:
        await asyncio.sleep(patience.begin())
        patience.end()
    limit.reschedule(asyncio.get_running_loop().time())
