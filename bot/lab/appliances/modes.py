"""Configuration modes of a cluster: cluster, group, machine, and which commands need which."""

from dataclasses import dataclass

from bot.lab.appliances.appliance import Appliance, Cluster
from bot.lab.appliances.options import Mode as Kind

CLUSTER_ONLY = frozenset({"clusterconfig", "sshconfig"})
MACHINE_ONLY = frozenset(
    {
        "delivernow",
        "hoststatus",
        "interfaceconfig",
        "nslookup",
        "oldmessage",
        "reboot",
        "resume",
        "resumedel",
        "resumelistener",
        "showrecipients",
        "status",
        "suspend",
        "suspenddel",
        "suspendlistener",
        "tophosts",
        "version",
    }
)


@dataclass(frozen=True)
class Mode:
    """Where in the cluster a session works; `name` is that of the cluster or group, or a host name."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.title()} {self.name}"


def build_mode(kind: Kind, cluster: Cluster, machine: str) -> Mode:
    """The mode of that kind; `machine` is the host name for machine mode."""
    names: dict[Kind, str] = {"cluster": cluster.name, "group": cluster.group, "machine": machine}
    return Mode(kind, names[kind])


def required_kind(command: str) -> Kind | None:
    """The only mode that a command runs in; None when it runs in all."""
    if command in CLUSTER_ONLY:
        return "cluster"
    return "machine" if command in MACHINE_ONLY else None


def members_of(cluster: Cluster, mode: Mode) -> tuple[Appliance, ...]:
    """The appliances that a change in this mode reaches."""
    if mode.kind != "machine":
        return cluster.members
    return tuple(member for member in cluster.members if member.host == mode.name)
