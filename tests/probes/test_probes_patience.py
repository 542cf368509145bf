"""A process that is short of CPU answers late, and never that nobody answered."""

import asyncio
import contextlib
import ctypes
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.errors import TimedOut
from bot.model.inventory import Inventory
from bot.probes import patience
from bot.probes.live import LiveDoors
from bot.probes.smtp import try_cpq
from tests.probes.small import VERSION, SmallAppliance, inventory

ROOT = Path(__file__).parents[2]
IMPATIENT = replace(VERSION, timeout=1.0)


@pytest.fixture
def listener() -> Iterator[int]:
    """The port of an SMTP server with a thread of its own, which says each line after 0.1 s."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    peer, _ = server.accept()
                    with peer, peer.makefile("rb") as lines, contextlib.suppress(OSError):
                        peer.sendall(b"220 late.example.com ESMTP\r\n")
                        for line in lines:
                            time.sleep(0.1)
                            peer.sendall(b"250 late.example.com\r\n" if b"EHLO" in line else b"221 bye\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
async def late() -> AsyncIterator[Inventory]:
    """An appliance that answers after half a second, in another process: it runs while this one does not."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.probes.late_server"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout
    assert process.stdin
    port, host_key = (await process.stdout.readline()).decode().strip().split(" ", 1)
    yield inventory(None, port=int(port), host_key=host_key)
    process.stdin.close()
    await process.wait()


def stop_all_threads(seconds: float) -> None:
    """Keeps the interpreter's lock, as a machine without CPU for this process would."""
    ctypes.PyDLL(None).usleep(int(seconds * 1_000_000))


async def test_an_answer_that_came_while_the_loop_was_blocked_is_read(listener: int) -> None:
    asyncio.get_running_loop().call_later(0.05, time.sleep, 2.0)
    assert "220 late.example.com ESMTP" in await try_cpq("127.0.0.1", listener, patience=1.0)


@pytest.mark.parametrize(("measure", "read"), [(patience.within, True), (asyncio.timeout, False)])
async def test_a_line_that_came_while_the_loop_was_blocked_is_read(
    measure: Callable[[float], AbstractAsyncContextManager[object]], read: bool
) -> None:
    """And by the clock on the wall it would not be."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        reader, writer = await asyncio.open_connection(*server.getsockname())
        peer, _ = server.accept()
        threading.Timer(0.5, peer.sendall, [b"220 late\r\n"]).start()
        asyncio.get_running_loop().call_later(0.05, time.sleep, 2.0)
        with contextlib.nullcontext() if read else pytest.raises(TimeoutError):
            async with measure(1.0):
                assert await reader.readline() == b"220 late\r\n"
        writer.close()
        peer.close()


async def test_an_answer_that_came_while_no_thread_ran_is_read(late: Inventory, doors: LiveDoors) -> None:
    async with doors.open(late, "site-a") as appliances:
        await appliances.converse("sma-a", VERSION)
        asyncio.get_running_loop().call_later(0.2, stop_all_threads, 3.0)
        assert "15.0.1" in await appliances.converse("sma-a", IMPATIENT)
    await doors.settle()


async def test_whoever_says_nothing_is_given_up_all_the_same(doors: LiveDoors) -> None:
    appliance = SmallAppliance()
    acceptor = await appliance.start()
    async with doors.open(inventory(appliance), "site-a") as appliances:
        began = time.monotonic()
        with pytest.raises(TimedOut):
            await appliances.converse("sma-a", replace(IMPATIENT, line="hang"))
        assert time.monotonic() - began >= 1.0
    await doors.settle()
    acceptor.close()


async def test_a_time_that_was_waited_ends() -> None:
    with pytest.raises(TimeoutError):
        async with patience.within(0.3):
            await asyncio.sleep(60)
    assert not patience.wait(threading.Event(), 0.3)


def test_a_late_wait_counts_for_little_and_never_for_nothing() -> None:
    assert patience.count(0.25, 0.25) == 0.25
    assert patience.count(0.25, 0.3) == 0.3
    assert 0 < patience.count(0.25, 10.0) < 0.02
