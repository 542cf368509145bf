"""`status`: whether the appliance receives and delivers, its clock, and the age of its oldest message."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.asyncos.reading import unreadable
from bot.model.command import Reading

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SECONDS = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_AS_OF = re.compile(
    r"Status as of\s*:\s*(?:[A-Za-z]{3}\s*)?([A-Za-z]{3})\s+(\d{1,2})\s+"
    r"(\d\d):(\d\d):(\d\d)\s+(\d{4})(?:[ \t]+(\S+))?",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?<!\d)(\d{1,6})[ \t]*(y(?:ears?|rs?)?|w(?:eeks?|ks?)?|d(?:ays?)?|"
    r"h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """What `status` says.

    `system_status` as printed (only `Online` is healthy). `as_of` is the appliance's local time, naive, in `zone`
    (`GMT`, None when not printed). `oldest` is the age of the oldest message for any destination; None with
    `oldest_known` means that there are no messages, None without it that the line could not be read.
    """

    system_status: str
    as_of: datetime | None
    zone: str | None
    oldest: timedelta | None
    oldest_known: bool

    @property
    def online(self) -> bool:
        return self.system_status.strip().casefold() == "online"


def status() -> Reading[ServiceStatus]:
    return Reading("status", parse_status)


def parse_status(text: str) -> ServiceStatus:
    line = re.search(
        r"^[ \t]*System status[ \t]*:[ \t]*(\S(?:.*\S)?)[^\S\n]*$", text, re.MULTILINE | re.IGNORECASE
    )
    if not line:
        raise unreadable("status", text)
    as_of, zone = _read_clock(text)
    oldest, known = _read_oldest(text)
    return ServiceStatus(line[1], as_of, zone, oldest, known)


def _read_clock(text: str) -> tuple[datetime | None, str | None]:
    found = _AS_OF.search(text)
    if not found or found[1].title() not in MONTHS:
        return None, None
    day, hour, minute, second, year = (int(part) for part in found.group(2, 3, 4, 5, 6))
    try:
        return datetime(year, MONTHS.index(found[1].title()) + 1, day, hour, minute, second), found[7]
    except ValueError:
        return None, None


def _read_oldest(text: str) -> tuple[timedelta | None, bool]:
    found = re.search(r"^[ \t]*Oldest Message[ \t]*:[ \t]*(\S.*)$", text, re.MULTILINE | re.IGNORECASE)
    if not found:
        return None, False
    if re.match(r"no\s*messages", found[1], re.IGNORECASE):
        return None, True
    return read_duration(found[1])


def read_duration(text: str) -> tuple[timedelta | None, bool]:
    """`4 weeks 46 mins 53 secs` or `50m 34s`; (None, False) when no part of it is a duration."""
    parts = _PART.findall(text)
    if not parts:
        return None, False
    try:
        return timedelta(seconds=sum(int(count) * SECONDS[unit[0].lower()] for count, unit in parts)), True
    except OverflowError:
        return None, False
