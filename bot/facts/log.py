"""What the mail logs of one appliance say about CPQ in the window: narrow searches, then what belongs to them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from bot.asyncos.commands.grep import Grep, grep
from bot.asyncos.commands.logconfig import logconfig
from bot.asyncos.commands.status import status
from bot.facts.aside import read_aside
from bot.facts.window import hours_pattern
from bot.maillog.correlate import correlate
from bot.maillog.grammar import parse
from bot.maillog.merge import merge
from bot.maillog.traffic import Sending, Traffic
from bot.model.errors import Skipped
from bot.model.finding import Evidence, Exchange, Reply
from bot.model.ports import Probes
from bot.model.subject import Node, Path

LOGS_READ = 4
CONNECTIONS_FOLLOWED = 60
DEFAULT_PORT = 7025


@dataclass(frozen=True, slots=True)
class CpqLog:
    """The CPQ traffic of one appliance in the window, and the searches that found it.

    `capped` says that an answer was cut: what was not found may still be there. Times are the appliance's.
    """

    traffic: Traffic
    searches: tuple[Exchange, ...]
    first: dt.datetime | None
    last: dt.datetime | None
    capped: bool

    def sent_on(self, path: Path, addresses: Iterable[str]) -> tuple[Sending, ...]:
        """The connections of `path`, oldest first; one that was opened before the window counts where only
        one peer is possible (an ESA has one SMA)."""
        known = {path.receiver.address, *addresses}
        alone = path.sender.product == "esa"
        return tuple(
            sending
            for sending in self.traffic.sent
            if sending.address in known or (sending.address is None and alone)
        )

    def quote(self, lines: Sequence[str]) -> tuple[Evidence, ...]:
        """Evidence of the given log lines, from as few searches as show them."""
        evidence: list[Evidence] = []
        left = list(dict.fromkeys(lines))
        while left:
            search = max(self.searches, key=lambda one: sum(line in one.text for line in left))
            shown = [line for line in left if line in search.text]
            if not shown:
                break
            evidence.append(search.quote_lines(shown))
            left = [line for line in left if line not in shown]
        return tuple(evidence)

    @property
    def searched(self) -> str:
        """What was searched and the span of it, in no language, so that nothing found means something."""
        span = f" ({self.first:%b %d %H:%M} – {self.last:%b %d %H:%M})" if self.first and self.last else ""
        return "; ".join(dict.fromkeys(search.command for search in self.searches)) + span


async def read_cpq_log(probes: Probes, node: Node, port: int | None = None) -> CpqLog:
    """Searches every text mail log of `node` for CPQ at `port`, once a run.

    Raises `Skipped` without such a log, `ProbeError` when it cannot be read.
    """
    dialled = port or DEFAULT_PORT
    return await probes.share(("cpq log", node.name, dialled), lambda: _read(probes, node, dialled))


async def _read(probes: Probes, node: Node, port: int) -> CpqLog:
    subscriptions = (await probes.ask(node.name, logconfig())).value
    names = [subscription.name for subscription in subscriptions if subscription.is_mail_log][:LOGS_READ]
    if not names:
        raise Skipped("no-mail-log", appliance=node.name)
    as_of = (await probes.ask(node.name, status())).value.as_of
    first = as_of - dt.timedelta(minutes=probes.limits.log_minutes) if as_of else None
    head = hours_pattern(first, as_of + dt.timedelta(minutes=5)) if first and as_of else ""
    found = [await _search(probes, node, _patterns(port), head, name) for name in names]
    replies = [reply for replies in found for reply in replies]
    size = sum(len(reply.exchange.text) for reply in replies)
    traffic = await read_aside(partial(_follow, found, first, port), size, f"the mail log of {node.name}")
    return CpqLog(
        traffic,
        tuple(reply.exchange for reply in replies),
        first,
        as_of,
        any(reply.value.capped for reply in replies),
    )


def _follow(found: Sequence[Sequence[Reply[Grep]]], first: dt.datetime | None, port: int) -> Traffic:
    """What the answers to the searches of each log come to."""
    lines = [line for replies in found for line in merge([reply.value.lines for reply in replies])]
    return correlate([event for event in parse(lines) if _counts(event.at, first)], (port,))


def _patterns(port: int) -> tuple[str, ...]:
    return (f"port {port}", r"the\.cpq", "centralized policy quarantine", "CPQ ICID")


async def _search(
    probes: Probes, node: Node, patterns: Sequence[str], head: str, name: str
) -> list[Reply[Grep]]:
    """The narrow searches, then the lines of the newest connections that they found."""
    begin = f"{head}.*" if head else ""
    replies = [await probes.ask(node.name, grep(begin + pattern, name)) for pattern in patterns]
    lines = [line for reply in replies for line in reply.value.lines]
    ids = await read_aside(
        partial(_connections, lines), sum(map(len, lines)), f"the log {name} of {node.name}"
    )
    if ids:
        alternatives = "|".join(str(number) for number in ids)
        replies.append(await probes.ask(node.name, grep(f"{begin}DCID:? ({alternatives}) ", name)))
    return replies


def _connections(lines: Iterable[str]) -> list[int]:
    """The ids of the newest outgoing connections that the lines name."""
    sendings = correlate(parse(lines)).sent
    return sorted({sending.dcid for sending in sendings if sending.dcid})[-CONNECTIONS_FOLLOWED:]


def _counts(at: dt.datetime | None, first: dt.datetime | None) -> bool:
    return at is None or first is None or at >= first
