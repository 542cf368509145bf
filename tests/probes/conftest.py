"""Small servers that end with their test, and a door that leaves no thread behind."""

import contextlib
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from bot.probes.live import LiveDoors
from tests.probes.small import Serve, SmallAppliance, read_secret


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with contextlib.AsyncExitStack() as stack:

        async def start(appliance: SmallAppliance) -> SmallAppliance:
            acceptor = await appliance.start()

            async def stop() -> None:
                acceptor.close()
                await acceptor.wait_closed()

            stack.push_async_callback(stop)
            return appliance

        yield start


@pytest.fixture
def doors() -> Iterator[LiveDoors]:
    """After each test no thread may be left waiting."""
    before = set(threading.enumerate())
    opened = LiveDoors(read_secret, threads=8)
    yield opened
    opened.close()
    for thread in set(threading.enumerate()) - before:
        if thread.name.startswith("appliance"):
            thread.join(10)
            assert not thread.is_alive(), "a thread still waits for an appliance"
