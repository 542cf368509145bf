"""The faults that the lab can put into its site, each reversible."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.lab.appliances.appliance import Appliance, Site
from bot.lab.appliances.tls import CERTIFICATE_ONLY, admits_anonymous


@dataclass(frozen=True)
class Fault:
    """One fault. Whether it is active is read from the site: a repair by CLI counts as much as `mend`."""

    name: str
    title: str
    text: str
    inject: Callable[[Site], None]
    mend: Callable[[Site], None]
    is_active: Callable[[Site], bool]


def _set_suspended(site: Site, suspended: bool) -> None:
    site.sma.set_receiving(site.sma.listeners, suspended)
    site.sma.set_delivery(suspended)


def _set_anonymous(site: Site, anonymous: bool) -> None:
    site.sma.prefer_anonymous = anonymous
    ciphers = "HIGH:MEDIUM" if anonymous else CERTIFICATE_ONLY
    site.esas[-1].configuration["ssl_outbound_ciphers"] = ciphers


def _is_anonymous(site: Site) -> bool:
    return site.sma.prefer_anonymous and admits_anonymous(site.esas[-1].configuration["ssl_outbound_ciphers"])


def _allow_peer(site: Site) -> None:
    peers = site.sma.cpq.peers or []
    site.sma.cpq.peers = [esa.address for esa in site.esas if esa is site.esas[-1] or esa.address in peers]


def _forbid_peer(site: Site) -> None:
    peers = site.sma.cpq.peers or []
    site.sma.cpq.peers = [peer for peer in peers if peer != site.esas[-1].address]


def _create_firewall(name: str, ends: Callable[[Site], tuple[Appliance, Appliance]]) -> Fault:
    def inject(site: Site) -> None:
        source, target = ends(site)
        site.network.drop(source.address, (target.address, target.cpq.port))

    def mend(site: Site) -> None:
        source, target = ends(site)
        site.network.allow(source.address, (target.address, target.cpq.port))

    def is_active(site: Site) -> bool:
        source, target = ends(site)
        return site.network.drops(source.address, (target.address, target.cpq.port))

    direction = "esa-a1 to the SMA" if name == "firewall-esa-to-sma" else "the SMA to esa-a1"
    text = f"A firewall silently drops new connections from {direction} on port 7025."
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
            is_active=lambda site: not site.sma.cpq.accepts(site.esas[-1].address),
        ),
    )
}
