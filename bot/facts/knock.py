"""What happens when the sender of a path knocks at the receiver's CPQ port, from the right interface."""

from dataclasses import dataclass

from bot.asyncos.commands.showconfig import showconfig
from bot.asyncos.commands.telnet import Telnet, telnet
from bot.facts.attempt import attempt
from bot.facts.dialled import Dialled, find_dialled
from bot.model.errors import Skipped
from bot.model.finding import Reply
from bot.model.ports import Probes
from bot.model.subject import Path


@dataclass(frozen=True, slots=True)
class Knock:
    """What was dialled and what answered."""

    path: Path
    dialled: Dialled
    answer: Reply[Telnet]


async def knock(probes: Probes, path: Path) -> Knock:
    """Asks the sender to dial the receiver; raises `Skipped` for the release path to an ESA without PVO."""
    if path.kind == "release":
        receiver = await attempt(probes.ask(path.receiver.name, showconfig()))
        if isinstance(receiver, Reply) and receiver.value.cpq_listener is None:
            raise Skipped("pvo-not-enabled", appliance=path.receiver.name)
    dialled = await find_dialled(probes, path)
    command = telnet(dialled.address, dialled.port, dialled.interface)
    return Knock(path, dialled, await probes.ask(path.sender.name, command))
