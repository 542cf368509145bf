"""The mail log of one appliance, as its subscription writes it to a file."""

import re
import threading
from collections import deque

from bot.lab.appliances.clock import Clock, format_time

MAX_LINES = 100_000


class MailLog:
    """Lines in the order of writing, without line ends; safe to use from any thread."""

    def __init__(self, clock: Clock, version: str, serial: str) -> None:
        self._clock = clock
        self._head = f"Version: {version} SN: {serial}"
        self._lock = threading.Lock()
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self.begin()

    def begin(self) -> None:
        """Write the head of a new log file."""
        offset = f"Time offset from UTC: {self._clock.utc_offset} seconds"
        self.write("Begin Logfile", self._head, offset)

    def write(self, *bodies: str, level: str = "Info") -> None:
        """Add lines, stamped with the appliance's clock and kept together."""
        with self._lock:
            stamp = format_time(self._clock())
            self._lines.extend(f"{stamp} {level}: {body}" for body in bodies)

    def lines(self) -> list[str]:
        """Everything that is still kept."""
        with self._lock:
            return list(self._lines)

    def search(self, pattern: re.Pattern[str]) -> list[str]:
        """The lines in which the pattern occurs."""
        return [line for line in self.lines() if pattern.search(line)]
