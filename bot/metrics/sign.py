"""A sign of life: a time that is told as a metric, and by which a process knows whether it is ready."""

import time
from collections.abc import Callable

from prometheus_client import Gauge


class Sign:
    """When something was last seen alive, in seconds since 1970; 0 = never."""

    def __init__(self, name: str, about: str) -> None:
        self._last: Callable[[], float] = float
        Gauge(name, about).set_function(lambda: self._last())

    def note(self) -> None:
        """It is alive now."""
        seen = time.time()
        self._last = lambda: seen

    def follow(self, last: Callable[[], float]) -> None:
        """From now on `last` is asked when it was."""
        self._last = last

    def is_older(self, seconds: float) -> bool:
        """Whether it was never seen, or longer ago than `seconds`."""
        return time.time() - self._last() > seconds
