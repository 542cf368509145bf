"""Which CPQ connections an appliance took and which it rejected, as its own log tells it."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.asyncos.commands.interfaceconfig import interfaceconfig
from bot.asyncos.commands.who import who
from bot.facts.attempt import attempt
from bot.facts.dialled import own_addresses
from bot.facts.log import CONNECTIONS_FOLLOWED, CpqLog
from bot.facts.sought import search_mail_logs
from bot.maillog.traffic import Reception
from bot.model.finding import Reply
from bot.model.ports import Probes
from bot.model.subject import Node

CPQ = "CPQ ICID"
CPQ_AGAIN = "New CPQ ICID"
"""Finds the same lines and is another question: asked after a probe it shows that probe, too."""


@dataclass(frozen=True, slots=True)
class Receptions:
    """The receptions of one appliance in the window, oldest first, and the log that shows them."""

    log: CpqLog
    seen: tuple[Reception, ...]

    def rejected(self, addresses: Iterable[str]) -> tuple[Reception, ...]:
        """The rejected ones from these addresses."""
        known = set(addresses)
        return tuple(one for one in self.seen if one.verdict == "rejected" and one.address in known)


async def read_receptions(probes: Probes, node: Node, pattern: str = CPQ) -> Receptions:
    """The receptions of `node` and what became of the newest; raises `Skipped` without a mail log."""
    found = await search_mail_logs(probes, node, pattern)
    ids = "|".join(str(one.icid) for one in found.traffic.received[-CONNECTIONS_FOLLOWED:])
    if not ids:
        return Receptions(found, ())
    log = await search_mail_logs(probes, node, pattern, f"ICID ({ids}) (REJECT|TCPREFUSE|RELAY|ACCEPT)")
    return Receptions(log, log.traffic.received)


async def find_addresses(probes: Probes, node: Node) -> set[str]:
    """Every address that `node` may show to its peers, as far as it says so."""
    interfaces = await attempt(probes.ask(node.name, interfaceconfig()))
    return own_addresses(node, interfaces.value if isinstance(interfaces, Reply) else ())


async def find_strangers(probes: Probes, node: Node, receptions: Receptions) -> set[str]:
    """The rejected addresses that belong to no appliance of the site and to nobody who is logged in to `node`.

    Among those who are logged in is this bot: its own tries are rejected, and prove nothing.
    """
    rejected = {one.address for one in receptions.seen if one.verdict == "rejected" and one.address}
    for member in probes.subjects:
        if isinstance(member, Node) and rejected:
            rejected -= await find_addresses(probes, member)
    if rejected:
        present = await attempt(probes.ask(node.name, who()))
        rejected -= {one.source for one in present.value} if isinstance(present, Reply) else set()
    return rejected
