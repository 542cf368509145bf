"""The commands of the simulated CLI, by the name that is typed."""

from collections.abc import Awaitable, Callable, Mapping

from bot.lab.appliances.commands import (
    changes,
    configuration,
    grep,
    nslookup,
    readings,
    service,
    showconfig,
    sslconfig,
    telnet,
    tophosts,
)
from bot.lab.appliances.session import Session

Command = Callable[[Session, str], Awaitable[None]]

COMMANDS: Mapping[str, Command] = {
    "clear": changes.clear,
    "commit": changes.commit,
    "date": readings.date,
    "deliveryconfig": configuration.deliveryconfig,
    "delivernow": service.delivernow,
    "grep": grep.grep,
    "interfaceconfig": configuration.interfaceconfig,
    "logconfig": configuration.logconfig,
    "nslookup": nslookup.nslookup,
    "resume": service.resume,
    "resumedel": service.resumedel,
    "resumelistener": service.resumelistener,
    "showchanges": changes.showchanges,
    "showconfig": showconfig.showconfig,
    "sslconfig": sslconfig.sslconfig,
    "status": readings.status,
    "suspend": service.suspend,
    "suspenddel": service.suspenddel,
    "suspendlistener": service.suspendlistener,
    "telnet": telnet.telnet,
    "tophosts": tophosts.tophosts,
    "version": readings.version,
    "who": readings.who,
}
