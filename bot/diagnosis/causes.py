"""Which findings are causes and which are consequences, from the edges of the knowledge; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.knowledge.knowledge import Knowledge
from bot.model.finding import Finding, Severity

RANK = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with its place; `explained_by` are the findings that explain it directly."""

    finding: Finding
    is_cause: bool
    explained_by: tuple[Finding, ...] = ()


def find_causes(findings: Sequence[Finding], knowledge: Knowledge) -> list[Judged]:
    """Every finding judged: causes first, worst first.

    A consequence has an explanation among the findings; without one it is a cause itself. An information asks
    nobody to act, so it is never a cause. Findings that only explain each other do not vanish: the worst of them
    is the cause.
    """
    explained = explains(knowledge)
    explainers = {
        id(effect): [cause for cause in findings if cause is not effect and explained(cause, effect)]
        for effect in findings
    }
    causes = {id(finding) for finding in findings if not explainers[id(finding)]}
    while unreached := [
        finding for finding in findings if id(finding) not in _reached(causes, findings, explainers)
    ]:
        causes.add(id(min(unreached, key=lambda finding: RANK[finding.severity])))
    judged = [
        Judged(finding, False, tuple(explainers[id(finding)]))
        if id(finding) not in causes
        else Judged(finding, finding.severity is not Severity.INFO)
        for finding in findings
    ]
    return sorted(judged, key=_place)


def explains(knowledge: Knowledge) -> Callable[[Finding, Finding], bool]:
    """Whether the first finding explains the second directly, as the knowledge has it."""
    return lambda cause, effect: any(
        edge.covers(cause, effect) for edge in knowledge.entry(cause.id).explains
    )


def _reached(
    causes: set[int], findings: Sequence[Finding], explainers: Mapping[int, Sequence[Finding]]
) -> set[int]:
    """The causes and everything that a chain of explanations ties to one of them."""
    reached = set(causes)
    while True:
        more = {
            id(finding)
            for finding in findings
            if id(finding) not in reached and any(id(cause) in reached for cause in explainers[id(finding)])
        }
        if not more:
            return reached
        reached |= more


def _place(judged: Judged) -> tuple[bool, int, str, str]:
    finding = judged.finding
    return (not judged.is_cause, RANK[finding.severity], finding.id, str(finding.subject))
