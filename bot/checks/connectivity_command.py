"""Does the SMA reach each ESA's SSH port, over which it asks where released mail is to be delivered?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.asyncos.commands.telnet import Telnet, telnet
from bot.model.check import Check
from bot.model.finding import Detail, Finding, Reply, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Path

SSH_PORT = 22


@dataclass(frozen=True, slots=True)
class CommandProbe:
    """What answered at the ESA's SSH port."""

    path: Path
    answer: Reply[Telnet]


async def collect(probes: Probes, path: Path) -> CommandProbe:
    return CommandProbe(path, await probes.ask(path.sender.name, telnet(path.receiver.address, SSH_PORT)))


def analyze(facts: CommandProbe, limits: Limits) -> Iterator[Finding]:
    answer = facts.answer.value
    if answer.outcome == "greeting" and answer.text.startswith("SSH-"):
        return
    details: dict[str, Detail] = {
        "sender_address": facts.path.sender.address,
        "receiver_address": facts.path.receiver.address,
        "port": SSH_PORT,
        "text": answer.text,
    }
    evidence = (facts.answer.exchange.quote(),)
    yield Finding("connectivity.command.blocked", facts.path, Severity.CRITICAL, evidence, details)


CHECK = Check(
    id="connectivity.command",
    title="The SMA reaches the ESA's SSH port",
    subjects=frozenset({"command"}),
    collect=collect,
    analyze=analyze,
)
