"""How far reading is, told on a terminal; light, for the process that reads loads it."""

import sys
import time
from collections.abc import Callable


class Progress:
    """One line on stderr while files are read: how much, how fast, how long it will take. `clock` in seconds."""

    def __init__(self, *, visible: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._visible = visible
        self._clock = clock
        self._began = self._told = clock()

    def __call__(self, read: int, total: int) -> None:
        now = self._clock()
        if not self._visible or now - self._told < 0.2:
            return
        self._told = now
        rate = read / (now - self._began)
        told = f"{read / 1e6:,.0f} MB, {rate / 1e6:,.0f} MB/s"
        if 0 < read <= total:
            told = f"{100 * read / total:.0f} %, {told}, {(total - read) / rate:.0f} s"
        sys.stderr.write(f"\r\x1b[K{told}")
        sys.stderr.flush()

    def end(self) -> None:
        if self._visible:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
