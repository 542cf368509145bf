"""What explains what: one edge from a finding to those that are its consequences."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Literal

from bot.knowledge.tables import Pattern, Table, holds, show
from bot.model.finding import Finding, Severity
from bot.model.subject import Kind, Node, Path, Subject

End = Literal["same", "sender", "receiver", "any", "peer"]


class Edge(Table):
    """The findings that are consequences of the finding that holds this edge.

    `finding` is an id or a pattern (`queue.*`); `kinds` are the kinds of subject that the explained finding may
    have (none = all). `end` relates both subjects. `same`: one appliance, or paths with the same two ends in the
    same direction. `sender`, `receiver`, `any`: also where one subject is that end of the other's path. `peer`:
    the counterpart, that is the SMA for an ESA and the other way round, or the same path in the other direction.
    `when` are patterns for details of the explaining finding, `severity` is the one it must have, and `listed`
    names a detail of it: comma-separated appliances that the explained path must start from.
    """

    finding: str
    end: End
    kinds: frozenset[Kind] = frozenset()
    when: Mapping[str, Pattern] = {}
    severity: Severity | None = None
    listed: str | None = None

    def matches(self, finding_id: str) -> bool:
        """Whether it is about findings with this id."""
        return fnmatchcase(finding_id, self.finding)

    def covers(self, cause: Finding, effect: Finding) -> bool:
        """Whether `cause`, the finding that holds this edge, explains `effect` directly."""
        return (
            self.matches(effect.id)
            and (not self.kinds or effect.subject.kind in self.kinds)
            and related(self.end, cause.subject, effect.subject)
            and self._active(cause)
            and self._lists(cause, effect.subject)
        )

    def _active(self, cause: Finding) -> bool:
        return self.severity in (None, cause.severity) and holds(self.when, cause.details)

    def _lists(self, cause: Finding, subject: Subject) -> bool:
        if self.listed is None:
            return True
        names = {name.strip() for name in show(cause.details.get(self.listed)).split(",")}
        return subject.asked.name in names


def related(end: End, one: Subject, other: Subject) -> bool:
    """Whether two subjects stand in the relation `end`; see `Edge`."""
    if end == "peer":
        return _are_peers(one, other)
    if _ends(one) == _ends(other):
        return True
    if isinstance(one, Path) and isinstance(other, Node):
        one, other = other, one
    if end == "same" or not (isinstance(one, Node) and isinstance(other, Path)):
        return False
    ends = {"sender": (other.sender,), "receiver": (other.receiver,), "any": (other.sender, other.receiver)}
    return one.name in {node.name for node in ends[end]}


def _ends(subject: Subject) -> tuple[str, ...]:
    return (subject.name,) if isinstance(subject, Node) else (subject.sender.name, subject.receiver.name)


def _are_peers(one: Subject, other: Subject) -> bool:
    if isinstance(one, Node) and isinstance(other, Node):
        return one.product != other.product
    return isinstance(one, Path) and isinstance(other, Path) and _ends(one) == _ends(other)[::-1]
