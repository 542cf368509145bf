"""Faults of a cluster: they make the ESAs one where they are none."""

from dataclasses import replace

from bot.lab.appliances.appliance import Cluster, Site
from bot.lab.appliances.fault import Fault, plant, toggle
from bot.lab.appliances.parts import COMMAND_CLIENT, MANAGEMENT, Interface, Peer

LAB_CLUSTER = "Lab Cluster"
OTHER_PORT = 7026
RENAMED = "Mgmt"


def _unite(site: Site) -> None:
    cluster = Cluster(LAB_CLUSTER, site.esas)
    for esa in site.esas:
        esa.cluster = esa.cluster or cluster


def _part(site: Site) -> None:
    for esa in site.esas:
        if esa.cluster and esa.cluster.name == LAB_CLUSTER:
            esa.cluster = None


def _override(site: Site, active: bool) -> None:
    """esa-a2 listens on a port of its own."""
    (_unite if active else _part)(site)
    site.second_esa.cpq.port = OTHER_PORT if active else site.esas[0].cpq.port
    site.second_esa.follow()


def _rename(site: Site, active: bool) -> None:
    """esa-a2 has no interface of the name that the cluster's setting uses."""
    (_unite if active else _part)(site)
    esa, name = site.second_esa, RENAMED if active else MANAGEMENT
    esa.interfaces = [
        Interface(name, one.address) if one.name in (RENAMED, MANAGEMENT) else one for one in esa.interfaces
    ]
    esa.follow()


def _forget_member(site: Site, active: bool) -> None:
    """The SMA knows nothing of esa-a2."""
    (_unite if active else _part)(site)
    esa, cpq = site.second_esa, site.sma.cpq
    others = [peer for peer in site.sma.peers if peer.name != esa.name]
    account = (COMMAND_CLIENT, esa.accounts[COMMAND_CLIENT])
    known = Peer(esa.name, esa.address, *account, esa.host_key.public)
    site.sma.peers[:] = others if active else [*others, known]
    addresses = [peer for peer in cpq.peers or [] if peer != esa.delivery_source]
    cpq.peers = addresses if active else [*addresses, esa.delivery_source]


def _complain(site: Site) -> None:
    _unite(site)
    site.esas[0].log.write(
        "Unable to proceed with Centralized Policy, Virus and Outbreak Quarantines configuration as "
        f"{site.esas[0].host} and {site.second_esa.host} in Cluster have content filters / DLP actions "
        "available at a level different from the cluster level"
    )


def _leave_cluster(fault: Fault) -> Fault:
    def mend(site: Site) -> None:
        fault.mend(site)
        _part(site)

    return replace(fault, mend=mend)


CLUSTER_FAULTS = (
    toggle(
        "cluster-override",
        "esa-a2 differs from its cluster",
        "The CPQ listener of esa-a2 has a port of its own, below the cluster's level.",
        _override,
        lambda site: site.second_esa.cpq.port != site.esas[0].cpq.port,
    ),
    toggle(
        "cluster-interface-missing",
        "esa-a2 lacks the cluster's interface",
        "esa-a2 has no interface of the name that the cluster's PVO setting uses.",
        _rename,
        lambda site: any(one.name == RENAMED for one in site.second_esa.interfaces),
    ),
    toggle(
        "member-not-added",
        "esa-a2 was never added",
        "esa-a2 is a member of the cluster and not among the SMA's appliances.",
        _forget_member,
        lambda site: all(peer.name != site.second_esa.name for peer in site.sma.peers),
    ),
    _leave_cluster(
        plant(
            "level-conflict",
            "Filters at another level",
            "esa-a1 could not enable PVO: content filters stand at another level of the cluster.",
            _complain,
        )
    ),
)
