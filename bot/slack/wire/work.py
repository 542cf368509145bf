"""What this process has in hand: bolt and the SDK await none of it at shutdown, so it is counted here."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager


class Work:
    """The tasks that answer people or deliver cards right now; strong references, so none is lost half-way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    @contextmanager
    def here(self) -> Iterator[None]:
        """Counts the current task while the block runs."""
        task = asyncio.current_task()
        assert task is not None, "only a task can be waited for"
        fresh = task not in self._tasks
        self._tasks.add(task)
        try:
            yield
        finally:
            if fresh:
                self._tasks.discard(task)

    def start(self, doing: Coroutine[object, object, object]) -> None:
        """Runs a task of its own."""
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, seconds: float) -> int:
        """Waits until everything in hand is done, at most so long; returns how much was not."""
        waiting = self._tasks - {asyncio.current_task()}
        if not waiting:
            return 0
        _, pending = await asyncio.wait(waiting, timeout=seconds)
        return len(pending)
