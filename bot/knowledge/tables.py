"""What every table of the knowledge files obeys: no unknown keys, no change after loading, sound conditions."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from bot.model.finding import Detail, Finding, Severity
from bot.model.subject import Kind

Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Table(BaseModel):
    """A table of a knowledge file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


class Conditional(Table):
    """A table that applies only to some findings.

    `subjects` are the kinds of subject it applies to (none = all) and `severity` the one that the finding must
    have; `when` maps a detail of the finding to a regular expression, searched in its value without regard to
    case: all of them must be found.
    """

    subjects: frozenset[Kind] = frozenset()
    severity: Severity | None = None
    when: Mapping[str, Pattern] = {}

    def applies(self, finding: Finding) -> bool:
        """Whether it applies to this finding."""
        return (
            (not self.subjects or finding.subject.kind in self.subjects)
            and self.severity in (None, finding.severity)
            and holds(self.when, finding.details)
        )


def holds(when: Mapping[str, str], details: Mapping[str, Detail]) -> bool:
    """Whether every pattern is found in the detail it is for; a detail that is not known holds nothing."""
    return all(re.search(pattern, show(details.get(name)), re.IGNORECASE) for name, pattern in when.items())


def show(value: Detail) -> str:
    """A detail as people read it; nothing for what is not known."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
