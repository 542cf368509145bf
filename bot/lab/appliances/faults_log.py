"""Faults that show in mail logs, or that hide what would show there; and what the worker itself meets."""

from dataclasses import replace

from bot.lab.appliances.appliance import Site
from bot.lab.appliances.fault import plant, toggle
from bot.lab.appliances.parts import ACCOUNT

FAULT = (
    "An application fault occurred: ('command/client.py connect|118', \"<type 'exceptions.RuntimeError'>\", "
    "\"'no answer'\", '[command/client.py run|40] [command/client.py connect|118]')"
)
STRANGER = "203.0.113.66"


def _stop_client(site: Site, active: bool) -> None:
    """The SMA's internal client is down: released mail is not even tried."""
    sma = site.sma
    if active and not sma.held:
        sma.log.write(FAULT, level="Critical")
    sma.held = active
    row = sma.destination(sma.cpq_host)
    for esa in site.esas:
        (row.down.add if active else row.down.discard)(esa.address)
    sma.follow()


def _reject_stranger(site: Site) -> None:
    sma, icid = site.sma, site.sma.count("icid")
    sma.log.write(
        f"New CPQ ICID {icid} interface Management ({sma.address}) address {STRANGER} "
        "reverse dns host unknown verified no",
        f"ICID {icid} REJECT SG None match ALL SBRS not enabled",
        f"ICID {icid} close",
    )


def _change_password(site: Site, active: bool) -> None:
    accounts = site.esas[0].accounts
    accounts[ACCOUNT] = accounts[ACCOUNT] + "!" if active else accounts[ACCOUNT].removesuffix("!")


def _forbid(site: Site, active: bool) -> None:
    esa = site.esas[0]
    esa.manners = replace(esa.manners, forbidden=frozenset({"showchanges"} if active else ()))


LOG_FAULTS = (
    toggle(
        "client-down",
        "Internal component of the SMA stopped",
        "A component of the SMA has failed (application fault): releases stick, though every path is fine.",
        _stop_client,
        lambda site: site.sma.held and bool(site.sma.destination(site.sma.cpq_host).down),
    ),
    plant(
        "application-fault",
        "Application fault on the SMA",
        "The SMA's mail log shows an application fault, and nothing is stuck.",
        lambda site: site.sma.log.write(FAULT, level="Critical"),
    ),
    plant(
        "quarantine-full",
        "Quarantine was full",
        "The SMA let a message go because its quarantine was full.",
        lambda site: site.sma.log.write('MID 9002 released from quarantine "Policy" (queue full)'),
    ),
    plant(
        "stranger-rejected",
        "Stranger at the SMA's CPQ port",
        "The SMA rejected a CPQ connection of somebody who is none of its appliances.",
        _reject_stranger,
    ),
    toggle(
        "log-level",
        "Mail log of esa-a1 says too little",
        "The mail log of esa-a1 stands at level Critical, where no CPQ line is written.",
        lambda site, active: setattr(site.esas[0], "log_level", "Critical" if active else "Information"),
        lambda site: site.esas[0].log_level == "Critical",
    ),
    toggle(
        "login-refused",
        "esa-a1 refuses the bot's login",
        "The password of the bot's account on esa-a1 was changed.",
        _change_password,
        lambda site: site.esas[0].accounts[ACCOUNT].endswith("!"),
    ),
    toggle(
        "role-refused",
        "esa-a1 refuses a command",
        "The role of the bot's account on esa-a1 may not run showchanges.",
        _forbid,
        lambda site: "showchanges" in site.esas[0].manners.forbidden,
    ),
)
