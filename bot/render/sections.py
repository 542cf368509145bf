"""Which findings people read where: every finding stands in exactly one section."""

from typing import NamedTuple

from bot.model.report import Report, ReportedFinding


class Sections(NamedTuple):
    """`causes` want action, `consequences` are explained by others, `notes` want nothing: information, accepted."""

    causes: tuple[ReportedFinding, ...]
    consequences: tuple[ReportedFinding, ...]
    notes: tuple[ReportedFinding, ...]


def divide(report: Report) -> Sections:
    """The findings of a report by section, in the report's order."""
    notes = tuple(finding for finding in report.findings if not finding.counts and not finding.explained_by)
    told = [finding for finding in report.findings if finding not in notes]
    return Sections(
        causes=tuple(finding for finding in told if finding.role == "cause"),
        consequences=tuple(finding for finding in told if finding.role == "consequence"),
        notes=notes,
    )
