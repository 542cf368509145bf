"""Slack's rate tiers as token buckets: who calls too fast gets 429 and a time to wait."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.lab.workspace.errors import SlackError


@dataclass(frozen=True)
class Rate:
    """`burst` calls at once, then `per_minute`."""

    per_minute: float
    burst: int


TIERS = {
    1: Rate(per_minute=1, burst=20),  # "1+" a minute: Slack lets a restarting app open a few at once
    2: Rate(per_minute=20, burst=20),
    3: Rate(per_minute=50, burst=50),
    4: Rate(per_minute=100, burst=100),
}
PLENTY = Rate(per_minute=300, burst=300)
POST_IN_CHANNEL = Rate(per_minute=60, burst=4)


class Limiter:
    """Token buckets by name; `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def spend(self, name: str, rate: Rate) -> None:
        """Takes one call out of a bucket; SlackError `ratelimited` with whole seconds to wait when empty."""
        now = self._clock()
        filled, since = self._buckets.get(name, (float(rate.burst), now))
        per_second = rate.per_minute / 60
        level = min(rate.burst, filled + (now - since) * per_second)
        if level < 1:
            self._buckets[name] = (level, now)
            raise SlackError("ratelimited", retry_after=max(1, math.ceil((1 - level) / per_second)))
        self._buckets[name] = (level - 1, now)
