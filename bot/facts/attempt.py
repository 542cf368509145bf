"""Asking where no answer is an answer too."""

from collections.abc import Awaitable
from typing import TypeVar

from bot.model.errors import ProbeError

T = TypeVar("T")


async def attempt(asking: Awaitable[T]) -> T | ProbeError:
    """What was asked for, or the error that says why there is none."""
    try:
        return await asking
    except ProbeError as error:
        return error
