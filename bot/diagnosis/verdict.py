"""What the findings mean for each path and for the site; the rules of the contract, section 4; pure."""

from collections.abc import Iterable, Sequence

from bot.knowledge.knowledge import Knowledge
from bot.model.finding import Finding, Outcome, Status
from bot.model.report import PathStatus, ReportedFinding, ReportedPath, Verdict
from bot.model.subject import Path, Subject


def judge_paths(
    subjects: Sequence[Subject],
    findings: Sequence[Finding],
    outcomes: Sequence[Outcome],
    knowledge: Knowledge,
) -> list[ReportedPath]:
    """Every path with its status, in the order of the subjects."""
    return [
        ReportedPath(
            kind=path.kind,
            sender=path.sender.name,
            receiver=path.receiver.name,
            status=_path_status(path, findings, outcomes, knowledge),
        )
        for path in subjects
        if isinstance(path, Path)
    ]


def judge_site(
    paths: Iterable[ReportedPath],
    findings: Iterable[ReportedFinding],
    outcomes: Iterable[Outcome],
    knowledge: Knowledge,
) -> Verdict:
    """The site's verdict; what is accepted has no part in it, and what could not be told is never healthy."""
    counting = [finding for finding in findings if finding.counts]
    if any(path.status == "failed" for path in paths):
        return "broken"
    shut_out = any(knowledge.prevents(finding.id, "login") for finding in counting)
    errors = (outcome.check for outcome in outcomes if outcome.status is Status.ERROR)
    if shut_out or any(map(knowledge.matters, errors)):
        return "unknown"
    return "degraded" if counting else "healthy"


def _path_status(
    path: Path, findings: Sequence[Finding], outcomes: Sequence[Outcome], knowledge: Knowledge
) -> PathStatus:
    if any(knowledge.stops(finding, path) for finding in findings):
        return "failed"
    at_sender = (finding.id for finding in findings if finding.subject == path.sender)
    if any(knowledge.prevents(finding, "login") for finding in at_sender):
        return "unknown"
    probes = (one for one in outcomes if one.subject == path and knowledge.probes(one.check))
    return "ok" if any(one.status in (Status.PASSED, Status.FAILED) for one in probes) else "unknown"
