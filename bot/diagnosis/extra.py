"""What a diagnosis can do without: a bug there costs its result, never the run."""

from collections.abc import Awaitable
from typing import TypeVar

import structlog

log = structlog.get_logger()

T = TypeVar("T")


async def or_else(work: Awaitable[T], otherwise: T, part: str) -> T:
    """What `work` gives, or `otherwise` when it meets a bug of ours, which is logged under the name of the part."""
    try:
        return await work
    except Exception:
        log.exception("diagnosis.bug", part=part)
        return otherwise
