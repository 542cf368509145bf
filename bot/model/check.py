"""What a check is: facts are collected by code that may wait and fail, and judged by pure code that cannot."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bot.model.finding import Detail, Finding
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Kind

F = TypeVar("F")


class Remark:
    """What a check that passed says all the same: a reason as that of `Unjudged`, and its details."""

    def __init__(self, reason: str, **details: Detail) -> None:
        self.reason = reason
        self.details: Mapping[str, Detail] = details


@dataclass(frozen=True, slots=True)
class Check(Generic[F]):
    """One check, asked once for every subject of its kinds.

    `collect(probes, subject)` gathers facts; it may raise `ProbeError` (error), `Skipped` or `CouldNotTell`.
    `analyze(facts, limits)` is pure. `needs` are checks that must not have failed for the appliance that is
    asked. `title` is the first thing people read about it. `remark` is for a check that passed.
    """

    id: str
    title: str
    subjects: frozenset[Kind]
    collect: Callable[[Probes, Any], Awaitable[F]]
    analyze: Callable[[F, Limits], Iterable[Finding]]
    needs: tuple[str, ...] = ("connectivity.ssh",)
    remark: Callable[[F], Remark | None] | None = None

    @property
    def area(self) -> str:
        return self.id.split(".", 1)[0]
