"""The stretch of an appliance's log that counts, and a pattern that finds its lines on the appliance."""

import datetime as dt

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HOURS_IN_A_PATTERN = 24


def hours_pattern(first: dt.datetime, last: dt.datetime) -> str:
    """A regular expression that matches the head of every log line between two times (and of some others).

    Made of literal characters and character classes alone, which every dialect of regular expressions reads alike:
    `Nov 24 0[67]:`. Empty when the stretch is too long for it to help; who reads must filter by time anyway.
    """
    hours, moment = [], first.replace(minute=0, second=0, microsecond=0)
    while moment <= last:
        hours.append(f"{MONTHS[moment.month - 1]} {moment.day:2} {moment.hour:02}")
        moment += dt.timedelta(hours=1)
    if not hours or len(hours) > HOURS_IN_A_PATTERN:
        return ""
    return "".join(_one_of(sorted(set(column))) for column in zip(*hours, strict=True)) + ":"


def _one_of(characters: list[str]) -> str:
    return characters[0] if len(characters) == 1 else f"[{''.join(characters)}]"


def show_minute(moment: dt.datetime | None) -> str | None:
    """A time of the log as findings tell it: `14:05`."""
    return f"{moment:%H:%M}" if moment else None
