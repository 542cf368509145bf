"""Large texts are read beside the event loop, and not for ever."""

import asyncio
import time

import pytest

from bot.diagnosis.redact import redact
from bot.facts.aside import SMALL, read_aside
from bot.model.errors import TimedOut


async def test_the_loop_goes_on_while_a_large_text_is_read() -> None:
    """It reads one and a half million characters, and looks every 10 ms how late it is."""
    text = "Subject: password a.b@example.com \n" * 45_000
    latest, reading = 0.0, asyncio.create_task(read_aside(lambda: redact(text), len(text), "it"))
    while not reading.done():
        began = time.monotonic()
        await asyncio.sleep(0.01)
        latest = max(latest, time.monotonic() - began)
    inline = time.thread_time()
    assert await reading == redact(text)
    assert latest < (time.thread_time() - inline) / 2


async def test_a_reading_that_takes_too_long_is_given_up_in_a_sentence() -> None:
    with pytest.raises(
        TimedOut, match=r"the answer of sma-a is 32,769 characters long and could not be read"
    ):
        await read_aside(lambda: time.sleep(1), SMALL + 1, "the answer of sma-a", patience=0.1)


async def test_a_small_text_is_read_at_once() -> None:
    reading = read_aside(lambda: "read", 10, "it")
    with pytest.raises(StopIteration, match="read"):
        reading.send(None)
