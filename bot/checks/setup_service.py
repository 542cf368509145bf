"""Is each appliance switched on: does it receive, does it deliver?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.asyncos.commands.status import ServiceStatus, status
from bot.asyncos.transfers import read_suspended_transfers
from bot.model.check import Check
from bot.model.errors import CouldNotTell
from bot.model.finding import Detail, Finding, Reply, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Node


@dataclass(frozen=True, slots=True)
class Service:
    """The status page of one appliance."""

    node: Node
    page: Reply[ServiceStatus]


async def collect(probes: Probes, node: Node) -> Service:
    return Service(node, await probes.ask(node.name, status()))


def analyze(facts: Service, limits: Limits) -> Iterator[Finding]:
    printed = facts.page.value.system_status
    transfers = read_suspended_transfers(facts.page.exchange.text) if facts.node.product == "sma" else None
    if facts.page.value.online and not transfers:
        return
    details: dict[str, Detail] = {"system_status": printed, "delivery": _delivery(printed)}
    evidence = (facts.page.exchange.quote(r"^\s*Status as of", r"^\s*System status", r"\btransfers?\b"),)
    problem = (
        "setup.service.sma-transfers-suspended"
        if transfers and (facts.page.value.online or transfers == printed)
        else _problem(facts.node, printed)
    )
    yield Finding(problem, facts.node, Severity.CRITICAL, evidence, details)


def _problem(node: Node, printed: str) -> str:
    """By the words that are known; the exact wording of a suspended ESA is published nowhere."""
    if node.product == "sma":
        return "setup.service.sma-suspended"
    words = printed.casefold()
    if "offline" in words or "receiving" in words:
        return "setup.service.esa-suspended"
    if "delivery" in words:
        return "setup.service.esa-delivery-suspended"
    raise CouldNotTell("status-not-known", appliance=node.name, status=printed)


def _delivery(printed: str) -> str:
    words = printed.casefold()
    return "off" if "offline" in words or "delivery" in words else "on"


CHECK = Check(
    id="setup.service",
    title="The appliance is online",
    subjects=frozenset({"sma", "esa"}),
    collect=collect,
    analyze=analyze,
)
