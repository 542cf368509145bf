"""The signs of a report; a sign never stands for its word, a colour never for either."""

from typing import NamedTuple

from bot.model.finding import Severity, Status
from bot.model.report import PathStatus, Verdict


class Mark(NamedTuple):
    """A sign, its twin for terminals without Unicode, and a Rich style."""

    sign: str
    ascii: str
    style: str


_GOOD = Mark("✔", "+", "green")
_POOR = Mark("▲", "!", "yellow")
_BAD = Mark("✖", "x", "red")
_OPEN = Mark("?", "?", "magenta")
_NOTE = Mark("i", "i", "blue")

VERDICT: dict[Verdict, Mark] = {"healthy": _GOOD, "degraded": _POOR, "broken": _BAD, "unknown": _OPEN}
SEVERITY: dict[Severity, Mark] = {
    Severity.CRITICAL: _BAD,
    Severity.WARNING: _POOR,
    Severity.INFO: _NOTE,
}
PATH: dict[PathStatus, Mark] = {"ok": _GOOD, "failed": _BAD, "unknown": _OPEN}
STATUS: dict[Status, Mark] = {
    Status.PASSED: _GOOD,
    Status.FAILED: _BAD,
    Status.ERROR: _OPEN,
    Status.SKIPPED: Mark("-", "-", "dim"),
}
