"""What a finding does besides being read: which paths it stops."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from bot.knowledge.tables import Pattern, Table, holds
from bot.model.finding import Finding
from bot.model.subject import Kind, Path


class Stop(Table):
    """Paths of these kinds let nothing through while the finding stands, critical, at them or at their `end`.

    `end` is for findings at an appliance: the paths that it is that end of. `when` are patterns for details of
    the finding, as in an edge.
    """

    paths: frozenset[Kind] = Field(min_length=1)
    end: Literal["sender", "receiver"] | None = None
    when: Mapping[str, Pattern] = {}

    def covers(self, finding: Finding, path: Path) -> bool:
        """Whether the finding stops this path, provided that it is critical."""
        if path.kind not in self.paths or not holds(self.when, finding.details):
            return False
        if isinstance(finding.subject, Path):
            return finding.subject == path
        return finding.subject == {"sender": path.sender, "receiver": path.receiver}.get(self.end or "")
