"""Causes and consequences from the edges of the knowledge."""

from bot.diagnosis.causes import find_causes
from bot.knowledge.load import load
from bot.model.finding import Finding, Severity
from bot.model.subject import Node, Path, Subject

SMA, ESA1, ESA2 = (
    Node("sma-a", "sma", "10.10.10.1"),
    Node("esa-a1", "esa", "10.10.20.1"),
    Node("esa-a2", "esa", "10.10.20.2"),
)
Q1, Q2 = Path("quarantine", ESA1, SMA), Path("quarantine", ESA2, SMA)
R1, R2 = Path("release", SMA, ESA1), Path("release", SMA, ESA2)


def found(id: str, subject: Subject, severity: Severity = Severity.CRITICAL, **details: str) -> Finding:
    return Finding(id, subject, severity, (), details)


def causes(*findings: Finding) -> set[tuple[str, str]]:
    return {(j.finding.id, str(j.finding.subject)) for j in find_causes(findings, load()) if j.is_cause}


def test_a_chain_has_one_cause_and_names_what_explains_what() -> None:
    ciphers = found("tls.ciphers.admit-anonymous", ESA2, Severity.WARNING)
    handshake = found("tls.handshake.anonymous-cipher", Q2)
    queue = found("queue.quarantine.stalled", Q2)

    judged = find_causes([queue, handshake, ciphers], load())

    assert [one.finding for one in judged] == [ciphers, queue, handshake]
    assert [one.is_cause for one in judged] == [True, False, False]
    assert judged[1].explained_by == (handshake,)
    assert judged[2].explained_by == (ciphers,)


def test_an_explanation_holds_only_on_its_own_path() -> None:
    assert causes(found("connectivity.cpq.timeout", Q1), found("queue.quarantine.stalled", Q2)) == {
        ("connectivity.cpq.timeout", "esa-a1 -> sma-a"),
        ("queue.quarantine.stalled", "esa-a2 -> sma-a"),
    }


def test_cipher_list_of_the_receiver_explains_nothing() -> None:
    """What counts is the list of the side that opens the connection."""
    assert causes(
        found("tls.ciphers.admit-anonymous", ESA1), found("tls.handshake.anonymous-cipher", R1)
    ) == {
        ("tls.ciphers.admit-anonymous", "esa-a1"),
        ("tls.handshake.anonymous-cipher", "sma-a -> esa-a1"),
    }


def test_a_suspended_sma_explains_both_quarantine_paths() -> None:
    findings = [
        found("setup.service.sma-suspended", SMA, system_status="Offline", delivery="off"),
        *(found("connectivity.cpq.refused", path) for path in (Q1, Q2)),
        *(found("queue.quarantine.stalled", path) for path in (Q1, Q2)),
        *(found("log.delivery.failing", path, Severity.WARNING) for path in (Q1, Q2)),
        found("queue.release.stalled", SMA),
    ]
    assert causes(*findings) == {("setup.service.sma-suspended", "sma-a")}


def test_two_independent_faults_give_two_causes() -> None:
    assert causes(
        found("connectivity.cpq.timeout", R1),
        found("queue.release.stalled", R1),
        found("setup.listener.peer-not-allowed", Q2),
        found("connectivity.cpq.rejected", Q2),
        found("queue.quarantine.stalled", Q2),
    ) == {
        ("connectivity.cpq.timeout", "sma-a -> esa-a1"),
        ("setup.listener.peer-not-allowed", "esa-a2 -> sma-a"),
    }


def test_a_consequence_without_its_cause_is_the_cause() -> None:
    assert causes(found("queue.quarantine.stalled", Q1)) == {("queue.quarantine.stalled", "esa-a1 -> sma-a")}


def test_an_information_is_never_a_cause() -> None:
    assert causes(found("log.activity.none", Q1, Severity.INFO)) == set()
