"""`applianceconfig`, STATUS: whether the SMA is connected to each of its appliances, in its own words."""

import re
from dataclasses import dataclass

from bot.asyncos.reading import LEAVE_MENU
from bot.model.command import Question, Reading

_ROW = re.compile(
    r"^[ \t]*(?:\d+\.[ \t]*)?(?P<name>[A-Za-z0-9][\w.-]*)[ \t(:,]+(?P<address>\d+(?:\.\d+){3})\)?[ \t:,]+"
    r"(?P<state>[A-Za-z](?:.*\S)?)[^\S\n]*$",
    re.MULTILINE,
)
_AFTER_CHOICE = re.compile(r"\]>[ \t]*STATUS[ \t]*$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """One appliance of the SMA's list and the printed state of the connection to it."""

    name: str
    address: str
    state: str

    @property
    def connected(self) -> bool:
        return re.match(r"(?:connected|ok|up|established)\b", self.state, re.IGNORECASE) is not None


def applianceconfig_status() -> Reading[tuple[Link, ...]]:
    """None also where this release has no STATUS, or prints it in a shape that is not known."""
    return Reading(
        "applianceconfig",
        parse_status,
        (Question(r"^- STATUS\b", "STATUS"), LEAVE_MENU),
        variant="status",
        timeout=120.0,
    )


def parse_status(text: str) -> tuple[Link, ...]:
    """Reads what stands between the choice and the menu that follows it."""
    told = _AFTER_CHOICE.split(text)[-1]
    return tuple(Link(row["name"], row["address"], row["state"]) for row in _ROW.finditer(told))
