"""Which causes stop a path, as far as a report tells: what is written on the arrow in a picture."""

from collections.abc import Iterable, Iterator

from bot.knowledge.load import load
from bot.model.finding import Severity
from bot.model.report import Report, ReportedFinding, ReportedPath


def blame(report: Report, path: ReportedPath) -> tuple[ReportedFinding, ...]:
    """The causes behind a path that does not work, worst first; empty for one that does, or where none is known."""
    if path.status == "ok":
        return ()
    if path.status == "unknown":
        return tuple(_logins(report, path))
    on_path = [finding for finding in report.findings if _is_about(finding, path)]
    found = list(_roots(report, sorted(on_path, key=_badness)))
    at_ends = [cause for cause in report.causes if cause.subject in (path.sender, path.receiver)]
    return tuple(found or [cause for cause in at_ends if cause.severity is Severity.CRITICAL])


def _is_about(finding: ReportedFinding, path: ReportedPath) -> bool:
    """The release and the command path have the same ends, so the catalogue decides between them."""
    if finding.subject != f"{path.sender} -> {path.receiver}":
        return False
    entry = load().entries.get(finding.id)
    return entry is None or path.kind in entry.subjects


def _roots(report: Report, findings: Iterable[ReportedFinding]) -> Iterator[ReportedFinding]:
    """The causes at the ends of the chains that explain the findings, each once, those of the first finding first."""
    known = {(finding.id, finding.subject): finding for finding in report.findings}
    queue, seen = list(findings), set[tuple[str, str]]()
    while queue:
        finding = queue.pop(0)
        if (finding.id, finding.subject) in seen:
            continue
        seen.add((finding.id, finding.subject))
        if finding.role == "cause":
            yield finding
        links = ((link.id, link.subject) for link in finding.explained_by)
        queue[:0] = [known[link] for link in links if link in known]


def _logins(report: Report, path: ReportedPath) -> Iterator[ReportedFinding]:
    entries = load().entries
    at_sender = (cause for cause in report.causes if cause.subject == path.sender and cause.id in entries)
    return (cause for cause in at_sender if entries[cause.id].prevents in ("login", "command"))


def _badness(finding: ReportedFinding) -> int:
    return list(Severity).index(finding.severity)
