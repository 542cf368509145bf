"""Which appliances of a site belong to one cluster, and what their hidden listeners are set to."""

from dataclasses import dataclass

from bot.asyncos.commands.clusterconfig import Cluster, clusterconfig
from bot.asyncos.commands.interfaceconfig import interfaceconfig
from bot.asyncos.commands.showconfig import Configuration, Listener, showconfig
from bot.asyncos.reading import Interface
from bot.facts.attempt import attempt
from bot.facts.dialled import own_addresses
from bot.model.finding import Evidence, Reply
from bot.model.ports import Probes
from bot.model.subject import Node


@dataclass(frozen=True, slots=True)
class Member:
    """One ESA of the site as its configuration shows it; `names` are all its host names and addresses."""

    node: Node
    configuration: Reply[Configuration]
    interfaces: tuple[Interface, ...]

    @property
    def listener(self) -> Listener | None:
        return self.configuration.value.cpq_listener

    @property
    def names(self) -> set[str]:
        hosts = {interface.hostname.casefold() for interface in self.interfaces if interface.hostname}
        return own_addresses(self.node, self.interfaces) | hosts

    def has(self, interface: str) -> bool:
        return any(one.name.casefold() == interface.casefold() for one in self.interfaces)

    def quote(self) -> Evidence:
        """The lines of its configuration that show interfaces and the hidden listener's settings."""
        return self.configuration.exchange.quote("cpq_listener", "<interface_name>", "<port>")


@dataclass(frozen=True, slots=True)
class Members:
    """A cluster as one of its members lists it, and those of the site's ESAs that belong to it."""

    listed: Reply[Cluster]
    known: tuple[Member, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Host names of machines that are no ESA of this site."""
        ours = {name for member in self.known for name in member.names}
        return tuple(name for name in self.listed.value.machines if name.casefold() not in ours)


async def read_member(probes: Probes, node: Node) -> Member:
    """One ESA; raises what its configuration or its list of interfaces fail with."""
    configuration = await probes.ask(node.name, showconfig())
    printed = (await probes.ask(node.name, interfaceconfig())).value
    # Each knows something that the other may lack: a host name here, an address of another level there.
    return Member(node, configuration, printed or configuration.value.interfaces)


async def read_members(probes: Probes, node: Node) -> Members | None:
    """The cluster of `node`; None when it stands alone. ESAs that cannot be asked are left out."""
    listed = await probes.ask(node.name, clusterconfig())
    if not listed.value.machines:
        return None
    esas = [subject for subject in probes.subjects if isinstance(subject, Node) and subject.product == "esa"]
    found = [await attempt(read_member(probes, esa)) for esa in esas]
    machines = {machine.casefold() for machine in listed.value.machines}
    known = tuple(one for one in found if isinstance(one, Member) and one.names & machines)
    return Members(listed, known)


def missing_interface(member: Member, others: tuple[Member, ...]) -> str | None:
    """The interface that the hidden listener is to use and that does not exist on the member; None = no such.

    It is named in the member's own setting or, where it has none, in those of the other members.
    """
    settings = [member.listener] if member.listener else [other.listener for other in others]
    names = [setting.interface for setting in settings if setting and setting.interface]
    return next((name for name in names if not member.has(name)), None)
