"""Every fault of the lab, diagnosed over real SSH: exactly the intended cause, and the right paths."""

from itertools import combinations
from pathlib import Path

import pytest

from bot import wiring
from bot.lab.appliances import FAULTS, Lab, LabSettings
from bot.model.report import Report

CAUSES = {
    "sma-suspended": ("setup.service.sma-suspended", "sma-a"),
    "anonymous-cipher": ("tls.ciphers.admit-anonymous", "esa-a2"),
    "firewall-esa-to-sma": ("connectivity.cpq.timeout", "esa-a1 -> sma-a"),
    "firewall-sma-to-esa": ("connectivity.cpq.timeout", "sma-a -> esa-a1"),
    "peer-not-allowed": ("setup.listener.peer-not-allowed", "esa-a2 -> sma-a"),
}
FAILED = {
    "sma-suspended": {"esa-a1 -> sma-a", "esa-a2 -> sma-a", "sma-a -> esa-a1", "sma-a -> esa-a2"},
    "anonymous-cipher": {"esa-a2 -> sma-a"},
    "firewall-esa-to-sma": {"esa-a1 -> sma-a"},
    "firewall-sma-to-esa": {"sma-a -> esa-a1"},
    "peer-not-allowed": {"esa-a2 -> sma-a"},
}
# A suspended SMA hides what else is wrong with its listener and its deliveries.
PAIRS = [pair for pair in combinations(CAUSES, 2) if "sma-suspended" not in pair]
SAME_PATH = {("anonymous-cipher", "peer-not-allowed")}  # who is not let in never gets as far as TLS


async def diagnose(lab: Lab) -> Report:
    async def ignore(done: int, total: int) -> None:
        pass

    order = wiring.terminal_order(lab.inventory, "site-a", (), "en")
    return (await wiring.check_site(order, ignore)).report


def causes(report: Report) -> set[tuple[str, str]]:
    return {(finding.id, finding.subject) for finding in report.causes}


def failed(report: Report) -> set[str]:
    return {f"{path.sender} -> {path.receiver}" for path in report.paths if path.status == "failed"}


def test_every_fault_of_the_lab_is_here() -> None:
    assert set(CAUSES) == set(FAULTS) == set(FAILED)


@pytest.mark.parametrize("fault", CAUSES)
async def test_fault_has_its_one_cause(fault: str, tmp_path: Path) -> None:
    async with Lab(tmp_path, [fault], LabSettings()) as lab:
        report = await diagnose(lab)
        received = {name: appliance.received for name, appliance in lab.appliances.items()}

    assert causes(report) == {CAUSES[fault]}
    assert failed(report) == FAILED[fault]
    assert report.verdict == "broken"
    for finding in report.findings:
        assert finding.evidence, finding.id
        assert finding.role == "cause" or finding.explained_by
    for name, lines in received.items():
        assert not {"commit", "resume", "suspend", "clear", "delivernow"} & set(lines), name


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair not in SAME_PATH], ids="+".join)
async def test_two_faults_have_two_causes(pair: tuple[str, str], tmp_path: Path) -> None:
    async with Lab(tmp_path, pair, LabSettings()) as lab:
        report = await diagnose(lab)

    assert causes(report) == {CAUSES[fault] for fault in pair}
    assert failed(report) == FAILED[pair[0]] | FAILED[pair[1]]


async def test_mended_is_degraded_and_recovered_then_healthy(tmp_path: Path) -> None:
    async with Lab(tmp_path, ["anonymous-cipher"], LabSettings()) as lab:
        assert (await diagnose(lab)).verdict == "broken"
        await lab.mend("anonymous-cipher")
        await lab.settle()
        report = await diagnose(lab)

    assert report.verdict == "degraded"
    assert causes(report) == {("log.delivery.failing", "esa-a2 -> sma-a")}
    finding = report.causes[0]
    assert finding.details["recovered"] == "yes"
    assert "recovered" in finding.title.lower()
    assert str(finding.details["since"]) in finding.why
