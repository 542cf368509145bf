"""Which findings people read where: every finding stands in exactly one section."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bot.model.report import ReportedCheck, ReportedFinding


class Sections(NamedTuple):
    """`causes` want action, `consequences` are explained by others, `notes` want nothing: information, accepted."""

    causes: tuple[ReportedFinding, ...]
    consequences: tuple[ReportedFinding, ...]
    notes: tuple[ReportedFinding, ...]


def divide_findings(findings: Sequence[ReportedFinding]) -> Sections:
    """The findings by section, in their order."""
    notes = tuple(finding for finding in findings if not finding.counts and not finding.explained_by)
    told = [finding for finding in findings if finding not in notes]
    return Sections(
        causes=tuple(finding for finding in told if finding.role == "cause"),
        consequences=tuple(finding for finding in told if finding.role == "consequence"),
        notes=notes,
    )


class Group(NamedTuple):
    """Checks that ended without a judgement for the same reason (None where none was given)."""

    reason: str | None
    checks: tuple[ReportedCheck, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(check.id for check in self.checks))

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(check.subject for check in self.checks))


def group_by_reason(checks: Iterable[ReportedCheck]) -> list[Group]:
    """The checks by their reason: an appliance that nobody can log in to takes many checks with it."""
    reasons: dict[str | None, list[ReportedCheck]] = {}
    for check in checks:
        reasons.setdefault(check.reason, []).append(check)
    return [Group(reason, tuple(alike)) for reason, alike in reasons.items()]
