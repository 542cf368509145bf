"""Reports to render, written by hand: what a run of a broken, a healthy and an open site looks like."""

import datetime as dt

import pytest

from bot.model.finding import Evidence, Severity, Status
from bot.model.report import (
    Coverage,
    Explanation,
    Fix,
    Impact,
    Report,
    ReportedCheck,
    ReportedFinding,
    ReportedPath,
)

START = dt.datetime(2026, 11, 24, 3, 0, 0, 123456, tzinfo=dt.UTC)
ELSEWHERE = dt.timezone(dt.timedelta(hours=2))

CAUSE = ReportedFinding(
    id="setup.service.sma-suspended",
    severity=Severity.CRITICAL,
    role="cause",
    subject="sma-a",
    title="The SMA sma-a is suspended and takes no mail",
    why="`System status:` of sma-a is Offline. The ESAs queue all quarantined mail, and it bounces when that "
    "lasts. See *Management Appliance -> System Administration*.",
    details={"system_status": "Offline"},
    evidence=(
        Evidence(
            appliance="sma-a",
            command="status",
            excerpt="System status: Offline",
            at=dt.datetime(2026, 11, 24, 5, 0, 1, tzinfo=ELSEWHERE),
        ),
    ),
    fixes=(
        Fix(
            id="resume-receiving",
            title="Resume sma-a",
            applicability="approval",
            approvals=1,
            steps=("Make sure that it is no planned stop.", "Run `resume` on sma-a."),
            commands=("resume", ""),
            undo=("suspend", ""),
            risk="medium",
            effect="All listeners of sma-a accept connections again.",
            source="TechNote 200068, Listeners",
        ),
    ),
)
CONSEQUENCE = ReportedFinding(
    id="queue.quarantine.stalled",
    severity=Severity.CRITICAL,
    role="consequence",
    explained_by=(Explanation(id="setup.service.sma-suspended", subject="sma-a"),),
    subject="esa-a1 -> sma-a",
    title="Quarantine mail is stuck on esa-a1: 412 recipients wait",
    why="Nothing of the queue is delivered.",
    evidence=(
        Evidence(appliance="esa-a1", command="tophosts", excerpt="1* the.cpq.host 412 0 0 4 0", at=START),
    ),
)
NOTE = ReportedFinding(
    id="log.activity.none",
    severity=Severity.INFO,
    role="consequence",
    subject="esa-a2 -> sma-a",
    title="No CPQ traffic from esa-a2 to sma-a in the logs",
    why="Searched: mail_logs, 60 minutes.",
)


@pytest.fixture
def broken() -> Report:
    """A suspended SMA with a stuck queue; one ESA could not be asked about its queue."""
    return Report(
        id="01JTEST",
        site="site-a",
        language="en",
        started=START,
        seconds=2.3149,
        verdict="broken",
        impact=Impact(waiting=412, oldest_minutes=97, bounces_at=dt.datetime(2026, 11, 27, tzinfo=dt.UTC)),
        coverage=Coverage(unlisted_peers=("10.10.9.9",)),
        paths=(
            ReportedPath(kind="quarantine", sender="esa-a1", receiver="sma-a", status="failed"),
            ReportedPath(kind="release", sender="sma-a", receiver="esa-a1", status="ok"),
            ReportedPath(kind="quarantine", sender="esa-a2", receiver="sma-a", status="unknown"),
        ),
        checks=(
            ReportedCheck(id="setup.service", subject="sma-a", status=Status.FAILED, seconds=0.41),
            ReportedCheck(id="setup.listener", subject="sma-a", status=Status.PASSED, seconds=0.2),
            ReportedCheck(
                id="queue.quarantine",
                subject="esa-a2 -> sma-a",
                status=Status.ERROR,
                reason="esa-a2 did not answer `tophosts` within 30 s.",
                seconds=30,
            ),
            ReportedCheck(
                id="tls.ciphers",
                subject="sma-a",
                status=Status.SKIPPED,
                reason="The SMA shows no outbound cipher list.",
                seconds=0,
            ),
        ),
        findings=(CAUSE, CONSEQUENCE, NOTE),
    )


@pytest.fixture
def healthy() -> Report:
    """A site where everything passed."""
    return Report(
        id="01JWELL",
        site="site-a",
        language="en",
        started=START,
        seconds=1.0,
        verdict="healthy",
        paths=(ReportedPath(kind="quarantine", sender="esa-a1", receiver="sma-a", status="ok"),),
        checks=(ReportedCheck(id="setup.service", subject="sma-a", status=Status.PASSED, seconds=0.4),),
        findings=(),
    )
