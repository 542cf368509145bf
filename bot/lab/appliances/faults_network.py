"""Faults between the appliances: what answers on a CPQ port, address translation, the way of the SMA's SSH."""

from dataclasses import replace

from bot.lab.appliances.appliance import DELIVERY_INTERFACE, Appliance, Site, WayIn
from bot.lab.appliances.fault import Fault, toggle
from bot.lab.appliances.keys import create_key_pair
from bot.lab.appliances.parts import AUTO, SSH_PORT, Greeting, Interface

TRANSLATED = "10.10.20.99"
DATA = Interface("Data 1", "198.51.100.20")
MOVED_PORT = 7026


def _greet(name: str, title: str, text: str, manner: Greeting) -> Fault:
    """The SMA's listener behaves in this manner towards everybody."""

    def change(site: Site, active: bool) -> None:
        site.sma.cpq.manner = manner if active else "serve"

    return toggle(name, title, text, change, lambda site: site.sma.cpq.manner == manner)


def _translate(site: Site, active: bool) -> None:
    shown = TRANSLATED if active else None
    site.network.translate(site.second_esa.delivery_source, site.sma.address, shown)


def _is_translated(site: Site) -> bool:
    source = site.second_esa.delivery_source
    return site.network.shown_as(source, site.sma.address) != source


def _move_port(site: Site, active: bool) -> None:
    """The SMA listens on another port; the ESAs go on dialling the former one."""
    if active != _is_moved(site):
        former = site.sma.cpq.port
        site.sma.cpq.port = MOVED_PORT if active else site.esas[0].dials[site.sma.name]
        for esa in site.esas:
            esa.dials = {site.sma.name: former} if active else {}
    site.sma.follow()


def _is_moved(site: Site) -> bool:
    return any(esa.dials.get(site.sma.name, site.sma.cpq.port) != site.sma.cpq.port for esa in site.esas)


def _leave_by_data(site: Site, active: bool) -> None:
    """esa-a1 delivers from an interface without a route to the SMA."""
    esa, endpoint = site.esas[0], (site.sma.address, site.sma.cpq.port)
    esa.interfaces = [one for one in esa.interfaces if one != DATA] + ([DATA] if active else [])
    esa.configuration[DELIVERY_INTERFACE] = DATA.name if active else AUTO
    (site.network.drop if active else site.network.allow)(DATA.address, endpoint)


def leaves_by_data(esa: Appliance) -> bool:
    """Whether it delivers from the interface without a route."""
    return esa.configuration[DELIVERY_INTERFACE] == DATA.name


def _block_ssh(site: Site, active: bool) -> None:
    (site.network.drop if active else site.network.allow)(site.sma.address, (site.esas[0].address, SSH_PORT))


def _harden(site: Site, active: bool) -> None:
    esa = site.esas[0]
    esa.door = replace(esa.door, algorithms="hardened" if active else "release")


def _forget_key(site: Site, active: bool) -> None:
    """The SMA remembers another host key than esa-a1 has: as after its replacement."""
    site.sma.peers[0].host_key = create_key_pair().public if active else site.esas[0].host_key.public


def _replace_key(site: Site, active: bool) -> None:
    """A new host key, which the SMA has learnt and the bot has not."""
    esa = site.esas[0]
    if active and esa.former_key is None:
        esa.former_key, esa.host_key = esa.host_key, create_key_pair()
    elif not active and esa.former_key is not None:
        esa.host_key, esa.former_key = esa.former_key, None
    site.sma.peers[0].host_key = esa.host_key.public


def _switch_ssh(site: Site, active: bool) -> None:
    site.esas[0].ssh_off = active
    site.esas[0].follow()


def _bar_bot(name: str, title: str, text: str, way_in: WayIn) -> Fault:
    """A firewall between the bot and esa-a1; the appliances do not pass it."""

    def change(site: Site, active: bool) -> None:
        site.esas[0].way_in = way_in if active else "open"
        site.esas[0].follow()

    return toggle(name, title, text, change, lambda site: site.esas[0].way_in == way_in)


def _outdate(site: Site, active: bool) -> None:
    esa = site.esas[0]
    esa.door = replace(esa.door, algorithms="legacy" if active else "release")


def _is_outdated(site: Site) -> bool:
    """Where the lab has it from the start, the host key is old too, and the inventory allows both."""
    esa = site.esas[0]
    return esa.door.algorithms == "legacy" and not esa.host_key.public.startswith("ssh-rsa")


def _set_pinned(site: Site, pinned: bool) -> None:
    site.esas[0].pinned = pinned


def _lose_name(site: Site, active: bool) -> None:
    site.sma.known_by_name = active
    if active:
        site.network.forget(site.sma.host)
    else:
        site.network.register(site.sma.host, site.sma.address)
    site.sma.follow()


def _refuse_client(site: Site, active: bool) -> None:
    """Neither the key nor the password of the SMA's command client is good for esa-a1 any more."""
    esa, peer = site.esas[0], site.sma.peers[0]
    (esa.client_keys.discard if active else esa.client_keys.add)(site.sma.client_key.public)
    peer.password = "" if active else esa.accounts[peer.user]


NETWORK_FAULTS = (
    _greet(
        "listener-drops",
        "SMA drops connections",
        "Connections to the SMA's CPQ port are closed at once.",
        "drop",
    ),
    _greet(
        "listener-silent", "SMA stays silent", "The SMA's CPQ port opens and no banner follows.", "silent"
    ),
    _greet("listener-busy", "SMA is busy", "The SMA answers 421: too many connections.", "busy"),
    _greet(
        "smtp-inspection",
        "Firewall rewrites the banner",
        "A firewall's SMTP inspection overwrites the SMA's banner with asterisks.",
        "mask",
    ),
    toggle(
        "address-translation",
        "NAT between esa-a2 and the SMA",
        "The SMA sees esa-a2 come from 10.10.20.99, which it does not let in.",
        _translate,
        _is_translated,
    ),
    toggle(
        "port-changed",
        "Port changed on the SMA only",
        "The SMA listens on port 7026; the ESAs go on dialling the former port.",
        _move_port,
        _is_moved,
    ),
    toggle(
        "wrong-interface",
        "esa-a1 delivers from the wrong interface",
        "deliveryconfig of esa-a1 names an interface that has no route to the SMA.",
        _leave_by_data,
        lambda site: leaves_by_data(site.esas[0]),
    ),
    toggle(
        "name-unknown",
        "DNS does not know the SMA",
        "The SMA is known by its host name, which the DNS of the ESAs does not resolve.",
        _lose_name,
        lambda site: site.network.resolve(site.sma.known_as) is None,
    ),
    toggle(
        "firewall-ssh",
        "Firewall blocks the SMA's SSH",
        "A firewall silently drops SSH connections from the SMA to esa-a1.",
        _block_ssh,
        lambda site: site.network.drops(site.sma.address, (site.esas[0].address, SSH_PORT)),
    ),
    toggle(
        "ssh-off",
        "SSH is off on esa-a1",
        "SSH is switched off on esa-a1, for the SMA and for the bot.",
        _switch_ssh,
        lambda site: site.esas[0].ssh_off,
    ),
    _bar_bot(
        "firewall-drops-bot",
        "Firewall drops the bot's SSH",
        "A firewall silently drops SSH connections from the bot to esa-a1.",
        "drop",
    ),
    _bar_bot(
        "firewall-rejects-bot",
        "Firewall rejects the bot's SSH",
        "A firewall rejects SSH connections from the bot to esa-a1.",
        "reject",
    ),
    toggle(
        "ssh-outdated",
        "esa-a1 has old SSH algorithms only",
        "The SSH server of esa-a1 offers SHA-1 and CBC only, which the bot's inventory does not allow.",
        _outdate,
        _is_outdated,
    ),
    toggle(
        "bot-key-missing",
        "The bot knows no key of esa-a1",
        "The bot's inventory gives no SSH host key of esa-a1.",
        lambda site, active: _set_pinned(site, not active),
        lambda site: not site.esas[0].pinned,
    ),
    toggle(
        "bot-key-outdated",
        "The bot knows another key of esa-a1",
        "esa-a1 has a new SSH host key: the SMA has learnt it, the bot's inventory has not.",
        _replace_key,
        lambda site: site.esas[0].former_key is not None,
    ),
    toggle(
        "ssh-hardened",
        "esa-a1 has hardened its SSH",
        "The SSH server of esa-a1 offers no algorithm that the SMA knows.",
        _harden,
        lambda site: site.esas[0].door.algorithms == "hardened",
    ),
    toggle(
        "ssh-key-replaced",
        "esa-a1 has another SSH host key",
        "The SMA remembers another host key of esa-a1, as after its replacement.",
        _forget_key,
        lambda site: site.sma.peers[0].host_key != site.esas[0].host_key.public,
    ),
    toggle(
        "command-login-refused",
        "esa-a1 refuses the SMA's login",
        "The account that the SMA uses on esa-a1 has another password now.",
        _refuse_client,
        lambda site: site.sma.peers[0].password != site.esas[0].accounts[site.sma.peers[0].user],
    ),
)
