"""Further searches in the mail logs of one appliance, beside those for its CPQ deliveries."""

import datetime as dt
from dataclasses import dataclass

from bot.asyncos.commands.grep import grep
from bot.asyncos.commands.logconfig import logconfig
from bot.asyncos.commands.status import status
from bot.facts.log import DEFAULT_PORT, LOGS_READ, CpqLog
from bot.facts.window import hours_pattern
from bot.maillog.correlate import correlate
from bot.maillog.grammar import parse
from bot.maillog.merge import merge
from bot.model.errors import Skipped
from bot.model.ports import Probes
from bot.model.subject import Node


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of log that counts, in the appliance's time; `head` begins a pattern that finds its lines."""

    first: dt.datetime | None
    last: dt.datetime | None
    head: str

    def holds(self, at: dt.datetime | None) -> bool:
        return at is None or self.first is None or at >= self.first


async def read_window(probes: Probes, node: Node) -> Window:
    """The window that ends at the appliance's own time; without that time it has no ends."""
    as_of = (await probes.ask(node.name, status())).value.as_of
    if as_of is None:
        return Window(None, None, "")
    first = as_of - dt.timedelta(minutes=probes.limits.log_minutes)
    hours = hours_pattern(first, as_of + dt.timedelta(minutes=5))
    return Window(first, as_of, f"{hours}.*" if hours else "")


async def search_mail_logs(probes: Probes, node: Node, *patterns: str) -> CpqLog:
    """What the lines that match any of `patterns` say, in the window; raises `Skipped` without a mail log."""
    subscriptions = (await probes.ask(node.name, logconfig())).value
    names = [subscription.name for subscription in subscriptions if subscription.is_mail_log][:LOGS_READ]
    if not names:
        raise Skipped("no-mail-log", appliance=node.name)
    window = await read_window(probes, node)
    searches = [grep(window.head + pattern, name) for name in names for pattern in patterns]
    replies = [await probes.ask(node.name, search) for search in searches]
    lines = merge([reply.value.lines for reply in replies])
    traffic = correlate([event for event in parse(lines) if window.holds(event.at)], (DEFAULT_PORT,))
    exchanges = tuple(reply.exchange for reply in replies)
    capped = any(reply.value.capped for reply in replies)
    return CpqLog(traffic, exchanges, window.first, window.last, capped)
