"""Every fault of the lab, pairs of them, and healthy shapes, diagnosed over real SSH: the causes and nothing else.

Several labs run at once, each in its own directory; the tests read the reports.
"""

import asyncio
import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import bot.probes.dial
from bot.diagnosis.diagnose import Doctor, Order
from bot.diagnosis.replay import Recording, make_capture, order_again
from bot.knowledge.load import load
from bot.lab.appliances import FAULTS, Lab, LabSettings
from bot.lab.appliances.options import Shape
from bot.lab.appliances.traits import apply_traits
from bot.model.capture import Capture
from bot.model.finding import Severity
from bot.model.report import Report
from bot.probes.live import LiveDoors
from bot.settings import load_inventory, read_secret
from tests.e2e.fault_table import DOCUMENT, read_expected, render

EXPECTED = read_expected()
LABS_AT_ONCE = 4
KNOWLEDGE = load()
CHANGING = {
    "commit",
    "clear",
    "resume",
    "resumedel",
    "resumelistener",
    "resumetransfers",
    "delivernow",
    "reboot",
}

PAIRS = [
    ("firewall-esa-to-sma", "anonymous-cipher"),
    ("firewall-sma-to-esa", "peer-not-allowed"),
    ("firewall-sma-to-esa", "wrong-interface"),
    ("address-translation", "firewall-ssh"),
    ("esa-suspended", "anonymous-cipher"),
    ("ssh-hardened", "firewall-esa-to-sma"),
    ("client-down", "firewall-esa-to-sma"),
    ("quarantine-full", "sma-suspended"),
    ("clock-skewed", "ssh-key-replaced"),
    ("changes-pending", "transfers-suspended"),
    ("esa-delivery-suspended", "tls-no-shared-version"),
    ("cluster-interface-missing", "firewall-esa-to-sma"),
    ("member-not-added", "command-login-refused"),
    ("log-level", "peer-not-allowed"),
    ("mail-expiring", "too-old"),
    ("role-refused", "certificate-replaced"),
    ("name-unknown", "firewall-sma-to-esa"),
    ("firewall-rejects-bot", "anonymous-cipher"),
    ("ssh-outdated", "peer-not-allowed"),
]
# PVO is off on esa-a2: what is in the way of enabling it is the cause, the grey button its consequence.
GREY_BUTTON = [
    "sma-suspended",
    "service-disabled",
    "listener-drops",
    "transfers-suspended",
    "peer-not-allowed",
]

SHAPES: dict[str, LabSettings] = {
    **{f"AsyncOS {release}": LabSettings(shape=Shape(asyncos=release)) for release in ("8.0", "8.5", "9.1")},
    **{f"AsyncOS {release}": LabSettings(shape=Shape(asyncos=release)) for release in ("11", "15", "16")},
    "mixed releases": LabSettings(shape=Shape(asyncos="15", versions={"esa-a1": "9.6", "sma-a": "16"})),
    "three ESAs": LabSettings(shape=Shape(esas=3)),
    "one ESA": LabSettings(shape=Shape(esas=1)),
    "cluster": LabSettings(shape=Shape(esas=3, cluster="Example Cluster-1.a")),
    "cluster, logged in at its level": LabSettings(shape=Shape(cluster="Example", login_mode="cluster")),
    "custom port": LabSettings(shape=Shape(sma_port=7999, esa_port=7999)),
    "a port for each side": LabSettings(shape=Shape(sma_port=7026, esa_port=7027)),
    "delivery interface": LabSettings(
        shape=Shape(interfaces=("Management", "In"), delivery_interface="In"),
    ),
    "another time zone": LabSettings(shape=Shape(zone=("CET", 3600))),
    "pager and slow wire": apply_traits(LabSettings(), ("pager", "round-trip=20", "chunk=7")),
}

ODD_LINES = (
    "New CPQ ICID 5001 interface Management (10.10.10.1) address 10.10.20.1 reverse dns host unknown verified no",
    "ICID 5001 close",
    "DCID 901 TLS success protocol TLSv1 cipher RC4-SHA the.cpq.host",
    "MID 483 rewritten to 513 by Policy Quarantine",
    "ISQ: Tagging MID 9 for quarantine",
    "New SMTP DCID 902 interface 10.10.20.1 address 10.10.10.1 port 6025",
    "Connection Error: DCID 902 domain: the.euq.host IP: 10.10.10.1 port: 6025 details: timeout "
    "interface: 10.10.20.1 reason: connection timed out",
    "Message done DCID 902 MID 9 to RID [0] (external quarantine) ",
    "MID 12 Subject 'Info: DCID 5 TLS failed: verify error: no certificate from server'",
    "MID 13 Subject 'An application fault occurred: released from quarantine \"Policy\" (queue full)'",
    "Connection Error: DCID 903 domain: example.net IP: 192.0.2.25 port: 25 details: [Errno 61] Connection refused "
    "interface: 10.10.20.1 reason: network error",
    "Could not convert character set: 136",
    'MID 14 released from quarantine "Policy" (expired) t=864243',
)


@dataclass(frozen=True)
class Case:
    """A lab to diagnose: its faults, its settings, and lines written into every mail log before."""

    faults: tuple[str, ...] = ()
    settings: LabSettings = field(default_factory=LabSettings)
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diagnosed:
    """The report, what the appliances were sent, and the capture as it stands in a file."""

    report: Report
    received: frozenset[str]
    capture: str

    @property
    def causes(self) -> set[tuple[str, str]]:
        return {(finding.id, finding.subject) for finding in self.report.causes}

    @property
    def failed(self) -> set[str]:
        paths = [path for path in self.report.paths if path.status == "failed"]
        return {f"{path.kind[0]} {path.sender} -> {path.receiver}" for path in paths}


async def ignore(done: int, total: int) -> None:
    pass


async def diagnose(lab: Lab) -> tuple[Report, str]:
    order, doors = Order("01LAB", load_inventory(lab.inventory), "site-a"), LiveDoors(read_secret)
    try:
        async with doors.open(order.inventory, order.site) as appliances:
            doctor = Doctor(KNOWLEDGE, lambda: dt.datetime.now(dt.UTC))
            diagnosis = await doctor.diagnose(order, appliances, ignore)
            capture = make_capture(order, diagnosis, "1.2.3")
            return diagnosis.report, capture.model_dump_json(by_alias=True)
    finally:
        doors.close()


async def run(case: Case, directory: Path) -> Diagnosed:
    async with Lab(directory, case.faults, case.settings) as lab:
        for appliance in lab.appliances.values():
            appliance.log.write(*case.lines)
        report, capture = await diagnose(lab)
        received = {line for appliance in lab.appliances.values() for line in appliance.received}
    return Diagnosed(report, frozenset(received), capture)


async def run_all(cases: Mapping[str, Case], directory: Path) -> dict[str, Diagnosed]:
    turns = asyncio.Semaphore(LABS_AT_ONCE)

    async def take_turn(number: int, case: Case) -> Diagnosed:
        async with turns:
            return await run(case, directory / str(number))

    done = await asyncio.gather(*(take_turn(number, case) for number, case in enumerate(cases.values())))
    return dict(zip(cases, done, strict=True))


def name(faults: Iterable[str]) -> str:
    return "+".join(faults)


CASES = {
    **{name([fault]): Case((fault,)) for fault in FAULTS},
    **{name(pair): Case(pair) for pair in PAIRS},
    **{name(["pvo-off", fault]): Case(("pvo-off", fault)) for fault in GREY_BUTTON},
    **{shape: Case(settings=settings) for shape, settings in SHAPES.items()},
    "odd log lines": Case(lines=ODD_LINES),
}


@pytest.fixture(scope="module")
def diagnosed(no_proxies: None) -> dict[str, Diagnosed]:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as directory:
        patch.setattr(bot.probes.dial, "CONNECT", 3.0)  # a firewall that drops costs as much
        return asyncio.run(run_all(CASES, Path(directory)))


def test_every_fault_of_the_lab_is_here() -> None:
    assert set(EXPECTED) == set(FAULTS)


def test_the_table_in_the_documentation_is_this_one() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == render(), "run make faults"


@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_has_its_causes_and_no_other(fault: str, diagnosed: dict[str, Diagnosed]) -> None:
    found, expected = diagnosed[fault], EXPECTED[fault]

    assert found.causes == expected.causes
    assert found.failed == expected.failed
    assert found.report.verdict == expected.verdict
    assert [check.reason for check in found.report.checks if check.status == "error"] == []
    assert not CHANGING & found.received
    for finding in found.report.findings:
        assert finding.evidence, finding.id
        assert finding.role == "cause" or finding.explained_by or finding.severity is Severity.INFO


@pytest.mark.timeout(240)
@pytest.mark.parametrize("pair", PAIRS, ids=name)
def test_two_faults_have_the_causes_of_both(pair: tuple[str, str], diagnosed: dict[str, Diagnosed]) -> None:
    found = diagnosed[name(pair)]

    assert found.causes == EXPECTED[pair[0]].causes | EXPECTED[pair[1]].causes
    assert found.failed == EXPECTED[pair[0]].failed | EXPECTED[pair[1]].failed


@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", GREY_BUTTON)
def test_the_grey_button_is_a_consequence(fault: str, diagnosed: dict[str, Diagnosed]) -> None:
    report = diagnosed[name(["pvo-off", fault])].report
    button = next(finding for finding in report.findings if finding.id.startswith("setup.enable."))

    assert (button.id, button.subject, button.role) == ("setup.enable.blocked", "esa-a2", "consequence")
    assert "telnet 10.10.10.1" in button.why
    assert {cause.id for cause in report.causes} == {cause for cause, _ in EXPECTED[fault].causes}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("shape", [*SHAPES, "odd log lines"])
def test_a_healthy_site_has_no_finding_above_info(shape: str, diagnosed: dict[str, Diagnosed]) -> None:
    report = diagnosed[shape].report

    assert [(f.id, f.subject) for f in report.findings if f.severity is not Severity.INFO] == []
    assert [check.reason for check in report.checks if check.status == "error"] == []
    assert report.verdict == "healthy"


def judged(report: Report) -> dict[str, Any]:
    """All of a report but what says which run it was and how long it took."""
    document = report.model_dump(mode="json", exclude={"id", "seconds"})
    for check in document["checks"]:
        del check["seconds"]
    return document


@pytest.mark.timeout(240)
@pytest.mark.parametrize("case", CASES)
async def test_the_capture_of_every_run_is_judged_as_the_run(
    case: str, diagnosed: dict[str, Diagnosed]
) -> None:
    capture = Capture.model_validate_json(diagnosed[case].capture)
    recording = Recording(capture)
    doctor = Doctor(KNOWLEDGE, recording.now)
    again = await doctor.diagnose(order_again(capture, "01AGAIN", "en"), recording, ignore)

    assert judged(again.report) == judged(diagnosed[case].report)


async def test_mended_is_degraded_and_recovered_then_healthy(tmp_path: Path) -> None:
    async with Lab(tmp_path, ["anonymous-cipher"], LabSettings()) as lab:
        assert (await diagnose(lab))[0].verdict == "broken"
        await lab.mend("anonymous-cipher")
        await lab.settle()
        report, _ = await diagnose(lab)
        lab.advance(3600 * 2)
        await lab.settle()
        later, _ = await diagnose(lab)

    assert report.verdict == "degraded"
    assert [(cause.id, cause.subject) for cause in report.causes] == [
        ("log.delivery.failing", "esa-a2 -> sma-a")
    ]
    finding = report.causes[0]
    assert finding.details["recovered"] == "yes"
    assert "recovered" in finding.title.lower()
    assert str(finding.details["since"]) in finding.why
    assert (later.verdict, later.findings) == ("healthy", ())
