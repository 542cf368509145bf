"""What is to be read of log files."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from bot.maillog.searchers import Searcher

Progress = Callable[[int, int], None]
"""Told how many bytes have been read, and of how many."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read: files (`-` = standard input), from a time on or the last stretch before the newest line.

    `port` is the CPQ port; None = what the lines show, else the default. `searcher` is the program, if any.
    """

    paths: tuple[str, ...]
    since: dt.datetime | None = None
    last: dt.timedelta | None = None
    port: int | None = None
    series: bool = False
    searcher: Searcher | None = None
