"""The worker's own try: evidence at findings about the receiver that answered, and nothing else."""

from typing import Any

from bot.diagnosis.diagnose import Doctor, Order
from bot.knowledge.load import load
from bot.model.report import Report
from tests.checks.recorded import AT, CASES, Recorded, inventory, read_toml

TOLD = "220 sma-a.example.com ESMTP\ncertificate: none"
FAILED = read_toml(CASES / "tls_handshake" / "anonymous_cipher.toml")


async def diagnose(*layers: dict[str, Any]) -> Report:
    async def ignore(done: int, total: int) -> None:
        pass

    recorded = Recorded(read_toml(CASES / "site-a.toml"), *layers)
    order = Order("01TRY", inventory(), "site-a")
    return (await Doctor(load(), lambda: AT).diagnose(order, recorded, ignore)).report


def told(receiver: str, text: str) -> dict[str, Any]:
    return {"answers": {"worker": {f"cpq {receiver} 7025": text}}}


def by_worker(report: Report) -> set[tuple[str, str]]:
    return {
        (finding.id, finding.subject)
        for finding in report.findings
        for evidence in finding.evidence
        if evidence.appliance == "worker" and evidence.excerpt == TOLD
    }


async def test_it_stands_at_findings_about_the_receiver() -> None:
    report = await diagnose(FAILED, told("sma-a", TOLD))
    handshake = next(finding for finding in report.findings if finding.id == "tls.handshake.anonymous-cipher")
    assert (handshake.id, handshake.subject) in by_worker(report)
    assert all(subject.endswith("sma-a") for _, subject in by_worker(report))


async def test_it_changes_no_finding_and_no_verdict() -> None:
    without, answered = await diagnose(FAILED), await diagnose(FAILED, told("sma-a", TOLD))
    assert [(f.id, f.subject, f.role, f.severity) for f in answered.findings] == [
        (f.id, f.subject, f.role, f.severity) for f in without.findings
    ]
    assert (answered.verdict, answered.paths) == (without.verdict, without.paths)


async def test_what_was_not_answered_or_was_rejected_is_no_evidence() -> None:
    for failure in ("!Rejected", "!Unreachable", "!TimedOut"):
        report = await diagnose(FAILED, told("sma-a", failure))
        assert not by_worker(report)
        assert all(e.appliance != "worker" for f in report.findings for e in f.evidence)


async def test_a_healthy_site_stays_without_findings() -> None:
    assert not (await diagnose(told("sma-a", TOLD))).findings
