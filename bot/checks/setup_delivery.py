"""Does the ESA deliver from an interface that has no way to the SMA, although another one has?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.asyncos.commands.deliveryconfig import deliveryconfig
from bot.asyncos.commands.interfaceconfig import interfaceconfig
from bot.asyncos.commands.telnet import Telnet, telnet
from bot.facts.knock import Knock, knock
from bot.model.check import Check
from bot.model.finding import Detail, Finding, Reply, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Path

OTHERS_TRIED = 4


@dataclass(frozen=True, slots=True)
class Delivery:
    """What answers from the fixed interface and, only where nothing does, from the others by their names."""

    path: Path
    interface: str | None
    knock: Knock
    others: dict[str, Reply[Telnet]]


async def collect(probes: Probes, path: Path) -> Delivery:
    fixed = (await probes.ask(path.sender.name, deliveryconfig())).value
    knocked = await knock(probes, path)
    others: dict[str, Reply[Telnet]] = {}
    if fixed and knocked.answer.value.outcome == "timeout":
        interfaces = (await probes.ask(path.sender.name, interfaceconfig())).value
        names = [one.name for one in interfaces if one.name.casefold() != fixed.casefold()]
        for name in names[:OTHERS_TRIED]:
            command = telnet(knocked.dialled.address, knocked.dialled.port, name)
            others[name] = await probes.ask(path.sender.name, command)
    return Delivery(path, fixed, knocked, others)


def analyze(facts: Delivery, limits: Limits) -> Iterator[Finding]:
    working = next((name for name, reply in facts.others.items() if reply.value.outcome == "banner"), None)
    if working is None:
        return
    details: dict[str, Detail] = {
        "interface": facts.interface,
        "working_interface": working,
        "receiver_address": facts.knock.dialled.address,
        "port": facts.knock.dialled.port,
    }
    evidence = (facts.knock.answer.exchange.quote(), facts.others[working].exchange.quote())
    yield Finding("setup.delivery.wrong-interface", facts.path.sender, Severity.CRITICAL, evidence, details)


CHECK = Check(
    id="setup.delivery",
    title="The ESA delivers from an interface with a way to the SMA",
    subjects=frozenset({"quarantine"}),
    collect=collect,
    analyze=analyze,
)
