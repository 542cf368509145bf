"""PVO is off on an ESA: can it be enabled, and if not, why is the button grey?"""

from collections.abc import Iterator

from bot.asyncos.commands.showconfig import showconfig
from bot.facts.enabling import Enabling, look
from bot.model.check import Check
from bot.model.errors import CouldNotTell
from bot.model.finding import Detail, Finding, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Path


async def collect(probes: Probes, path: Path) -> Enabling | None:
    """None where PVO is on; the question does not come up there."""
    configuration = await probes.ask(path.sender.name, showconfig())
    if configuration.value.cpq_listener is not None:
        return None
    if not configuration.value.complete:
        raise CouldNotTell("configuration-cut", appliance=path.sender.name)
    return await look(probes, path, configuration.exchange)


def analyze(facts: Enabling | None, limits: Limits) -> Iterator[Finding]:
    """What stands in the way elsewhere, say in TLS or in the cluster, is decided where all findings are known."""
    if facts is None:
        return
    if not facts.blocked and (unknown := facts.unknown):
        raise CouldNotTell("enable-not-known", appliance=facts.path.sender.name, unknown=unknown)
    numbered = (f"{number}. {one}" for number, one in enumerate(facts.looked, 1))
    details: dict[str, Detail] = {"checked": "; ".join(numbered)}
    evidence = (facts.knock.answer.exchange.quote(), facts.configuration.quote("listener_name"))
    problem, severity = ("blocked", Severity.WARNING) if facts.blocked else ("ready", Severity.INFO)
    yield Finding(f"setup.enable.{problem}", facts.path.sender, severity, evidence, details)


CHECK = Check(
    id="setup.enable",
    title="PVO is on, or nothing keeps it from being enabled",
    subjects=frozenset({"quarantine"}),
    collect=collect,
    analyze=analyze,
)
