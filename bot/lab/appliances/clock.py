"""The clock of one appliance: a time zone, an offset from the true time, and a way to move on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def format_time(moment: datetime) -> str:
    """`Wed Jun  2 14:58:14 2004`, whatever the locale of this machine."""
    day, month = DAYS[moment.weekday()], MONTHS[moment.month - 1]
    return f"{day} {month} {moment.day:2} {moment:%H:%M:%S} {moment.year}"


@dataclass
class Clock:
    """`ahead` is how many seconds it is ahead of the true time; call it for the local time."""

    zone: str = "GMT"
    utc_offset: int = 0  # seconds east of Greenwich
    ahead: float = 0.0

    def __call__(self) -> datetime:
        zone = timezone(timedelta(seconds=self.utc_offset), self.zone)
        return (datetime.now(UTC) + timedelta(seconds=self.ahead)).astimezone(zone)

    def stamp(self) -> str:
        """The time with its zone, as `status` prints it."""
        return self.describe(self())

    def describe(self, moment: datetime) -> str:
        """A moment in this zone, with its abbreviation."""
        return f"{format_time(moment)} {self.zone}"
