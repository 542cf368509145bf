"""Does each appliance keep a mail log that shows CPQ events?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.asyncos.commands.logconfig import Subscription, logconfig
from bot.asyncos.commands.showconfig import showconfig
from bot.facts.attempt import attempt
from bot.model.check import Check
from bot.model.finding import Finding, Reply, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Node

HIDING = ("critical", "warning")


@dataclass(frozen=True, slots=True)
class Logging:
    """The text mail logs of one appliance, and the levels that are known."""

    node: Node
    subscriptions: Reply[tuple[Subscription, ...]]
    levels: Mapping[str, str]


async def collect(probes: Probes, node: Node) -> Logging:
    subscriptions = await probes.ask(node.name, logconfig())
    configuration = await attempt(probes.ask(node.name, showconfig()))
    levels = configuration.value.log_levels if isinstance(configuration, Reply) else {}
    return Logging(node, subscriptions, levels)


def analyze(facts: Logging, limits: Limits) -> Iterator[Finding]:
    """A level that is not known is taken for one that shows CPQ events, as the preset one does."""
    names = [log.name for log in facts.subscriptions.value if log.is_mail_log]
    levels = {name: facts.levels.get(name, "") for name in names}
    if any(level.casefold() not in HIDING for level in levels.values()):
        return
    logs = ", ".join(f"{name} ({level})" for name, level in levels.items()) or None
    evidence = (facts.subscriptions.exchange.quote("Text Mail Logs", "Log Name"),)
    yield Finding("log.subscription.missing", facts.node, Severity.WARNING, evidence, {"logs": logs})


CHECK = Check(
    id="log.subscription",
    title="A mail log shows CPQ events",
    subjects=frozenset({"sma", "esa"}),
    collect=collect,
    analyze=analyze,
)
