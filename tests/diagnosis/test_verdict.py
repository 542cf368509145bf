"""What findings and outcomes mean for paths and for the site."""

import pytest

from bot.diagnosis.verdict import judge_paths, judge_site
from bot.knowledge.load import load
from bot.model.finding import Finding, Outcome, Severity, Status
from bot.model.report import ReportedFinding
from bot.model.subject import Node, Path, Subject

KNOWLEDGE = load()
SMA, ESA = Node("sma-a", "sma", "10.10.10.1"), Node("esa-a1", "esa", "10.10.20.1")
Q, R, C = Path("quarantine", ESA, SMA), Path("release", SMA, ESA), Path("command", SMA, ESA)
SUBJECTS = (SMA, ESA, Q, R, C)
ASKED = [
    Outcome("connectivity.cpq", Q, Status.PASSED),
    Outcome("connectivity.cpq", R, Status.PASSED),
    Outcome("connectivity.command", C, Status.PASSED),
]


def found(id: str, subject: Subject, severity: Severity = Severity.CRITICAL, **details: str) -> Finding:
    return Finding(id, subject, severity, (), details)


def paths(*findings: Finding, outcomes: list[Outcome] = ASKED) -> dict[str, str]:
    return {path.kind: path.status for path in judge_paths(SUBJECTS, findings, outcomes, KNOWLEDGE)}


def verdict(*findings: Finding, outcomes: list[Outcome] = ASKED, accepted: bool = False) -> str:
    reported = [
        ReportedFinding(
            id=finding.id, severity=finding.severity, role="cause", subject=str(finding.subject), title="", why="",
            accepted=accepted,
        )
        for finding in findings
    ]  # fmt: skip
    return judge_site(judge_paths(SUBJECTS, findings, outcomes, KNOWLEDGE), reported, outcomes, KNOWLEDGE)


def test_nothing_found_is_healthy() -> None:
    assert paths() == {"quarantine": "ok", "release": "ok", "command": "ok"}
    assert verdict() == "healthy"


@pytest.mark.parametrize(
    ("finding", "failed"),
    [
        (found("connectivity.cpq.refused", Q), {"quarantine"}),
        (found("connectivity.cpq.timeout", R), {"release"}),
        (found("connectivity.command.blocked", C), {"command"}),
        (found("tls.handshake.anonymous-cipher", Q), {"quarantine"}),
        (found("tls.certificate.unverified", R), {"release"}),
        (found("setup.listener.missing", SMA), {"quarantine"}),
        (found("setup.service.sma-suspended", SMA, delivery="off"), {"quarantine", "release"}),
        (found("setup.service.sma-suspended", SMA, delivery="on"), {"quarantine"}),
        (found("setup.service.esa-suspended", ESA, delivery="on"), {"release"}),
        (found("setup.service.esa-suspended", ESA, delivery="off"), {"release", "quarantine"}),
        (found("setup.service.esa-delivery-suspended", ESA), {"quarantine"}),
        (found("queue.quarantine.stalled", Q), {"quarantine"}),
        (found("queue.release.stalled", R), {"release"}),
    ],
    ids=lambda value: value.id if isinstance(value, Finding) else "",
)
def test_what_fails_a_path_makes_the_site_broken(finding: Finding, failed: set[str]) -> None:
    assert {kind for kind, status in paths(finding).items() if status == "failed"} == failed
    assert verdict(finding) == "broken"


@pytest.mark.parametrize(
    "finding",
    [
        found("connectivity.cpq.busy", Q, Severity.WARNING),
        found("queue.quarantine.backlog", Q, Severity.WARNING),
        found("log.delivery.failing", Q, Severity.WARNING),
        found("tls.ciphers.admit-anonymous", ESA, Severity.WARNING),
        found("setup.listener.port-mismatch", Q, Severity.WARNING),
    ],
    ids=lambda finding: finding.id,
)
def test_a_weakness_without_a_failure_is_degraded(finding: Finding) -> None:
    assert set(paths(finding).values()) == {"ok"}
    assert verdict(finding) == "degraded"


def test_a_login_that_failed_leaves_its_paths_and_the_site_unknown() -> None:
    login = found("connectivity.ssh.auth-failed", SMA)
    asked = [
        ASKED[0],
        Outcome("connectivity.cpq", R, Status.SKIPPED),
        Outcome("connectivity.command", C, Status.SKIPPED),
    ]
    assert paths(login, outcomes=asked) == {"quarantine": "ok", "release": "unknown", "command": "unknown"}
    assert verdict(login, outcomes=asked) == "unknown"
    assert verdict(login, found("connectivity.cpq.refused", Q), outcomes=asked) == "broken"


def test_an_errored_check_that_matters_is_never_healthy() -> None:
    errored = [*ASKED[1:], Outcome("connectivity.cpq", Q, Status.ERROR, "no answer")]
    assert paths(outcomes=errored)["quarantine"] == "unknown"
    assert verdict(outcomes=errored) == "unknown"
    assert verdict(outcomes=[*ASKED, Outcome("log.delivery", Q, Status.ERROR)]) == "healthy"
    assert verdict(outcomes=[*ASKED, Outcome("tls.handshake", Q, Status.SKIPPED)]) == "healthy"


def test_what_is_accepted_does_not_degrade() -> None:
    assert verdict(found("tls.ciphers.admit-anonymous", ESA, Severity.WARNING), accepted=True) == "healthy"
