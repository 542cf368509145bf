"""The commands of the simulated CLI, by the name that is typed."""

from collections.abc import Awaitable, Callable, Mapping

from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.commands import (
    applianceconfig,
    changes,
    cluster,
    configuration,
    delivery,
    grep,
    nslookup,
    readings,
    recipients,
    service,
    showconfig,
    sshconfig,
    sslconfig,
    telnet,
    tlsverify,
    tophosts,
)
from bot.lab.appliances.session import Session

Command = Callable[[Session, str], Awaitable[None]]

COMMANDS: Mapping[str, Command] = {
    "clear": changes.clear,
    "commit": changes.commit,
    "date": readings.date,
    "deliveryconfig": delivery.deliveryconfig,
    "delivernow": service.delivernow,
    "grep": grep.grep,
    "hoststatus": recipients.hoststatus,
    "interfaceconfig": configuration.interfaceconfig,
    "logconfig": configuration.logconfig,
    "nslookup": nslookup.nslookup,
    "oldmessage": recipients.oldmessage,
    "reboot": service.reboot,
    "resume": service.resume,
    "resumedel": service.resumedel,
    "resumelistener": service.resumelistener,
    "showchanges": changes.showchanges,
    "showconfig": showconfig.showconfig,
    "showrecipients": recipients.showrecipients,
    "sshconfig": sshconfig.sshconfig,
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
OF_PRODUCT: Mapping[str, Mapping[str, Command]] = {
    "esa": {
        "clusterconfig": cluster.clusterconfig,
        "clustermode": cluster.clustermode,
        "tlsverify": tlsverify.tlsverify,
    },
    "sma": {
        "applianceconfig": applianceconfig.applianceconfig,
        "resumetransfers": service.resumetransfers,
        "suspendtransfers": service.suspendtransfers,
    },
}


def find_command(name: str, appliance: Appliance) -> Command | None:
    """The command of that name; None where the appliance does not have it."""
    if name in appliance.manners.unknown:
        return None
    return COMMANDS.get(name) or OF_PRODUCT[appliance.model.product].get(name)
