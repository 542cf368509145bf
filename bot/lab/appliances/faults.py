"""The faults that the lab can put into its site, each reversible."""

from collections.abc import Callable, Mapping

from bot.lab.appliances.appliance import Appliance, Site
from bot.lab.appliances.fault import Fault
from bot.lab.appliances.faults_cluster import CLUSTER_FAULTS
from bot.lab.appliances.faults_log import LOG_FAULTS
from bot.lab.appliances.faults_network import NETWORK_FAULTS, leaves_by_data
from bot.lab.appliances.faults_service import SERVICE_FAULTS
from bot.lab.appliances.faults_tls import TLS_FAULTS
from bot.lab.appliances.tls import ADMITS_ANONYMOUS, admits_anonymous


def _set_suspended(site: Site, suspended: bool) -> None:
    site.sma.set_receiving(site.sma.listeners, suspended)
    site.sma.set_delivery(suspended)


def _set_anonymous(site: Site, anonymous: bool) -> None:
    site.sma.prefer_anonymous = anonymous
    esa = site.second_esa
    esa.configuration["ssl_outbound_ciphers"] = ADMITS_ANONYMOUS if anonymous else esa.model.release.ciphers


def _is_anonymous(site: Site) -> bool:
    ciphers = site.second_esa.configuration["ssl_outbound_ciphers"]
    return site.sma.prefer_anonymous and admits_anonymous(ciphers)


def _allow_peer(site: Site) -> None:
    peers = site.sma.cpq.peers or []
    site.sma.cpq.peers = [
        esa.delivery_source for esa in site.esas if esa is site.second_esa or esa.delivery_source in peers
    ]


def _forbid_peer(site: Site) -> None:
    peers = site.sma.cpq.peers or []
    site.sma.cpq.peers = [peer for peer in peers if peer != site.second_esa.delivery_source]


def _is_forbidden(site: Site) -> bool:
    """A registered ESA that is not let in; one that was never added is another fault."""
    added = any(peer.name == site.second_esa.name for peer in site.sma.peers)
    return added and not site.sma.cpq.accepts(site.second_esa.delivery_source)


def _create_firewall(name: str, ends: Callable[[Site], tuple[Appliance, Appliance]]) -> Fault:
    def inject(site: Site) -> None:
        source, target = ends(site)
        site.network.drop(source.delivery_source, (target.address, target.cpq.port))

    def mend(site: Site) -> None:
        source, target = ends(site)
        site.network.allow(source.delivery_source, (target.address, target.cpq.port))

    def is_active(site: Site) -> bool:
        source, target = ends(site)
        endpoint = (target.address, target.cpq.port)
        return not leaves_by_data(source) and site.network.drops(source.delivery_source, endpoint)

    direction = "esa-a1 to the SMA" if name == "firewall-esa-to-sma" else "the SMA to esa-a1"
    text = f"A firewall silently drops new connections from {direction} on the CPQ port."
    return Fault(name, f"Firewall blocks {direction}", text, inject, mend, is_active)


FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault(
            "sma-suspended",
            "SMA suspended",
            "Somebody ran suspend on the SMA: it accepts no quarantined mail and releases none.",
            inject=lambda site: _set_suspended(site, True),
            mend=lambda site: _set_suspended(site, False),
            is_active=lambda site: site.sma.cpq.suspended,
        ),
        Fault(
            "anonymous-cipher",
            "Anonymous cipher",
            "esa-a2 admits anonymous ciphers and the SMA prefers one, so no certificate is sent.",
            inject=lambda site: _set_anonymous(site, True),
            mend=lambda site: _set_anonymous(site, False),
            is_active=_is_anonymous,
        ),
        _create_firewall("firewall-esa-to-sma", lambda site: (site.esas[0], site.sma)),
        _create_firewall("firewall-sma-to-esa", lambda site: (site.sma, site.esas[0])),
        Fault(
            "peer-not-allowed",
            "ESA missing in RELAYLIST",
            "The address of esa-a2 is not in the RELAYLIST of the SMA, which answers it with 554.",
            inject=_forbid_peer,
            mend=_allow_peer,
            is_active=_is_forbidden,
        ),
        *NETWORK_FAULTS,
        *SERVICE_FAULTS,
        *TLS_FAULTS,
        *CLUSTER_FAULTS,
        *LOG_FAULTS,
    )
}
