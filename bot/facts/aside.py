"""Large texts are read in a thread, so that whoever wrote one keeps nobody waiting but those who want to know it."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.model.errors import TimedOut

T = TypeVar("T")

SMALL = 32_768
"""Characters that are read at once: a few milliseconds."""
PATIENCE = 30.0


async def read_aside(work: Callable[[], T], size: int, what: str, patience: float = PATIENCE) -> T:
    """What `work` makes of a text of `size` characters; raises what it raises, or `TimedOut`.

    A thread is enough, because no pattern costs more than a text of that length has to (`tests/hostile`): one search
    keeps the interpreter for some milliseconds, and the event loop runs between two. A thread that is given up
    ends with the search at hand; a process could be killed, but costs every large answer its start and two copies.
    `what` is what the sentence calls the text.
    """
    if size <= SMALL:
        return work()
    try:
        async with asyncio.timeout(patience):
            return await asyncio.to_thread(work)
    except TimeoutError:
        raise TimedOut(
            f"{what} is {size:,} characters long and could not be read within {patience:g} s"
        ) from None
