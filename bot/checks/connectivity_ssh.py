"""Can the worker log in to each appliance? What needs a login is skipped where it cannot."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.asyncos.commands.version import version
from bot.facts.agreement import agreement
from bot.facts.attempt import attempt
from bot.model.check import Check, Remark
from bot.model.errors import (
    Disconnected,
    HostKeyChanged,
    HostKeyMissing,
    NoCommonAlgorithm,
    ProbeError,
    Refused,
    Rejected,
    TimedOut,
    Unreachable,
)
from bot.model.finding import Evidence, Finding, Reply, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Node

PROBLEMS: dict[type[ProbeError], str] = {
    Unreachable: "unreachable",
    TimedOut: "unreachable",
    Disconnected: "unreachable",
    Refused: "refused",
    Rejected: "auth-failed",
    HostKeyChanged: "host-key-changed",
    HostKeyMissing: "host-key-missing",
    NoCommonAlgorithm: "algorithms",
}


@dataclass(frozen=True, slots=True)
class Login:
    """How the login went: what it failed with and the evidence of that, else the weak algorithms in use."""

    node: Node
    error: ProbeError | None = None
    evidence: tuple[Evidence, ...] = ()
    weak: tuple[str, ...] = ()


async def collect(probes: Probes, node: Node) -> Login:
    try:
        await probes.ask(node.name, version())
    except tuple(PROBLEMS) as error:
        return Login(node, error, (error.exchange.quote(),) if error.exchange else ())
    agreed = await attempt(probes.ask(node.name, agreement()))
    return Login(node, weak=agreed.value if isinstance(agreed, Reply) else ())


def analyze(login: Login, limits: Limits) -> Iterator[Finding]:
    if login.error is None:
        return
    details = {"reason": str(login.error), **login.error.details}
    problem = next(problem for kind, problem in PROBLEMS.items() if isinstance(login.error, kind))
    yield Finding(f"connectivity.ssh.{problem}", login.node, Severity.CRITICAL, login.evidence, details)


def name_weak(login: Login) -> Remark | None:
    """No finding: the inventory allows them, and there may be nothing better."""
    return Remark("weak-algorithms", algorithms=", ".join(login.weak)) if login.weak else None


CHECK = Check(
    id="connectivity.ssh",
    title="The worker can log in to the appliance",
    subjects=frozenset({"sma", "esa"}),
    collect=collect,
    analyze=analyze,
    needs=(),
    remark=name_weak,
)
