"""Lets an orchestrator and Prometheus look at a process that works with Redis."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

from bot.jobs.depth import measure_depth, try_writing
from bot.jobs.redis import connected
from bot.metrics.serve import Condition, build, serving
from bot.metrics.sign import Sign

OLDEST_SIGN = 20.0
"""Seconds after which something that showed no sign of life is taken for dead."""


@asynccontextmanager
async def observed(
    redis_url: str, port: int | None, signs: Mapping[str, Sign], host: str | None = None
) -> AsyncIterator[None]:
    """Serves `/healthz`, `/readyz` and `/metrics` until the end, or not where `port` is None.

    Without `host` on all addresses. Ready means that Redis takes writes and that each of `signs` is recent. Raises
    `Unusable` for a port that is taken.
    """
    async with connected(redis_url, patient=False) as client:
        conditions: dict[str, Condition] = {"redis": partial(try_writing, client)}
        conditions |= {name: partial(_judge, sign) for name, sign in signs.items()}
        async with serving(build(conditions, partial(measure_depth, client)), port, host):
            yield


async def _judge(sign: Sign) -> str | None:
    return f"no sign of life for {OLDEST_SIGN:g} s" if sign.is_older(OLDEST_SIGN) else None
