"""The language-neutral half of the knowledge: subjects, details, edges and remedies of every finding."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from bot.knowledge.edges import Edge
from bot.knowledge.tables import Conditional, Sentence, Table
from bot.model.subject import Kind

FixId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
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
    """One finding: the kinds of subject it stands at, the details it carries, what it explains, its remedies."""

    subjects: frozenset[Kind] = Field(min_length=1)
    details: tuple[DetailName, ...] = ()
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
