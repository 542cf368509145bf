"""Whether a change worked: the same checks again, by the contract's meaning of verified; pure."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.knowledge.knowledge import Knowledge
from bot.model.finding import Detail, Severity, Status
from bot.model.remediation import Plan, Remediation, RemediationState
from bot.model.report import Report, ReportedCheck, ReportedFinding

_STAMP = re.compile(r"\b([A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d \d{4})\b")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the appliances show after the last line; `reason` is a text of `remediation.toml`."""

    state: RemediationState
    reason: str
    details: Mapping[str, Detail] = field(default_factory=dict)


def find_known(report: Report) -> tuple[str, ...]:
    """The findings that stand before the first line, as `id subject`."""
    return tuple(_name(finding) for finding in report.findings)


def find_proofs(report: Report, plan: Plan, knowledge: Knowledge) -> tuple[str, ...]:
    """Those of them that the fix should cure and only the next attempt in a log can tell, by chains of causes."""
    cured = {f"{plan.finding} {plan.subject}"}
    while (
        more := {
            _name(finding)
            for finding in report.findings
            if any(f"{cause.id} {cause.subject}" in cured for cause in finding.explained_by)
        }
        - cured
    ):
        cured |= more
    if plan.undoes:
        return ()
    return tuple(sorted(name for name in cured if knowledge.entry(name.split()[0]).proof == "attempt"))


def judge(
    remediation: Remediation, plan: Plan, report: Report, clock: dt.datetime | None, knowledge: Knowledge
) -> Judgement:
    """The state that the report shows; WAITING where only an attempt that has not been made yet can tell.

    `clock` is the appliance's own time after the last line (naive): log lines before it prove nothing.
    """
    stands = _find(report, f"{plan.finding} {plan.subject}")
    if unjudged := _unjudged(report, plan.finding, plan.subject):
        return unjudged
    if plan.undoes:
        state = RemediationState.VERIFIED if stands else RemediationState.NOT_RESOLVED
        return Judgement(state, "verified-undo" if stands else "undone-not", {"finding": plan.finding})
    if stands and not _is_recovered(stands) and not _is_history(stands, clock, knowledge):
        return _judge_standing([stands], clock, knowledge)
    if awaited := _judge_proofs(remediation.proofs, report, clock, knowledge):
        return awaited
    if new := find_new(remediation.known, report):
        return Judgement(RemediationState.NOT_RESOLVED, "appeared", {"findings": ", ".join(new)})
    details: dict[str, Detail] = {"finding": plan.finding, "appliance": plan.appliance}
    return Judgement(RemediationState.VERIFIED, "verified", details)


def find_new(known: Iterable[str], report: Report) -> tuple[str, ...]:
    """What is wrong now and was not before: no finding of that check stood at that subject."""
    before = {_check_of(name) for name in known}
    return tuple(
        f"{finding.id} ({finding.subject})"
        for finding in report.findings
        if finding.counts and not _is_recovered(finding) and _check_of(_name(finding)) not in before
    )


def _judge_proofs(
    proofs: Iterable[str], report: Report, clock: dt.datetime | None, knowledge: Knowledge
) -> Judgement | None:
    """None when each was followed by a success."""
    standing = [finding for finding in report.findings if _name(finding) in proofs]
    if standing:
        return _judge_standing(standing, clock, knowledge)
    for name in proofs:
        finding, _, subject = name.partition(" ")
        check = find_check(report, finding, subject)
        if check and check.status is Status.ERROR:
            return _unjudged(report, finding, subject)
        if check is None or check.status is Status.SKIPPED:
            return _waiting([finding])
    return None


def _judge_standing(
    standing: list[ReportedFinding], clock: dt.datetime | None, knowledge: Knowledge
) -> Judgement:
    """A finding made of log lines is decided only by lines that are newer than the change."""
    names = ", ".join(dict.fromkeys(finding.id for finding in standing))
    old = [
        finding for finding in standing if knowledge.entry(finding.id).proof and not _is_newer(finding, clock)
    ]
    if len(old) == len(standing):
        return _waiting([finding.id for finding in standing])
    return Judgement(RemediationState.NOT_RESOLVED, "stands", {"finding": names})


def _is_history(finding: ReportedFinding, clock: dt.datetime | None, knowledge: Knowledge) -> bool:
    """Log lines of before the change that harm nothing any more."""
    harmless = finding.severity is not Severity.CRITICAL and knowledge.entry(finding.id).proof == "line"
    return harmless and clock is not None and not _is_newer(finding, clock)


def _waiting(findings: list[str]) -> Judgement:
    return Judgement(RemediationState.WAITING, "waiting", {"findings": ", ".join(dict.fromkeys(findings))})


def _unjudged(report: Report, finding: str, subject: str) -> Judgement | None:
    """A check that ended without a judgement, or was not asked, proves nothing."""
    if is_judged(report, finding, subject):
        return None
    check = find_check(report, finding, subject)
    details: dict[str, Detail] = {
        "check": ".".join(finding.split(".")[:2]),
        "reason": check.reason if check else None,
    }
    return Judgement(RemediationState.COULD_NOT_TELL, "check-ended", details)


def _is_newer(finding: ReportedFinding, clock: dt.datetime | None) -> bool:
    """Whether one of its log lines was written after the appliance's own time after the last line."""
    stamps = (stamp for evidence in finding.evidence for stamp in _STAMP.findall(evidence.excerpt))
    return clock is not None and any(
        dt.datetime.strptime(" ".join(stamp.split()), "%b %d %H:%M:%S %Y") > clock for stamp in stamps
    )


def _find(report: Report, name: str) -> ReportedFinding | None:
    return next((finding for finding in report.findings if _name(finding) == name), None)


def is_judged(report: Report, finding: str, subject: str) -> bool:
    """Whether the check that yields the finding came to a judgement of the subject."""
    check = find_check(report, finding, subject)
    return check is not None and check.status in (Status.PASSED, Status.FAILED)


def find_check(report: Report, finding: str, subject: str) -> ReportedCheck | None:
    """The check that yields the finding, as it ended for the subject."""
    wanted = (".".join(finding.split(".")[:2]), subject)
    return next((check for check in report.checks if (check.id, check.subject) == wanted), None)


def _is_recovered(finding: ReportedFinding) -> bool:
    return finding.details.get("recovered") == "yes"


def _name(finding: ReportedFinding) -> str:
    return f"{finding.id} {finding.subject}"


def _check_of(name: str) -> str:
    finding, _, subject = name.partition(" ")
    return f"{'.'.join(finding.split('.')[:2])} {subject}"
