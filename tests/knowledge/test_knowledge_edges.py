"""The edges of the catalogue, row by row: what becomes a consequence of what, and what does not."""

import pytest

from bot.knowledge import load
from bot.model.finding import Detail, Finding, Severity
from bot.model.subject import Node, Path, Subject

S = Node("sma-a", "sma", "10.10.10.1")
E1 = Node("esa-a1", "esa", "10.10.20.1")
E2 = Node("esa-a2", "esa", "10.10.20.2")
Q1, Q2 = Path("quarantine", E1, S), Path("quarantine", E2, S)
R1, R2 = Path("release", S, E1), Path("release", S, E2)
C1, C2 = Path("command", S, E1), Path("command", S, E2)

SUSPENDED = "setup.service.sma-suspended"
ESA_SUSPENDED = "setup.service.esa-suspended"
NOT_ADDED = "setup.cluster.member-not-added"
BLOCKED = "setup.enable.blocked"
FAILING = "log.delivery.failing"
ANONYMOUS = "tls.handshake.anonymous-cipher"
ADMITS = "tls.ciphers.admit-anonymous"


def explains(
    cause: str,
    at: Subject,
    effect: str,
    there: Subject,
    severity: Severity = Severity.CRITICAL,
    **details: Detail,
) -> bool:
    one = Finding(cause, at, severity, (), details)
    other = Finding(effect, there, Severity.WARNING, ())
    return any(edge.covers(one, other) for edge in load().entry(cause).explains)


@pytest.mark.parametrize(
    ("cause", "at", "effect", "there"),
    [
        ("connectivity.cpq.timeout", Q1, "queue.quarantine.stalled", Q1),
        ("connectivity.cpq.refused", R1, "queue.release.stalled", R1),
        ("connectivity.cpq.dropped", R1, "queue.release.backlog", S),
        ("connectivity.cpq.silent", Q1, FAILING, Q1),
        ("connectivity.cpq.timeout", Q1, BLOCKED, E1),
        ("connectivity.cpq.rejected", Q1, "log.receiver.rejected", Q1),
        ("connectivity.cpq.busy", Q1, "queue.quarantine.backlog", Q1),
        ("connectivity.cpq.masked-banner", Q1, "tls.handshake.not-offered", Q1),
        ("connectivity.command.blocked", C1, "queue.release.stalled", R1),
        ("connectivity.command.auth-failed", C1, "queue.release.stalled", S),
        ("connectivity.name.unresolvable", Q1, "connectivity.cpq.timeout", Q1),
        (SUSPENDED, S, "connectivity.cpq.refused", Q1),
        (SUSPENDED, S, "connectivity.cpq.silent", Q2),
        (SUSPENDED, S, "queue.quarantine.stalled", Q1),
        (SUSPENDED, S, FAILING, Q1),
        (SUSPENDED, S, BLOCKED, E1),
        (ESA_SUSPENDED, E1, "connectivity.cpq.dropped", R1),
        (ESA_SUSPENDED, E1, "queue.release.stalled", R1),
        ("setup.service.esa-delivery-suspended", E1, "queue.quarantine.stalled", Q1),
        ("setup.listener.missing", S, "connectivity.cpq.refused", Q2),
        ("setup.listener.missing", S, BLOCKED, E2),
        ("setup.listener.port-mismatch", Q1, "connectivity.cpq.timeout", Q1),
        ("setup.listener.peer-not-allowed", R1, "connectivity.cpq.rejected", R1),
        ("setup.delivery.wrong-interface", E1, "connectivity.cpq.timeout", Q1),
        ("setup.cluster.interface-missing", E1, "connectivity.cpq.refused", R1),
        ("setup.changes.pending", S, BLOCKED, E1),
        ("setup.version.unsupported", E1, BLOCKED, E1),
        ("setup.version.unsupported", S, "connectivity.cpq.refused", Q1),
        ("setup.clock.skewed", Q1, "tls.certificate.unverified", Q1),
        ("setup.clock.skewed", Q1, "tls.certificate.unverified", R1),
        (ANONYMOUS, R1, "queue.release.stalled", R1),
        (ANONYMOUS, Q1, BLOCKED, E1),
        (ADMITS, E1, ANONYMOUS, Q1),
        (ADMITS, S, ANONYMOUS, R2),
        ("tls.certificate.unverified", Q1, FAILING, Q1),
        ("queue.quarantine.stalled", Q1, "queue.quarantine.expiring", Q1),
        ("log.application.fault", S, "queue.release.stalled", R1),
    ],
)
def test_explains(cause: str, at: Subject, effect: str, there: Subject) -> None:
    assert explains(cause, at, effect, there)


@pytest.mark.parametrize(
    ("cause", "at", "effect", "there"),
    [
        ("connectivity.cpq.timeout", Q1, "queue.quarantine.stalled", Q2),
        ("connectivity.cpq.timeout", Q1, "queue.release.stalled", R1),
        ("connectivity.cpq.timeout", R1, BLOCKED, E1),
        ("connectivity.cpq.timeout", Q1, "log.receiver.rejected", Q1),
        ("connectivity.cpq.busy", Q1, BLOCKED, E1),
        ("connectivity.command.blocked", C1, "queue.release.stalled", R2),
        ("connectivity.command.blocked", C1, "queue.quarantine.stalled", Q1),
        (SUSPENDED, S, "connectivity.cpq.refused", R1),
        (SUSPENDED, S, "connectivity.cpq.timeout", Q1),
        (SUSPENDED, S, FAILING, R1),
        (ESA_SUSPENDED, E1, "connectivity.cpq.refused", R2),
        (ESA_SUSPENDED, E1, "connectivity.cpq.refused", Q1),
        ("setup.service.esa-delivery-suspended", E1, "queue.release.stalled", R1),
        ("setup.listener.missing", S, "connectivity.cpq.refused", R1),
        ("setup.changes.pending", E1, BLOCKED, E1),
        ("setup.changes.pending", E1, BLOCKED, E2),
        (ADMITS, E1, ANONYMOUS, R1),
        (ADMITS, E1, ANONYMOUS, Q2),
        (ADMITS, S, ANONYMOUS, Q1),
        (ADMITS, E1, "tls.handshake.failed", Q1),
        ("connectivity.cpq.masked-banner", Q1, ADMITS, E1),
        (FAILING, Q1, "queue.quarantine.stalled", Q1),
    ],
)
def test_does_not_explain(cause: str, at: Subject, effect: str, there: Subject) -> None:
    assert not explains(cause, at, effect, there)


@pytest.mark.parametrize(
    ("cause", "at", "effect", "there"),
    [
        (SUSPENDED, S, "queue.release.stalled", R1),
        (ESA_SUSPENDED, E1, "queue.quarantine.stalled", Q1),
    ],
)
def test_a_suspension_stops_sending_only_where_delivery_is_off_too(
    cause: str, at: Subject, effect: str, there: Subject
) -> None:
    assert explains(cause, at, effect, there, delivery="off")
    assert not explains(cause, at, effect, there, delivery="on")
    assert not explains(cause, at, effect, there)


def test_an_application_fault_explains_only_when_it_is_critical() -> None:
    fault = ("log.application.fault", S, "queue.release.stalled", R1)

    assert not explains(*fault, severity=Severity.WARNING)


def test_members_not_added_are_rejected_and_no_others() -> None:
    assert explains(NOT_ADDED, S, "connectivity.cpq.rejected", Q1, members="esa-a1, esa-a3")
    assert not explains(NOT_ADDED, S, "connectivity.cpq.rejected", Q2, members="esa-a1, esa-a3")
    assert not explains(NOT_ADDED, S, "connectivity.cpq.rejected", R1, members="esa-a1")


def test_no_finding_explains_itself_over_a_chain() -> None:
    knowledge = load()
    reached = {
        cause: {
            other
            for other in knowledge.findings
            for edge in knowledge.entry(cause).explains
            if edge.matches(other)
        }
        for cause in knowledge.findings
    }
    for middle in knowledge.findings:
        for cause in knowledge.findings:
            if middle in reached[cause]:
                reached[cause] |= reached[middle]

    assert [finding for finding, effects in reached.items() if finding in effects] == []
