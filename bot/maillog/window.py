"""Which stretch of the logs is wanted, as people say it."""

import datetime as dt
import re

from bot.model.errors import Unusable

_DURATION = re.compile(r"(\d{1,6})\s*(s|m|h|d)")
_LONGEST = dt.timedelta(
    days=36_500
)  # no log is older, and no date that is reckoned from it leaves the calendar
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def read_duration(text: str) -> dt.timedelta:
    """`90s`, `15m`, `2h`, `3d`; raises `Unusable`."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise Unusable(f"--last: {text!r} is no length of time; say for instance 15m, 2h or 3d.")
    return min(dt.timedelta(seconds=int(match[1]) * _SECONDS[match[2]]), _LONGEST)


def read_time(text: str) -> dt.datetime:
    """The appliance's local time, as `2026-11-24T03:00` or `2026-11-24`; raises `Unusable`."""
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise Unusable(
            f"--since: {text!r} is no time of the appliance; say for instance 2026-11-24T03:00, without a zone."
        )
    return moment
