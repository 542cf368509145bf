"""The head of a mail log line: when, how important, and where the body begins, in every published form."""

import re
from dataclasses import dataclass
from datetime import datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LEVEL = r"(?:Critical|Warning|Info|Debug|Trace): "
_WORD = rf"(?!{_LEVEL})\S+ "
"""A host, a subscription name, a relay's own words; never past the first level, where strangers' text begins."""


def _stamp(which: str) -> str:
    """`Wed Jun  2 14:58:14 2004 `; the weekday may be cut or wrong, relays leave the year out."""
    return (
        rf"(?:\w{{1,3}} )?(?P<month{which}>{'|'.join(_MONTHS)}) {{1,2}}(?P<day{which}>\d{{1,2}}) "
        rf"(?P<time{which}>\d\d:\d\d:\d\d) (?:(?P<year{which}>\d{{4}}) )?"
    )


_STAMPED = re.compile(
    rf"(?:<\d{{1,3}}>)?(?:(?P<year0>\d{{4}}) (?=[A-Z]))?{_stamp('1')}"
    rf"(?:(?:{_WORD}){{0,3}}?{_stamp('2')})?(?:{_WORD}){{0,4}}?(?P<level>{_LEVEL})"
)
_UNSTAMPED = re.compile(rf"(?:(?:[\w.-]+ )?[\w.-]+: )?(?P<level>{_LEVEL})")


@dataclass(frozen=True, slots=True)
class Head:
    """`at` is the appliance's local time, None where the line states no year; `level` is None on a bare body."""

    at: datetime | None
    level: str | None
    body: str
    stamped: bool


def split_head(line: str) -> Head:
    """Cut the head off a line that has no line end; a line without a known head is all body."""
    if match := _STAMPED.match(line):
        return Head(_time(match), match["level"][:-2], line[match.end() :], stamped=True)
    if match := _UNSTAMPED.match(line):
        return Head(None, match["level"][:-2], line[match.end() :], stamped=False)
    return Head(None, None, line, stamped=False)


def _time(match: re.Match[str]) -> datetime | None:
    """The appliance's own stamp is the inner one; a relay put the outer one before it."""
    inner = "2" if match["month2"] else "1"
    year = match[f"year{inner}"] or match["year0"]
    if year is None:
        return None
    month = _MONTHS.index(match[f"month{inner}"]) + 1
    hour, minute, second = map(int, match[f"time{inner}"].split(":"))
    try:
        return datetime(int(year), month, int(match[f"day{inner}"]), hour, minute, second)
    except ValueError:
        return None
