"""A command that times out, cannot be read or meets a bug never makes a site look healthier than it is."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.diagnosis.diagnose import Doctor, Order
from bot.knowledge.load import load
from bot.model.command import Reading
from bot.model.errors import Garbled, RoleRefused, TimedOut
from bot.model.report import Report
from tests.checks.recorded import AT, CASES, Recorded, inventory, read_toml

HEALTHY = read_toml(CASES / "site-a.toml")
SUSPENDED = read_toml(CASES / "setup_service" / "suspended.toml")
ANONYMOUS = read_toml(CASES / "tls_handshake" / "anonymous_cipher.toml")
KNOWLEDGE = load()
FAILURES: dict[str, Callable[[], Exception]] = {
    "garbled": lambda: Garbled("the answer could not be read"),
    "timed out": lambda: TimedOut("it was not answered in time"),
    "refused": lambda: RoleRefused("it is refused to this account"),
    "bug": lambda: RuntimeError("a bug of ours"),
}
COMMANDS = (
    "applianceconfig",
    "clusterconfig",
    "deliveryconfig",
    "grep",
    "interfaceconfig",
    "logconfig",
    "showchanges",
    "showconfig",
    "sslconfig",
    "status",
    "status detail",
    "telnet",
    "tophosts",
    "version",
)


class Failing(Recorded):
    """The recorded site, where one command fails on every appliance or on one of them."""

    def __init__(self, command: str, failure: str, where: str | None, *layers: dict[str, Any]) -> None:
        super().__init__(*layers)
        self._command, self._failure, self._where = command, failure, where

    async def converse(self, appliance: str, command: Reading[Any]) -> str:
        name = command.line if command.line == "status detail" else command.line.split(" ")[0]
        if name == self._command and self._where in (None, appliance):
            raise FAILURES[self._failure]()
        return await super().converse(appliance, command)


async def diagnose(recorded: Recorded) -> Report:
    async def ignore(done: int, total: int) -> None:
        pass

    with capture_logs():
        order = Order("01CASE", inventory(), "site-a")
        return (await Doctor(KNOWLEDGE, lambda: AT).diagnose(order, recorded, ignore)).report


def unsettled(report: Report) -> Iterator[str]:
    """The checks that matter and did not pass."""
    return (f"{c.id} {c.subject}" for c in report.checks if KNOWLEDGE.matters(c.id) and c.status != "passed")


@pytest.mark.parametrize(
    ("failure", "where"),
    [
        *((failure, None) for failure in FAILURES),
        *(("garbled", name) for name in ("sma-a", "esa-a1", "esa-a2")),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
async def test_a_healthy_site_is_not_called_healthy_unless_all_that_matters_passed(
    command: str, failure: str, where: str | None
) -> None:
    report = await diagnose(Failing(command, failure, where, HEALTHY))

    assert report.verdict != "broken"
    if list(unsettled(report)):
        assert report.verdict in ("unknown", "degraded")
    if any(check.status == "error" and KNOWLEDGE.matters(check.id) for check in report.checks):
        assert report.verdict == "unknown"
    for check in report.checks:
        assert check.status in ("passed", "failed") or check.reason, f"{check.id} does not say why"


@pytest.mark.parametrize("case", [SUSPENDED, ANONYMOUS], ids=["suspended", "anonymous cipher"])
@pytest.mark.parametrize("failure", ["garbled", "bug"])
@pytest.mark.parametrize("command", COMMANDS)
async def test_a_broken_site_never_looks_better(command: str, failure: str, case: dict[str, Any]) -> None:
    assert (await diagnose(Recorded(HEALTHY, case))).verdict == "broken"
    report = await diagnose(Failing(command, failure, None, HEALTHY, case))
    assert report.verdict in ("broken", "unknown")


async def test_the_recorded_site_is_healthy_without_a_failure() -> None:
    report = await diagnose(Recorded(HEALTHY))
    assert (report.verdict, list(unsettled(report))) == ("healthy", [])


async def test_every_command_that_checks_ask_is_made_to_fail_here() -> None:
    recorded = Recorded(HEALTHY)
    await diagnose(recorded)
    asked = {line if line == "status detail" else line.split(" ")[0] for _, line in recorded.asked}
    assert asked - {"ssh"} == set(COMMANDS)
