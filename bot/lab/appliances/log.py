"""The mail log of one appliance, as its subscription writes it to a file."""

import re
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime

MAX_LINES = 100_000

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def format_time(moment: datetime) -> str:
    """`Wed Jun  2 14:58:14 2004`, whatever the locale of this machine."""
    day, month = DAYS[moment.weekday()], MONTHS[moment.month - 1]
    return f"{day} {month} {moment.day:2} {moment:%H:%M:%S} {moment.year}"


class MailLog:
    """Lines in the order of writing, without line ends; safe to use from any thread."""

    def __init__(self, clock: Callable[[], datetime], version: str, serial: str) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self.write("Begin Logfile", f"Version: {version} SN: {serial}", "Time offset from UTC: 0 seconds")

    def write(self, *bodies: str) -> None:
        """Add lines of level Info, stamped with the appliance's clock and kept together."""
        with self._lock:
            stamp = format_time(self._clock())
            self._lines.extend(f"{stamp} Info: {body}" for body in bodies)

    def lines(self) -> list[str]:
        """Everything that is still kept."""
        with self._lock:
            return list(self._lines)

    def search(self, pattern: re.Pattern[str]) -> list[str]:
        """The lines in which the pattern occurs."""
        return [line for line in self.lines() if pattern.search(line)]
