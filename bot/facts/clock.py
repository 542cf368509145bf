"""What an appliance's clock says, in UTC, and what ours said then."""

import datetime as dt
import re
from dataclasses import dataclass

from bot.asyncos.commands.grep import grep
from bot.asyncos.commands.logconfig import logconfig
from bot.asyncos.commands.status import ServiceStatus, status
from bot.facts.attempt import attempt
from bot.model.errors import Skipped
from bot.model.finding import Reply
from bot.model.ports import Probes
from bot.model.subject import Node

UTC_NAMES = ("GMT", "UTC", "Z")
_OFFSET = re.compile(r"Time offset from UTC:\s*(-?\d{1,7}) seconds", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clock:
    """`shown` is the appliance's time in UTC, naive; `ahead` how far it is in front of this process's clock."""

    node: Node
    page: Reply[ServiceStatus]
    shown: dt.datetime

    @property
    def ahead(self) -> dt.timedelta:
        return self.shown - self.page.exchange.at.astimezone(dt.UTC).replace(tzinfo=None)


async def read_clock(probes: Probes, node: Node) -> Clock:
    """The clock of `node`; raises `Skipped` where the page shows none, or a zone that nothing explains."""
    page = await probes.ask(node.name, status())
    as_of, zone = page.value.as_of, page.value.zone
    if as_of is None:
        raise Skipped("no-clock", appliance=node.name)
    offset = dt.timedelta() if zone and zone.upper() in UTC_NAMES else await _logged_offset(probes, node)
    if offset is None:
        raise Skipped("zone-not-known", appliance=node.name)
    return Clock(node, page, as_of - offset)


async def _logged_offset(probes: Probes, node: Node) -> dt.timedelta | None:
    """The offset from UTC that stands at the head of the newest file of a mail log."""
    subscriptions = await attempt(probes.ask(node.name, logconfig()))
    logs = subscriptions.value if isinstance(subscriptions, Reply) else ()
    for log in logs:
        if log.is_mail_log:
            found = await attempt(probes.ask(node.name, grep("Time offset from UTC", log.name)))
            heads = _OFFSET.findall("\n".join(found.value.lines)) if isinstance(found, Reply) else []
            if heads:
                return dt.timedelta(seconds=int(heads[-1]))
    return None
