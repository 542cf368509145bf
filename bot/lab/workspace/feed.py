"""Tells every open page what changed, in order."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from bot.lab.workspace.errors import Json


class Feed:
    """One queue a subscriber; publishing never waits."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Json]] = set()

    def publish(self, event: Json) -> None:
        for queue in self._queues:
            queue.put_nowait(event)

    @contextmanager
    def subscribe(self) -> Iterator[asyncio.Queue[Json]]:
        """A queue that receives every event published while the block runs."""
        queue: asyncio.Queue[Json] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)
