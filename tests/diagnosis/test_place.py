"""Where findings meet: each rule, with what it turns on and without."""

from collections.abc import Sequence

import pytest

from bot.diagnosis.place import place_findings
from bot.knowledge.load import load
from bot.model.finding import Finding, Outcome, Severity, Status
from bot.model.subject import Node, Path, Subject

SMA, ESA1, ESA2 = (
    Node("sma-a", "sma", "10.10.10.1"),
    Node("esa-a1", "esa", "10.10.20.1"),
    Node("esa-a2", "esa", "10.10.20.2"),
)
Q1, Q2 = Path("quarantine", ESA1, SMA), Path("quarantine", ESA2, SMA)
R1, R2 = Path("release", SMA, ESA1), Path("release", SMA, ESA2)
C1, C2 = Path("command", SMA, ESA1), Path("command", SMA, ESA2)
TWO: Sequence[Subject] = (SMA, ESA1, ESA2, Q1, R1, C1, Q2, R2, C2)
ONE: Sequence[Subject] = (SMA, ESA1, Q1, R1, C1)


def found(id: str, subject: Subject, severity: Severity = Severity.CRITICAL, **details: str) -> Finding:
    return Finding(id, subject, severity, (), details)


def outcome(finding: Finding) -> Outcome:
    wrong = finding.severity is not Severity.INFO
    return Outcome(
        finding.check, finding.subject, Status.FAILED if wrong else Status.PASSED, findings=(finding,)
    )


def place(
    *findings: Finding, subjects: Sequence[Subject] = TWO, probes: Sequence[Outcome] = ()
) -> list[Outcome]:
    return place_findings([*map(outcome, findings), *probes], subjects, load())


def told(outcomes: Sequence[Outcome]) -> set[tuple[str, str]]:
    return {(finding.id, str(finding.subject)) for outcome in outcomes for finding in outcome.findings}


# --- the SMA's one release queue ----------------------------------------------------------------------------

STALLED = found("queue.release.stalled", SMA)


def test_release_queue_goes_to_the_paths_that_fail() -> None:
    blocked = found("connectivity.cpq.timeout", R1)
    assert ("queue.release.stalled", "sma-a -> esa-a1") in told(place(STALLED, blocked))
    both = told(place(STALLED, blocked, found("setup.service.esa-suspended", ESA2, delivery="on")))
    assert {subject for id, subject in both if id == STALLED.id} == {"sma-a -> esa-a1", "sma-a -> esa-a2"}


def test_release_queue_goes_to_the_only_release_path() -> None:
    assert told(place(STALLED, subjects=ONE)) == {("queue.release.stalled", "sma-a -> esa-a1")}


def test_release_queue_stays_at_the_sma_when_no_path_is_to_blame() -> None:
    assert told(place(STALLED)) == {("queue.release.stalled", "sma-a")}


# --- an ESA without the listener ----------------------------------------------------------------------------

MISSING = found("setup.listener.missing", ESA1)
READY = found("setup.enable.ready", ESA1, Severity.INFO)
BLOCKED = found("setup.enable.blocked", ESA1, Severity.WARNING)


def test_an_esa_that_is_not_enabled_misses_no_listener() -> None:
    outcomes = place(MISSING, READY)
    assert told(outcomes) == {("setup.enable.ready", "esa-a1")}
    assert {one.status for one in outcomes} == {Status.PASSED}


def test_the_sma_does() -> None:
    assert told(place(found("setup.listener.missing", SMA))) == {("setup.listener.missing", "sma-a")}


@pytest.mark.parametrize("reason", ["setup.cluster.interface-missing", "setup.version.unsupported"])
@pytest.mark.parametrize("enable", [READY, BLOCKED], ids=["ready", "blocked"])
def test_what_keeps_pvo_off_takes_the_place_of_enabling(reason: str, enable: Finding) -> None:
    outcomes = place(MISSING, enable, found(reason, ESA1))
    assert told(outcomes) == {("setup.listener.missing", "esa-a1"), (reason, "esa-a1")}


@pytest.mark.parametrize(
    "obstacle",
    [
        found("tls.handshake.anonymous-cipher", Q1),
        found("connectivity.cpq.timeout", Q1),
        found("setup.service.sma-suspended", SMA, delivery="on"),
        found("setup.cluster.override", ESA1, Severity.WARNING),
        found("setup.cluster.level-conflict", ESA1, Severity.WARNING),
        found("setup.cluster.member-not-added", SMA, members="esa-a1"),
        found("setup.changes.pending", SMA, Severity.WARNING),
        found("setup.listener.missing", SMA),
        found("setup.version.unsupported", SMA),
    ],
    ids=lambda finding: finding.id,
)
def test_ready_becomes_blocked_where_something_stands_in_the_way(obstacle: Finding) -> None:
    outcomes = place(READY, obstacle)
    assert told(outcomes) == {("setup.enable.blocked", "esa-a1"), (obstacle.id, str(obstacle.subject))}
    assert {one.status for one in outcomes} == {Status.FAILED}


@pytest.mark.parametrize(
    "elsewhere",
    [
        found("tls.handshake.anonymous-cipher", Q2),
        found("connectivity.cpq.timeout", R1),
        found("setup.changes.pending", ESA1, Severity.WARNING),
        found("queue.quarantine.backlog", Q1, Severity.WARNING),
    ],
    ids=lambda finding: f"{finding.id} {finding.subject}",
)
def test_ready_stays_ready_where_the_trouble_is_elsewhere(elsewhere: Finding) -> None:
    assert ("setup.enable.ready", "esa-a1") in told(place(READY, elsewhere))


# --- application faults -------------------------------------------------------------------------------------

FAULT = found("log.application.fault", SMA, Severity.WARNING)


def severity(outcomes: Sequence[Outcome]) -> Severity:
    return next(f.severity for one in outcomes for f in one.findings if f.id == FAULT.id)


def test_a_fault_is_critical_with_stuck_releases_on_paths_that_are_fine() -> None:
    assert severity(place(FAULT, STALLED)) is Severity.CRITICAL
    assert severity(place(FAULT, STALLED, found("connectivity.cpq.timeout", Q1))) is Severity.CRITICAL


def test_a_fault_alone_or_with_a_broken_release_path_is_a_warning() -> None:
    assert severity(place(FAULT)) is Severity.WARNING
    assert severity(place(FAULT, STALLED, found("connectivity.cpq.timeout", R1))) is Severity.WARNING
    assert severity(place(FAULT, STALLED, found("connectivity.command.blocked", C2))) is Severity.WARNING


# --- logs ---------------------------------------------------------------------------------------------------

SILENCE = found("log.activity.none", Q1, Severity.INFO)


def test_silence_is_told_where_nothing_critical_stands() -> None:
    assert SILENCE.id in {id for id, _ in told(place(SILENCE, found("connectivity.cpq.timeout", Q2)))}
    latent = found("tls.ciphers.admit-anonymous", ESA1, Severity.WARNING)
    assert SILENCE.id in {id for id, _ in told(place(SILENCE, latent))}


@pytest.mark.parametrize("subject", [Q1, ESA1, SMA], ids=str)
def test_silence_is_no_news_beside_something_critical(subject: Subject) -> None:
    assert SILENCE.id not in {
        id for id, _ in told(place(SILENCE, found("connectivity.ssh.refused", subject)))
    }


REJECTED = found("log.receiver.rejected", Q1, Severity.WARNING, strangers="no")
PASSED1, PASSED2 = (Outcome("connectivity.cpq", path, Status.PASSED) for path in (Q1, Q2))


def test_old_rejections_are_told_where_the_probe_succeeds_now() -> None:
    assert told(place(REJECTED, probes=[PASSED1])) == {(REJECTED.id, "esa-a1 -> sma-a")}


def test_rejections_stand_below_the_rejection_of_now() -> None:
    now = found("connectivity.cpq.rejected", Q1)
    assert (REJECTED.id, "esa-a1 -> sma-a") in told(place(REJECTED, now))


@pytest.mark.parametrize("status", [Status.FAILED, Status.ERROR, Status.SKIPPED])
def test_old_rejections_say_nothing_where_the_path_is_not_known_to_be_fine(status: Status) -> None:
    assert told(place(REJECTED, probes=[Outcome("connectivity.cpq", Q1, status)])) == set()


def test_strangers_are_told_once() -> None:
    strange = [found(REJECTED.id, path, Severity.WARNING, strangers="yes") for path in (Q1, Q2)]
    assert told(place(*strange, probes=[PASSED1, PASSED2])) == {(REJECTED.id, "esa-a1 -> sma-a")}
    now = found("connectivity.cpq.rejected", Q2)
    assert (REJECTED.id, "esa-a2 -> sma-a") in told(place(*strange, now, probes=[PASSED1]))
    assert (REJECTED.id, "esa-a1 -> sma-a") not in told(place(*strange, now, probes=[PASSED1]))


def test_what_did_not_end_keeps_its_status() -> None:
    broken = Outcome("log.receiver", Q1, Status.ERROR, "x", findings=())
    assert place_findings([broken], TWO, load()) == [broken]
