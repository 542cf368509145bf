"""`applianceconfig` of an SMA: the appliances that it knows, and its own test of the connection to one."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.asyncos.reading import LEAVE_MENU, choose
from bot.model.command import Question, Reading
from bot.model.errors import Garbled

Problem = Literal["algorithms", "host-key-changed", "auth-failed", "other"]

_ROW = re.compile(
    r"^[ \t]*(?:\d+\.[ \t]*)?(?P<name>[A-Za-z0-9][\w.-]*+)[ \t(:,]++(?P<address>\d+(?:\.\d+){3})\b",
    re.MULTILINE,
)
_PROBLEMS: tuple[tuple[str, Problem], ...] = (
    (r"\A(?>.*?host key for ).*? appears to have changed", "host-key-changed"),
    (r"could not find matching|unexpected EOF on connect|no matching (?:key|host|cipher|mac)", "algorithms"),
    (r"authenticat\w{0,20}+.{0,60}\b(?:fail|den|reject|refus|invalid|incorrect|unsuccess)", "auth-failed"),
    (
        r"(?:fail|den|reject|refus|invalid|incorrect)\w{0,20}+.{0,60}\b(?:authenticat|passphrase|password|login)",
        "auth-failed",
    ),
    (r"\b(?:permission denied|login incorrect)\b", "auth-failed"),
    (
        r"\b(?:fail|error|unable|could not|cannot|refused|timed? ?out|not reachable|unreachable|closed)",
        "other",
    ),
)
_CHOSEN = re.compile(r"^(?>[^\n]*?\]>)[^\n]*+\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Known:
    """One appliance of the SMA's list, with the address that the SMA uses for it."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Tested:
    """What TEST printed; `problem` is None when it names none."""

    problem: Problem | None
    text: str


def applianceconfig() -> Reading[tuple[Known, ...]]:
    """The appliances that the SMA lists; none also where this release prints no list."""
    return Reading("applianceconfig", parse_applianceconfig, (LEAVE_MENU,))


def parse_applianceconfig(text: str) -> tuple[Known, ...]:
    return tuple(Known(row["name"], row["address"]) for row in _ROW.finditer(text))


def applianceconfig_test(name: str) -> Reading[Tested]:
    """Has the SMA test its connection to the appliance that it lists as `name`."""
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,252}", name):
        raise Garbled(f"{name!r} is no name of an appliance that can be chosen; nothing was sent")
    return Reading(
        "applianceconfig",
        parse_test,
        (
            Question(r"^- TEST\b", "TEST"),
            Question(r"\btest\b|which appliance|choose an appliance", lambda text: _choose(text, name)),
            LEAVE_MENU,
        ),
        variant=f"test {name}",
        timeout=120.0,
    )


def parse_test(text: str) -> Tested:
    """Reads what stands between the choice and the menu that follows it."""
    parts = _CHOSEN.split(text)
    result = parts[2] if len(parts) > 2 else text
    result = re.split(r"^.*Choose the operation", result, maxsplit=1, flags=re.MULTILINE | re.IGNORECASE)[0]
    lines = [line.strip() for line in result.splitlines() if line.strip()]
    told = "\n".join(lines)
    problem = next((problem for words, problem in _PROBLEMS if re.search(words, told, re.I | re.S)), None)
    return Tested(problem, told)


def _choose(text: str, name: str) -> str:
    """The number of the appliance, or its name where no numbers are printed."""
    try:
        return choose(text, name, "appliance")
    except Garbled:
        listed = {row["name"].casefold() for row in _ROW.finditer(text)}
        if name.casefold() not in listed or re.search(r"^[ \t]*\d+\.", text, re.MULTILINE):
            raise
        return name
