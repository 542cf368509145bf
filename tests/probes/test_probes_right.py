"""`pvo check` is right about a site whatever its appliances are like: paging, far away, large, old."""

from pathlib import Path

import pytest

from bot.diagnosis.diagnose import Diagnosis
from bot.lab.appliances import Lab, LabSettings
from bot.lab.appliances.options import Door, Manners, Shape
from bot.wiring import check_site, terminal_order

pytestmark = pytest.mark.filterwarnings("ignore:Diffie-Hellman over finite fields")

KINDS = {
    "paging-at-24-rows": LabSettings(manners=Manners(force_pager=True)),
    "200-ms-away": LabSettings(door=Door(round_trip=0.2)),
    "5-MB-configuration": LabSettings(manners=Manners(configuration_size=5_000_000)),
    "keyboard-interactive-only": LabSettings(door=Door(methods=("keyboard-interactive",))),
    "public-key-only": LabSettings(door=Door(methods=("publickey",))),
    "group14-sha1-and-ssh-rsa": LabSettings(door=Door(algorithms="legacy")),
    "one-session-three-ESAs": LabSettings(shape=Shape(esas=3), door=Door(sessions=1)),
}


def quiet(settings: LabSettings) -> LabSettings:
    return LabSettings(
        message_interval=0,
        release_interval=0,
        shape=settings.shape,
        door=settings.door,
        manners=settings.manners,
    )


async def check(lab: Lab) -> Diagnosis:
    async def ignore(done: int, total: int) -> None:
        pass

    return await check_site(terminal_order(lab.inventory, "site-a", (), "en"), ignore)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_fault_is_found_and_nothing_else(tmp_path: Path, kind: str) -> None:
    async with Lab(tmp_path, faults=["sma-suspended"], settings=quiet(KINDS[kind])) as lab:
        report = (await check(lab)).report
        assert {one.logins for one in lab.appliances.values()} == {1}
    assert report.verdict == "broken"
    assert {(one.id, one.subject) for one in report.findings if one.role == "cause"} == {
        ("setup.service.sma-suspended", "sma-a")
    }
    logins = [one for one in report.checks if one.id == "connectivity.ssh"]
    assert {one.status for one in logins} == {"passed"}
    weak = "diffie-hellman-group" in str(logins[0].reason) and "ssh-rsa" in str(logins[0].reason)
    assert weak is (kind == "group14-sha1-and-ssh-rsa"), logins[0].reason


@pytest.mark.parametrize("kind", ["paging-at-24-rows", "group14-sha1-and-ssh-rsa", "one-session-three-ESAs"])
async def test_a_healthy_site_is_healthy_and_each_command_is_asked_once(tmp_path: Path, kind: str) -> None:
    async with Lab(tmp_path, settings=quiet(KINDS[kind])) as lab:
        diagnosis = await check(lab)
        received = {name: list(one.received) for name, one in lab.appliances.items()}
    assert diagnosis.report.verdict == "healthy", diagnosis.report.findings
    asked = [(one.appliance, one.command) for one in diagnosis.exchanges]
    assert len(asked) == len(set(asked))
    for name, lines in received.items():
        typed = [one.command for one in diagnosis.exchanges if one.appliance == name]
        for line in ("version", "status", "tophosts", "sslconfig", "logconfig"):
            assert lines.count(line) == typed.count(line) == 1, (name, line)
