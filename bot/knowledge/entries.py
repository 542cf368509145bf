"""The language-neutral half of the knowledge: subjects, details, effects, edges and remedies of every finding."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from bot.knowledge.edges import Edge
from bot.knowledge.effects import Stop
from bot.knowledge.tables import Conditional, Sentence, Table
from bot.model.subject import Kind

FixId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
Prevented = Literal["login", "command", "commit", "enabling"]
DetailName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Remedy(Conditional):
    """One fix: who may do it, the lines to send (`""` is Enter), the lines that take it back, and its source.

    `source` is what to cite, or what to cite for each kind of subject.
    """

    id: FixId
    kind: Literal["manual", "approval"]
    approvals: int = Field(default=0, ge=0, le=2)
    commands: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    risk: Literal["low", "medium", "high"]
    source: Sentence | Mapping[Kind, Sentence]

    @model_validator(mode="after")
    def _lines_need_approval(self) -> Self:
        if self.kind == "manual" and (self.commands or self.undo or self.approvals):
            raise ValueError(f"the manual fix {self.id} must not have commands, undo lines or approvals")
        if self.kind == "approval" and not (self.commands and self.approvals):
            raise ValueError(f"the fix {self.id} needs commands and the number of approvals")
        return self

    def cite(self, kind: Kind) -> str:
        """The source of the fix for a finding at a subject of this kind."""
        return self.source if isinstance(self.source, str) else self.source[kind]


class Entry(Table):
    """One finding: the kinds of subject it stands at, the details it carries, what it does, explains and needs.

    `stops` are the paths that it stops while it is critical. Its check `matters` when a site is not healthy as long
    as the check could not tell, and `probes` a path when the path works only as far as the check can tell. A
    finding `prevents` a login or a command (of pvo, at its subject), a `commit` there, or `enabling` the
    centralized quarantines there. What proves a repair: the next `attempt` in the sender's log, or a newer `line`
    of a log; without `proof` it is enough that the finding is gone. `tried`: the worker's own try at the receiver
    is evidence for it. `bounces`: the mail that waits bounces in the end.
    """

    subjects: frozenset[Kind] = Field(min_length=1)
    details: tuple[DetailName, ...] = ()
    stops: tuple[Stop, ...] = ()
    matters: bool = False
    probes: bool = False
    prevents: Prevented | None = None
    proof: Literal["attempt", "line"] | None = None
    tried: bool = False
    bounces: bool = False
    explains: tuple[Edge, ...] = ()
    fixes: tuple[Remedy, ...] = ()

    @field_validator("explains", mode="before")
    @classmethod
    def _one_edge_a_finding(cls, value: object) -> object:
        """An edge may list several findings; each becomes an edge of its own."""
        if not isinstance(value, list):
            return value
        edges: list[object] = []
        for edge in value:
            several = isinstance(edge, dict) and isinstance(edge.get("finding"), list)
            edges += [edge | {"finding": one} for one in edge["finding"]] if several else [edge]
        return edges

    @field_validator("fixes")
    @classmethod
    def _ids_differ(cls, value: tuple[Remedy, ...]) -> tuple[Remedy, ...]:
        if len({fix.id for fix in value}) != len(value):
            raise ValueError("two fixes have the same id")
        return value
