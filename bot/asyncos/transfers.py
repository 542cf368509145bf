"""Whether an SMA prints that its transfers are suspended; where and in which words is published nowhere."""

import re

_TRANSFERS = re.compile(
    r"^[ \t]*+(?:System status[ \t]*+:[ \t]*+)?"
    r"(?P<words>(?>.*?\btransfers?\b).*\b(?:suspended|off|stopped)\b.*)$",
    re.MULTILINE | re.IGNORECASE,
)


def read_suspended_transfers(text: str) -> str | None:
    """The words of a status page that say so; None when nothing does."""
    found = _TRANSFERS.search(text)
    return found["words"].rstrip() if found else None
