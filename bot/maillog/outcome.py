"""What reading log files gives."""

import datetime as dt
from dataclasses import dataclass

from bot.maillog.tally import Tally


@dataclass(slots=True)
class Span:
    """What was read of one file: physical lines, and the first and last time that they state."""

    lines: int = 0
    first: dt.datetime | None = None
    last: dt.datetime | None = None


@dataclass(slots=True)
class ApplianceLog:
    """What the files of one appliance say; `name` is its host name or CPQ address, else that of its first file."""

    name: str
    files: tuple[str, ...]
    tally: Tally
    span: Span


@dataclass(frozen=True, slots=True)
class LogsRead:
    """All that was read; `left_out` are files whose lines another one holds."""

    appliances: tuple[ApplianceLog, ...]
    left_out: tuple[str, ...]
