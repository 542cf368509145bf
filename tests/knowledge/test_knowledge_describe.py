"""Findings in words: filled in, honest about what is not known, and short enough to read."""

from collections.abc import Iterator
from pathlib import Path as FilePath

import pytest

from bot.knowledge import Description, load
from bot.model.errors import Unusable
from bot.model.finding import Detail, Finding, Severity
from bot.model.subject import Kind, Node, Path, Subject

S = Node("sma-a", "sma", "10.10.10.1")
E = Node("esa-a1", "esa", "10.10.20.1")
SUBJECTS: dict[Kind, Subject] = {
    "sma": S,
    "esa": E,
    "quarantine": Path("quarantine", E, S),
    "release": Path("release", S, E),
    "command": Path("command", S, E),
}
Q, R = SUBJECTS["quarantine"], SUBJECTS["release"]
CIPHERS = "RC4-SHA:RC4-MD5:ALL"


def describe(finding_id: str, subject: Subject, **details: Detail) -> Description:
    return tell(finding_id, subject, details)


def tell(
    finding_id: str, subject: Subject, details: dict[str, Detail], severity: Severity = Severity.CRITICAL
) -> Description:
    return load().describe(Finding(finding_id, subject, severity, (), details), "en")


def everything_told() -> Iterator[tuple[str, Description]]:
    """Every finding at every kind of subject, with all of its details known."""
    knowledge = load()
    for finding_id in knowledge.findings:
        entry = knowledge.entry(finding_id)
        details: dict[str, Detail] = dict.fromkeys(entry.details, "7025")
        for kind in sorted(entry.subjects):
            for severity in Severity:
                finding = Finding(finding_id, SUBJECTS[kind], severity, (), details)
                yield f"{finding_id} at {kind}", load().describe(finding, "en")


def test_the_catalogue_holds_every_public_id() -> None:
    """Ids are public from the first release: a line may be added to the file, never changed."""
    public = FilePath(__file__).with_name("public_ids.txt").read_text().split()

    assert sorted(load().findings) == sorted(public)


def test_every_finding_can_be_told_when_its_details_are_known() -> None:
    for name, told in everything_told():
        words = [
            told.title,
            told.why,
            *(line for fix in told.fixes for line in (fix.title, fix.effect, *fix.steps)),
        ]
        assert not any("{" in text or "(not known)" in text for text in words), name


def test_every_problem_has_a_fix_with_a_known_source() -> None:
    for name, told in everything_told():
        if not name.startswith("log.activity.none") and "log.application.fault" not in name:
            assert told.fixes, name
        for fix in told.fixes:
            assert fix.source.startswith(("TechNote ", "Cisco ", "pvo inventory")), name


def test_a_suspended_sma_may_be_resumed_after_one_approval() -> None:
    told = describe("setup.service.sma-suspended", S, system_status="Offline")

    [fix] = told.fixes
    assert "sma-a" in told.title
    assert "Offline" in told.why
    assert (fix.id, fix.applicability, fix.approvals) == ("resume-receiving", "approval", 1)
    assert (fix.commands, fix.undo) == (("resume",), ("suspend", ""))
    assert fix.source == "TechNote 200068, Listeners"
    assert fix.risk == "medium"
    assert fix.effect


def test_anonymous_ciphers_are_removed_with_every_line_that_is_sent() -> None:
    told = describe(
        "tls.ciphers.admit-anonymous",
        E,
        ciphers=CIPHERS,
        new_ciphers=f"{CIPHERS}:-aNULL",
        anonymous=12,
        examples="ADH",
    )

    [fix] = told.fixes
    assert "anonymous ciphers (12, such as ADH)" in told.why
    assert (fix.applicability, fix.approvals) == ("approval", 2)
    assert fix.commands[:5] == ("sslconfig", "OUTBOUND", "", f"{CIPHERS}:-aNULL", "")
    assert fix.commands[5] == "commit"
    assert fix.undo[3] == CIPHERS
    assert fix.source == "TechNote 200068, TLS/Certificates"


def test_anonymous_ciphers_of_an_sma_are_removed_by_hand() -> None:
    [fix] = describe("tls.ciphers.admit-anonymous", S, new_ciphers="HIGH:-aNULL").fixes

    assert (fix.applicability, fix.commands) == ("manual", ())
    assert any("HIGH:-aNULL" in step for step in fix.steps)


@pytest.mark.parametrize(
    "read", [{}, {"ciphers": CIPHERS}, {"ciphers": CIPHERS, "new_ciphers": "HIGH\ncommit"}]
)
def test_a_line_with_a_hole_or_a_break_is_never_given(read: dict[str, Detail]) -> None:
    [fix] = describe("tls.ciphers.admit-anonymous", E, **read).fixes

    assert (fix.applicability, fix.approvals, fix.commands, fix.undo) == ("manual", 0, (), ())
    assert fix.because == load().words("en").not_read


def test_a_timeout_comes_with_a_ready_firewall_request() -> None:
    told = describe(
        "connectivity.cpq.timeout",
        R,
        sender_address="10.10.10.1",
        receiver_address="10.10.20.1",
        port=7025,
        interface="Management",
    )

    [fix] = told.fixes
    assert "from 10.10.10.1 (sma-a) to 10.10.20.1 (esa-a1), destination port 7025" in fix.steps[0]
    assert "the.cpq.release.host" in told.why
    assert fix.source == "TechNote 200068, Troubleshoot Delivery from the SMA to the ESA"


def test_old_trouble_is_told_as_recovered() -> None:
    known: dict[str, Detail] = {
        "count": 3,
        "reasons": "timeout",
        "first": "12:00",
        "last": "12:05",
        "since": "12:06",
    }

    recovered = describe("log.delivery.failing", Q, recovered="yes", **known)
    current = describe("log.delivery.failing", Q, recovered="no", **known)

    assert "recovered" in recovered.title
    assert "since 12:06" in recovered.why
    assert "recovered" not in current.title + current.why.lower()


def test_a_nat_is_named_with_both_addresses() -> None:
    told = describe(
        "connectivity.cpq.rejected",
        Q,
        sender_address="10.10.20.1",
        source="192.0.2.7",
        relay="10.10.20.1",
        port=7025,
    )

    assert "come from 192.0.2.7, not from 10.10.20.1" in told.why


def test_a_reboot_is_offered_only_for_a_critical_fault() -> None:
    critical = tell("log.application.fault", S, {"count": 2}, Severity.CRITICAL)
    warning = tell("log.application.fault", S, {"count": 2}, Severity.WARNING)

    assert [(fix.id, fix.approvals) for fix in critical.fixes] == [("reboot-sma", 2)]
    assert [(fix.id, fix.approvals) for fix in warning.fixes] == [("open-case", 0)]


def test_a_port_that_differs_while_mail_passes_is_told_as_such() -> None:
    ports: dict[str, Detail] = {"port": 7026, "dialled_port": 7025}

    critical = tell("setup.listener.port-mismatch", Q, ports, Severity.CRITICAL)
    warning = tell("setup.listener.port-mismatch", Q, ports, Severity.WARNING)

    assert "stays queued" in critical.why
    assert "Connections succeed at present" in warning.why


@pytest.mark.parametrize("reason", ["Is SSH enabled?", "It is not.", "It is not"])
def test_a_sentence_of_a_detail_keeps_one_full_stop(reason: str) -> None:
    told = describe("connectivity.ssh.refused", S, reason=reason)

    assert told.why.startswith(f"{reason} sma-a" if reason[-1] in "?." else f"{reason}. sma-a")


def test_what_is_not_known_is_said() -> None:
    assert "(not known)" in describe("setup.service.sma-suspended", S, system_status=None).why


def test_no_fix_destroys_mail() -> None:
    lines = {
        line.split()[0]
        for _, told in everything_told()
        for fix in told.fixes
        for line in fix.commands
        if line
    }

    assert not lines & {"deleterecipients", "bouncerecipients", "resetqueue", "resetconfig", "loadconfig"}


def test_an_unknown_finding_or_language_is_refused() -> None:
    with pytest.raises(Unusable, match=r"queue\.nothing is not a finding"):
        load().entry("queue.nothing")
    with pytest.raises(Unusable, match="no texts in 'xx'; there are: en"):
        load().describe(Finding("log.activity.none", Q, Severity.INFO, ()), "xx")
