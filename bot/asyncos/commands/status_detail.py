"""`status detail`: the gauge that says whether the appliance saves its resources."""

import re

from bot.asyncos.commands.status import parse_status
from bot.model.command import Reading

_GAUGE = re.compile(
    r"^[ \t]*Resource Conservation(?: Mode)?[ \t]*:?[ \t]+(\S(?:.*\S)?)[^\S\n]*$", re.M | re.IGNORECASE
)
_NORMAL = re.compile(r"(?:0+|off|no|none|normal|inactive|disabled)\b", re.IGNORECASE)


def status_detail() -> Reading[str | None]:
    """The gauge of resource conservation as printed; None where the release prints none."""
    return Reading("status detail", parse_status_detail)


def parse_status_detail(text: str) -> str | None:
    parse_status(text)  # an answer that is no status page must not look like one without the gauge
    found = _GAUGE.search(text)
    return found[1] if found else None


def is_conserving(gauge: str) -> bool:
    """Whether a gauge that was printed says that the mode is on: 0 is normal."""
    return not _NORMAL.match(gauge)
