"""A capture answers as the appliances did: every recorded case gives the same report again, in either language."""

import copy
import datetime as dt
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.diagnosis.diagnose import Diagnosis, Doctor, Order
from bot.diagnosis.replay import Recording, make_capture, order_again
from bot.knowledge.load import load
from bot.model.capture import Capture
from bot.model.command import Reading
from bot.model.errors import Disconnected, Garbled, ProbeError, RoleRefused
from bot.model.report import Report
from tests.checks.recorded import AT, CASES, Recorded, inventory, read_toml

FILES = sorted(CASES.glob("*/*.toml"))


async def ignore(done: int, total: int) -> None:
    pass


class Whole(Recorded):
    """A recorded site that refuses what its case, which is about one check, has no answer to."""

    def __init__(self, case: dict[str, Any]) -> None:
        super().__init__(read_toml(CASES / "site-a.toml"), case)

    async def converse(self, appliance: str, command: Reading[Any]) -> str:
        try:
            return await super().converse(appliance, command)
        except KeyError:
            raise Garbled(f"{appliance}: {command.key} is not recorded") from None


def clock() -> Iterator[dt.datetime]:
    return (AT + dt.timedelta(milliseconds=37 * tick) for tick in itertools.count())


async def diagnose(case: dict[str, Any], areas: tuple[str, ...] = ()) -> tuple[Order, Diagnosis]:
    ticks = clock()
    order = Order("01LIVE", inventory(**case.get("site", {})), "site-a", areas)
    return order, await Doctor(load(), lambda: next(ticks)).diagnose(order, Whole(case), ignore)


async def again(capture: Capture, language: str = "en") -> Report:
    recording = Recording(capture)
    order = order_again(capture, "01AGAIN", language)
    return (await Doctor(load(), recording.now).diagnose(order, recording, ignore)).report


def through_json(capture: Capture) -> Capture:
    return Capture.model_validate(json.loads(json.dumps(capture.model_dump(mode="json", by_alias=True))))


def judged(report: Report) -> dict[str, Any]:
    """All of a report but what says which run it was and how long it took."""
    document = report.model_dump(mode="json", exclude={"id", "seconds"})
    for check in document["checks"]:
        del check["seconds"]
    return document


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
async def test_every_case_is_judged_alike_from_its_capture(file: Path) -> None:
    order, diagnosis = await diagnose(read_toml(file))
    capture = through_json(make_capture(order, diagnosis, "1.2.3"))

    assert judged(await again(capture)) == judged(diagnosis.report)
    spanish = await again(capture, "es")
    assert [(f.id, f.subject, f.role, f.severity, f.details, f.evidence) for f in spanish.findings] == [
        (f.id, f.subject, f.role, f.severity, f.details, f.evidence) for f in diagnosis.report.findings
    ]
    assert spanish.verdict == diagnosis.report.verdict
    assert spanish.paths == diagnosis.report.paths


async def test_a_capture_of_some_areas_is_judged_as_that() -> None:
    case = read_toml(CASES / "setup_service" / "suspended.toml")
    order, diagnosis = await diagnose(case, ("queue",))
    report = await again(through_json(make_capture(order, diagnosis, "1.2.3")))
    assert report.areas == ("queue",)
    assert judged(report) == judged(diagnosis.report)


async def test_planned_and_accepted_stay_so_at_the_time_of_the_capture() -> None:
    site = {
        "timezone": "Europe/Madrid",
        "maintenance": [{"cron": "0 4 * * *", "minutes": 30}],
        "accepted": [
            {
                "finding": "tls.ciphers.admit-anonymous",
                "subject": "esa-a1",
                "until": "2026-11-24",
                "reason": "x",
            }
        ],
    }
    case = read_toml(CASES / "tls_ciphers" / "admit_anonymous.toml")
    order, diagnosis = await diagnose(case | {"site": site})
    assert any(finding.planned for finding in diagnosis.report.findings)
    report = await again(through_json(make_capture(order, diagnosis, "1.2.3")))
    assert judged(report) == judged(diagnosis.report)


async def test_a_capture_holds_no_account_and_nobody_s_id() -> None:
    site = {
        "approvers": ["U0SECRETPERSON"],
        "channel": "C0SECRETCHANNEL",
        "title": "Site of nell.ward@example.com",
        "accepted": [
            {
                "finding": "a.b.c",
                "subject": "sma-a",
                "until": "2099-01-01",
                "reason": "ask nell.ward@example.com",
            }
        ],
    }
    order, diagnosis = await diagnose({"site": site})
    text = make_capture(order, diagnosis, "1.2.3").model_dump_json(by_alias=True)
    for secret in ("NOT_READ", "ssh-ed25519", "U0SECRET", "C0SECRET", "nell", "username", "192.0.2.1"):
        assert secret not in text


async def test_versions_stand_in_the_capture() -> None:
    order, diagnosis = await diagnose({"answers": {"esa-a2": {"login": "Rejected"}}})
    appliances = make_capture(order, diagnosis, "1.2.3").appliances
    assert {name: item.version for name, item in appliances.items()} == {
        "sma-a": "15.0.1-416",
        "esa-a1": "15.0.0-104",
        "esa-a2": None,
    }


class Failing:
    """Appliances that fail in a way of their own, with personal data in the words."""

    def __init__(self, error: ProbeError) -> None:
        self._error = error

    async def converse(self, appliance: str, command: object) -> str:
        raise copy.copy(self._error)  # each asker gets its own, as from the door

    async def try_cpq(self, appliance: str, port: int) -> str:
        raise copy.copy(self._error)


class TornOff(Disconnected):
    """An error that only a door knows."""


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (
            TornOff("sma-a hung up on nell.ward@example.com", host="nell.ward@example.com", port=22),
            "Disconnected",
        ),
        (RoleRefused("sma-a refuses it to nell.ward@example.com"), "RoleRefused"),
        (ProbeError("password: hunter2"), "ProbeError"),
    ],
)
async def test_errors_are_kept_by_kind_and_redacted_everywhere(error: ProbeError, kind: str) -> None:
    order = Order("01LIVE", inventory(), "site-a")
    diagnosis = await Doctor(load(), lambda: AT).diagnose(order, Failing(error), ignore)
    capture = through_json(make_capture(order, diagnosis, "1.2.3"))

    assert {item.failure.kind for item in capture.exchanges if item.failure} == {kind}
    assert judged(await again(capture)) == judged(diagnosis.report)
    for text in (capture.model_dump_json(), diagnosis.report.model_dump_json()):
        assert "nell" not in text
        assert "hunter2" not in text


async def test_what_was_not_asked_then_could_not_be_told_now() -> None:
    order, diagnosis = await diagnose({})
    capture = make_capture(order, diagnosis, "1.2.3")
    without = capture.model_copy(
        update={"exchanges": tuple(item for item in capture.exchanges if item.command != "status")}
    )
    report = await again(without)
    assert report.verdict == "unknown"
    reasons = [check.reason for check in report.checks if check.id == "setup.service"]
    assert reasons == [
        f"the capture holds no answer of {name} to status" for name in ("sma-a", "esa-a1", "esa-a2")
    ]
