"""The appliances that an SMA knows: by its own list, else by the addresses that its hidden listener lets in."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.asyncos.commands.applianceconfig import Known, applianceconfig
from bot.asyncos.commands.showconfig import showconfig
from bot.facts.attempt import attempt
from bot.model.errors import Skipped
from bot.model.finding import Evidence, Reply
from bot.model.ports import Probes
from bot.model.subject import Node


@dataclass(frozen=True, slots=True)
class Registered:
    """`appliances` is the SMA's list (empty where it prints none), `relay` the entries of its RELAYLIST."""

    appliances: tuple[Known, ...]
    relay: tuple[str, ...]
    evidence: tuple[Evidence, ...]

    def knows(self, names: Collection[str]) -> bool:
        """Whether one of an appliance's host names and addresses stands in the list."""
        if self.appliances:
            listed = {one.name.casefold() for one in self.appliances} | {
                one.address for one in self.appliances
            }
        else:
            listed = {entry.casefold() for entry in self.relay}
        return any(name.casefold() in listed for name in names)

    def find(self, names: Collection[str]) -> Known | None:
        """The entry of the list that one of an appliance's host names and addresses belongs to."""
        wanted = {name.casefold() for name in names}
        return next(
            (one for one in self.appliances if one.name.casefold() in wanted or one.address in wanted), None
        )


async def read_registered(probes: Probes, sma: Node) -> Registered:
    """What the SMA knows; raises `Skipped` when it tells neither way, `RoleRefused` when it may not be asked."""
    listed = await probes.ask(sma.name, applianceconfig())
    if listed.value:
        addresses = [one.address.replace(".", r"\.") for one in listed.value]
        return Registered(listed.value, (), (listed.exchange.quote(*addresses),))
    configuration = await attempt(probes.ask(sma.name, showconfig()))
    listener = configuration.value.cpq_listener if isinstance(configuration, Reply) else None
    if not isinstance(configuration, Reply) or listener is None:
        raise Skipped("no-list-of-appliances", appliance=sma.name)
    return Registered((), listener.relay, (configuration.exchange.quote("RELAYLIST"),))
