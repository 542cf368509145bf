"""How fast each Slack method may be called: a short burst, then one call an interval, and a pause after a 429."""

import time
from collections.abc import Callable
from dataclasses import dataclass

PATIENCE = 2.0


class Later(Exception):
    """Not now: again after `seconds`; None when nobody said how long, so that the caller backs off."""

    def __init__(self, seconds: float | None, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Rate:
    """One call every `interval` seconds, `burst` of them at once after a rest."""

    interval: float
    burst: int


class Pace:
    """Reserves calls by key, such as a method and a channel; for one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next: dict[str, float] = {}

    def reserve(self, key: str, rate: Rate) -> float:
        """Seconds to wait before the call; raises `Later`, reserving nothing, when they are too many."""
        now = self._clock()
        due = max(self._next.get(key, now), now)
        wait = max(0.0, due - now - rate.interval * (rate.burst - 1))
        if wait > PATIENCE:
            raise Later(wait, f"{key} is used up")
        self._next[key] = due + rate.interval
        return wait

    def hold(self, key: str, rate: Rate, seconds: float) -> None:
        """Slack said to wait: nothing under this key before `seconds` have passed."""
        until = self._clock() + seconds + rate.interval * (rate.burst - 1)
        self._next[key] = max(self._next.get(key, until), until)
