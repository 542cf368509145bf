"""Does the ESA's log show any CPQ traffic at all in the window?"""

from collections.abc import Iterator

from bot.asyncos.commands.showconfig import showconfig
from bot.facts.attempt import attempt
from bot.facts.handshake import PathLog, read_path_log
from bot.model.check import Check
from bot.model.errors import CouldNotTell, Skipped
from bot.model.finding import Finding, Reply, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Path


async def collect(probes: Probes, path: Path) -> PathLog:
    configuration = await attempt(probes.ask(path.sender.name, showconfig()))
    if isinstance(configuration, Reply) and configuration.value.cpq_listener is None:
        raise Skipped("pvo-not-enabled", appliance=path.sender.name)
    return await read_path_log(probes, path)


def analyze(facts: PathLog, limits: Limits) -> Iterator[Finding]:
    traffic = facts.log.traffic
    if facts.sendings or traffic.errors or traffic.delays or traffic.bounces:
        return
    if facts.log.capped:
        raise CouldNotTell("log-cut-before-activity", appliance=facts.path.sender.name)
    evidence = tuple(search.quote() for search in facts.log.searches[:1])
    details = {"searched": facts.log.searched}
    yield Finding("log.activity.none", facts.path, Severity.INFO, evidence, details)


CHECK = Check(
    id="log.activity",
    title="The log shows CPQ traffic",
    subjects=frozenset({"quarantine"}),
    collect=collect,
    analyze=analyze,
)
