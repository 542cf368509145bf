"""What an ESA's logs say of settings that stand at another level than the one where PVO is to be enabled."""

import re

from bot.asyncos.commands.grep import grep
from bot.asyncos.commands.logconfig import logconfig
from bot.facts.attempt import attempt
from bot.facts.log import LOGS_READ
from bot.facts.sought import read_window
from bot.model.finding import Evidence, Reply
from bot.model.ports import Probes
from bot.model.subject import Node

PATTERN = "at a level different from the cluster level"
_GUI = re.compile(r"\bGUI\b", re.IGNORECASE)
_SETTINGS = re.compile(r"^(?>.*?in Cluster have )(.+?) available at a level different", re.IGNORECASE)


async def find_level_conflict(probes: Probes, node: Node) -> tuple[str, Evidence] | None:
    """The settings that the newest such message of the window names, and its line; None where no log holds one.

    The appliance prints it when somebody tries to enable PVO (TechNote 118026): in the log of its web interface
    or of mail.
    """
    subscriptions = (await probes.ask(node.name, logconfig())).value
    names = [log.name for log in subscriptions if log.is_mail_log or _GUI.search(log.type)]
    head = (await read_window(probes, node)).head
    for name in names[:LOGS_READ]:
        found = await attempt(probes.ask(node.name, grep(head + PATTERN, name)))
        if isinstance(found, Reply) and found.value.lines:
            newest = found.value.lines[-1]
            settings = _SETTINGS.search(newest)
            return settings[1] if settings else newest, found.exchange.quote_lines([newest])
    return None
