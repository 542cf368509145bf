"""Every check against its recorded conversations, and what every check owes its readers."""

from pathlib import Path
from typing import Any

import pytest

from bot.checks import discover
from bot.knowledge.load import load
from bot.model.check import Check
from bot.model.finding import Severity, Status
from tests.checks.recorded import CASES, read_toml, run_case

FOLDERS = {check.id.replace(".", "_"): check for check in discover()}
FILES = sorted(CASES.glob("*/*.toml"))


def told(findings: Any) -> list[dict[str, str]]:
    return sorted(
        ({"id": f.id, "subject": str(f.subject), "severity": f.severity.value} for f in findings),
        key=lambda row: (row["id"], row["subject"]),
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
async def test_case_gives_its_findings(file: Path) -> None:
    case = read_toml(file)
    outcomes = await run_case(FOLDERS[file.parent.name], case)

    found = [finding for outcome in outcomes for finding in outcome.findings]
    expected = [{key: row[key] for key in ("id", "subject", "severity")} for row in case.get("expect", [])]
    assert told(found) == sorted(expected, key=lambda row: (row["id"], row["subject"]))
    by_place = {(finding.id, str(finding.subject)): finding for finding in found}
    for row in case.get("expect", []):
        finding = by_place[row["id"], row["subject"]]
        assert {key: finding.details[key] for key in row.get("details", {})} == row.get("details", {})
        excerpts = "\n".join(evidence.excerpt for evidence in finding.evidence)
        for quote in row.get("quotes", []):
            assert quote in excerpts
    statuses = {str(outcome.subject): outcome.status.value for outcome in outcomes}
    reasons = {str(outcome.subject): outcome.reason or "" for outcome in outcomes}
    for subject, status in case.get("status", {}).items():
        assert statuses[subject] == status, reasons[subject]
    for subject, words in case.get("reason", {}).items():
        assert words in reasons[subject]


@pytest.mark.parametrize("check", discover(), ids=lambda check: check.id)
async def test_the_healthy_site_passes_every_check(check: Check[Any]) -> None:
    outcomes = await run_case(check, {})
    assert {outcome.status for outcome in outcomes} == {Status.PASSED}, [o.reason for o in outcomes]


@pytest.mark.parametrize("check", discover(), ids=lambda check: check.id)
def test_check_has_cases_for_what_it_finds(check: Check[Any]) -> None:
    files = sorted((CASES / check.id.replace(".", "_")).glob("*.toml"))
    assert any(read_toml(file).get("expect") for file in files), "no case in which it finds something"


def test_every_finding_of_a_case_has_texts_and_belongs_to_its_check() -> None:
    known = load().findings
    for file in FILES:
        for row in read_toml(file).get("expect", []):
            assert row["id"] in known
            assert row["severity"] in set(Severity)


def test_check_files_are_called_after_their_check() -> None:
    import bot.checks

    modules = {file.stem for file in Path(bot.checks.__file__).parent.glob("*.py")} - {"__init__"}
    assert modules == set(FOLDERS)


def test_every_folder_of_cases_belongs_to_a_check() -> None:
    assert {file.parent.name for file in FILES} == set(FOLDERS)


MADE_ELSEWHERE = {"connectivity.ssh.role-refused"}  # by whoever runs a check whose command is refused


def test_every_finding_of_the_catalogue_is_produced_by_a_case() -> None:
    produced = {row["id"] for file in FILES for row in read_toml(file).get("expect", [])}
    assert set(load().findings) - produced == MADE_ELSEWHERE


async def test_a_finding_carries_no_detail_that_the_catalogue_does_not_declare() -> None:
    for file in FILES:
        for outcome in await run_case(FOLDERS[file.parent.name], read_toml(file)):
            for finding in outcome.findings:
                strange = set(finding.details) - set(load().entry(finding.id).details)
                assert not strange, f"{file}: {finding.id}"
