"""What verified means: reports before and after a change, and what is said about them."""

import datetime as dt
from typing import Any

import pytest

from bot.knowledge.load import load
from bot.model.finding import Evidence, Severity, Status
from bot.model.remediation import Progress, RemediationState
from bot.model.report import Explanation, Report, ReportedCheck, ReportedFinding
from bot.remediation.verify import find_known, find_proofs, judge
from tests.remediation.make import NOW, plan_of, planned

CLOCK = dt.datetime(2026, 11, 24, 3, 0)
CIPHERS, HANDSHAKE = "tls.ciphers.admit-anonymous", "tls.handshake.anonymous-cipher"
PATH = "esa-a2 -> sma-a"


def finding_of(
    id_: str, subject: str, at: str = "02:59:00", explained_by: tuple[Explanation, ...] = (), **details: Any
) -> ReportedFinding:
    line = f"Tue Nov 24 {at} 2026 Info: DCID 5 TLS failed"
    return ReportedFinding(
        id=id_,
        severity=Severity.CRITICAL,
        role="consequence" if explained_by else "cause",
        explained_by=explained_by,
        subject=subject,
        title="",
        why="",
        details=details,
        evidence=(Evidence(appliance="esa-a2", command="grep", excerpt=line, at=NOW),),
    )


def report_of(*findings: ReportedFinding, **statuses: Status) -> Report:
    """`tls_ciphers=Status.ERROR` and the like; passed, or failed where a finding stands, by default."""
    subjects = {"tls.ciphers": "esa-a2", "tls.handshake": PATH, "queue.quarantine": PATH}
    checks = tuple(
        ReportedCheck(
            id=check,
            subject=subject,
            status=statuses.get(check.replace(".", "_"), Status.PASSED),
            reason="it broke",
            seconds=0.1,
        )
        for check, subject in subjects.items()
    )
    return Report(
        id="01RUN",
        site="site-a",
        language="en",
        started=NOW,
        seconds=1.0,
        verdict="broken",
        paths=(),
        checks=checks,
        findings=findings,
    )


WEAK = finding_of(CIPHERS, "esa-a2")
FAILED = finding_of(HANDSHAKE, PATH, explained_by=(Explanation(id=CIPHERS, subject="esa-a2"),))
QUEUE = finding_of("queue.quarantine.stalled", PATH, explained_by=(Explanation(id=HANDSHAKE, subject=PATH),))
BEFORE = report_of(WEAK, FAILED, QUEUE)


def verdict(after: Report, before: Report = BEFORE, clock: dt.datetime | None = CLOCK, **plan: Any) -> str:
    started = planned(
        state=RemediationState.STARTED,
        plan=plan_of(**plan),
        known=find_known(before),
        proofs=find_proofs(before, plan_of(**plan), load()),
        progress=Progress(sent=2, answered=2, clock=clock, done=True),
    )
    assert started.plan is not None
    return judge(started, started.plan, after, clock, load()).state.value


def test_only_tls_findings_that_it_explains_want_a_proof() -> None:
    assert find_proofs(BEFORE, plan_of(), load()) == (f"{HANDSHAKE} {PATH}",)
    assert find_proofs(report_of(WEAK, finding_of(HANDSHAKE, PATH)), plan_of(), load()) == ()


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (report_of(), "verified"),
        (report_of(QUEUE), "verified"),
        (report_of(finding_of("queue.quarantine.backlog", PATH)), "verified"),
        (report_of(WEAK), "not-resolved"),
        (report_of(finding_of(HANDSHAKE, PATH, at="02:59:59")), "waiting"),
        (report_of(finding_of(HANDSHAKE, PATH, at="03:00:01")), "not-resolved"),
        (report_of(finding_of("queue.release.stalled", "sma-a -> esa-a1")), "not-resolved"),
        (report_of(finding_of("log.delivery.failing", PATH, recovered="yes")), "verified"),
        (report_of(tls_ciphers=Status.ERROR), "could-not-tell"),
        (report_of(tls_ciphers=Status.SKIPPED), "could-not-tell"),
        (report_of(tls_handshake=Status.ERROR), "could-not-tell"),
        (report_of(tls_handshake=Status.SKIPPED), "waiting"),
    ],
)
def test_what_shows_afterwards(after: Report, state: str) -> None:
    assert verdict(after) == state


def test_without_the_time_of_the_appliance_no_old_line_decides() -> None:
    assert verdict(report_of(finding_of(HANDSHAKE, PATH, at="03:59:59")), clock=None) == "waiting"


def test_a_check_that_was_not_asked_proves_nothing() -> None:
    assert verdict(report_of().model_copy(update={"checks": ()})) == "could-not-tell"


def test_an_undo_succeeds_when_the_finding_is_back() -> None:
    assert verdict(report_of(WEAK), before=report_of(), undoes=True) == "verified"
    assert verdict(report_of(), before=report_of(), undoes=True) == "not-resolved"
