"""What checks find, and what was asked and answered for it."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from bot.model.subject import Subject

T = TypeVar("T")
Detail = str | int | float | bool | None
LINES_QUOTED = 12


class Severity(StrEnum):
    """How bad a finding is; only critical and warning mean that something is wrong."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Status(StrEnum):
    """How a check ended; four things, and none of them stands in for another."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


class Evidence(BaseModel):
    """The lines of one exchange that show a finding."""

    model_config = ConfigDict(frozen=True)

    appliance: str
    command: str
    excerpt: str
    at: dt.datetime


class Failure(BaseModel):
    """Why there is no answer: the name of the `ProbeError`, its sentence, and what texts about it may name."""

    model_config = ConfigDict(frozen=True)

    kind: str
    sentence: str
    details: dict[str, str | int] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One thing asked and answered, already redacted; without an answer `failure` says why."""

    appliance: str
    command: str
    text: str
    at: dt.datetime
    failure: Failure | None = None

    def quote(self, *patterns: str, last: bool = False) -> Evidence:
        """Evidence made of the lines that match any pattern (all lines without one), at most LINES_QUOTED.

        The first ones are taken, with `last` the newest.
        """
        lines = [line.rstrip() for line in self.text.splitlines() if line.strip()]
        if patterns:
            wanted = re.compile("|".join(patterns), re.IGNORECASE)
            lines = [line for line in lines if wanted.search(line)]
        cut = lines[-LINES_QUOTED:] if last else lines[:LINES_QUOTED]
        return self._evidence("\n".join(cut) or (self.failure.sentence if self.failure else "(no output)"))

    def quote_lines(self, lines: list[str]) -> Evidence:
        """Evidence made of given lines, which must stand in the exchange."""
        assert all(line in self.text for line in lines), "evidence is cut from the exchange, never typed"
        return self._evidence("\n".join(lines[:LINES_QUOTED]))

    def _evidence(self, excerpt: str) -> Evidence:
        return Evidence(appliance=self.appliance, command=self.command, excerpt=excerpt, at=self.at)


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """What a command's parser made of an answer, and the exchange that it came from."""

    value: T
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one subject, as a check yields it; `details` fill the texts' placeholders."""

    id: str
    subject: Subject
    severity: Severity
    evidence: tuple[Evidence, ...]
    details: Mapping[str, Detail] = field(default_factory=dict)

    @property
    def area(self) -> str:
        return self.id.split(".", 1)[0]

    @property
    def check(self) -> str:
        """The id of the check that yields it: the first two words."""
        return ".".join(self.id.split(".")[:2])


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check ended for one subject."""

    check: str
    subject: Subject
    status: Status
    reason: str | None = None
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()
