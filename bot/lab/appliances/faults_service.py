"""Faults of the appliances themselves: suspended, disabled, too old, out of time, out of resources."""

from dataclasses import replace
from datetime import timedelta

from bot.lab.appliances.appliance import Appliance, Site
from bot.lab.appliances.fault import toggle
from bot.lab.appliances.parts import Message, Waiting

AHEAD = 600.0
TOO_OLD = "7.6.3-019"
HELD = 120
LONG_AGO = timedelta(hours=55)
PENDING = {"ssl_gui_method": "tlsv1.2"}


def _suspend_receiving(site: Site, active: bool) -> None:
    site.esas[0].set_receiving(site.esas[0].listeners, active)


def _enable(appliance: Appliance, enabled: bool) -> None:
    appliance.cpq.enabled = enabled
    appliance.follow()


def _skew(site: Site, active: bool) -> None:
    if active != _is_skewed(site):
        site.second_esa.clock.ahead += AHEAD if active else -AHEAD


def _is_skewed(site: Site) -> bool:
    return site.second_esa.clock.ahead - site.sma.clock.ahead >= AHEAD


def _age(site: Site, active: bool) -> None:
    """esa-a2 has not been upgraded since before there was PVO."""
    esa = site.second_esa
    release = site.sma.model.release
    esa.model = replace(esa.model, release=replace(release, esa=TOO_OLD) if active else release)
    _enable(esa, not active)


def _pile_up(site: Site, active: bool) -> None:
    """esa-a1 has more to deliver than it gets rid of; nothing is marked down."""
    esa = site.esas[0]
    esa.held = active
    if active and not _is_piled_up(site):
        _queue(esa, site.sma, HELD, timedelta(minutes=5))
    esa.follow()


def _is_piled_up(site: Site) -> bool:
    return site.esas[0].held and len(site.esas[0].destination(site.esas[0].cpq_host).waiting) >= HELD


def _stick(site: Site, active: bool) -> None:
    """Mail of esa-a1 has been stuck for more than two days."""
    esa = site.esas[0]
    esa.held = active
    row = esa.destination(esa.cpq_host)
    with esa.lock:
        if active and site.sma.address not in row.down:
            row.down.add(site.sma.address)
            _queue(esa, site.sma, 1, LONG_AGO)
        elif not active:
            row.down.discard(site.sma.address)
    esa.follow()


def _is_stuck(site: Site) -> bool:
    esa = site.esas[0]
    return esa.held and bool(esa.destination(esa.cpq_host).down)


def _hold_releases(site: Site, active: bool) -> None:
    site.sma.held = active
    if active and not site.sma.destination(site.sma.cpq_host).waiting:
        _queue(site.sma, site.esas[0], HELD, timedelta(minutes=5))
    site.sma.follow()


def _queue(sender: Appliance, receiver: Appliance, count: int, age: timedelta) -> None:
    origin = sender if sender.model.product == "esa" else receiver
    since = sender.clock() - age
    with sender.lock:
        row = sender.destination(sender.cpq_host)
        for _ in range(count):
            mid = sender.count("mid")
            message = Message(mid, origin.address, mid, "Policy", "f1")
            row.waiting.append(Waiting(receiver.address, message, since))


SERVICE_FAULTS = (
    toggle(
        "transfers-suspended",
        "SMA's transfers suspended",
        "Somebody ran suspendtransfers on the SMA: it takes no quarantined mail, though it is online.",
        lambda site, active: site.sma.set_transfers(active),
        lambda site: site.sma.transfers_suspended,
    ),
    toggle(
        "esa-suspended",
        "esa-a1 receives nothing",
        "Somebody ran suspendlistener for all listeners of esa-a1: it takes no released mail.",
        _suspend_receiving,
        lambda site: site.esas[0].cpq.suspended,
    ),
    toggle(
        "esa-delivery-suspended",
        "esa-a1 delivers nothing",
        "Somebody ran suspenddel on esa-a1: quarantined mail stays there.",
        lambda site, active: site.esas[0].set_delivery(active),
        lambda site: site.esas[0].delivery_suspended,
    ),
    toggle(
        "service-disabled",
        "Service disabled on the SMA",
        "The centralized quarantine is not enabled on the SMA: it has no cpq_listener.",
        lambda site, active: _enable(site.sma, not active),
        lambda site: not site.sma.cpq.enabled,
    ),
    toggle(
        "pvo-off",
        "PVO not enabled on esa-a2",
        "esa-a2 has no cpq_listener: PVO is not enabled there, and nothing is in the way.",
        lambda site, active: _enable(site.second_esa, not active),
        lambda site: not site.second_esa.cpq.enabled and site.second_esa.model.version != TOO_OLD,
    ),
    toggle(
        "too-old",
        "esa-a2 is too old",
        "esa-a2 runs AsyncOS 7.6, which knows no centralized quarantine.",
        _age,
        lambda site: site.second_esa.model.version == TOO_OLD,
    ),
    toggle(
        "clock-skewed",
        "Clock of esa-a2 is wrong",
        "The clock of esa-a2 is ten minutes ahead.",
        _skew,
        _is_skewed,
    ),
    toggle(
        "changes-pending",
        "Uncommitted changes on esa-a1",
        "Somebody has changed the configuration of esa-a1 and not committed it.",
        lambda site, active: (
            site.esas[0].foreign_changes.update(PENDING) if active else site.esas[0].foreign_changes.clear()
        ),
        lambda site: bool(site.esas[0].foreign_changes),
    ),
    toggle(
        "resources-short",
        "SMA saves its resources",
        "The SMA is in resource conservation mode.",
        lambda site, active: setattr(site.sma, "conserving", 55 if active else 0),
        lambda site: site.sma.conserving > 0,
    ),
    toggle(
        "queue-long",
        "Mail piles up on esa-a1",
        "esa-a1 has more mail for the SMA than it delivers; nothing is marked down.",
        _pile_up,
        _is_piled_up,
    ),
    toggle(
        "mail-expiring",
        "Mail on esa-a1 is about to bounce",
        "Mail of esa-a1 for the SMA has been stuck for 55 hours.",
        _stick,
        _is_stuck,
    ),
    toggle(
        "releases-held",
        "Released mail piles up on the SMA",
        "The SMA has more released mail than it delivers; nothing is marked down.",
        _hold_releases,
        lambda site: site.sma.held and not site.sma.destination(site.sma.cpq_host).down,
    ),
)
