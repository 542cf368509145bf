"""Does the outbound cipher list of an appliance admit anonymous suites, evaluated as OpenSSL does?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.asyncos.ciphers import evaluate
from bot.asyncos.commands.showconfig import showconfig
from bot.asyncos.commands.sslconfig import sslconfig
from bot.facts.attempt import attempt
from bot.model.check import Check
from bot.model.errors import CouldNotTell, Skipped
from bot.model.finding import Detail, Evidence, Finding, Reply, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Node

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class OutboundCiphers:
    """The list of an appliance, as it reads, and where it stands."""

    node: Node
    ciphers: str
    evidence: Evidence


async def collect(probes: Probes, node: Node) -> OutboundCiphers:
    printed = await attempt(probes.ask(node.name, sslconfig()))
    if isinstance(printed, Reply) and printed.value.outbound_ciphers:
        lines = list(printed.value.raw_outbound_lines)
        return OutboundCiphers(node, printed.value.outbound_ciphers, printed.exchange.quote_lines(lines))
    saved = await probes.ask(node.name, showconfig())
    if saved.value.outbound_ciphers is None:
        raise Skipped("no-cipher-list", appliance=node.name)
    return OutboundCiphers(node, saved.value.outbound_ciphers, saved.exchange.quote("ssl_outbound_ciphers"))


def analyze(facts: OutboundCiphers, limits: Limits) -> Iterator[Finding]:
    evaluated = evaluate(facts.ciphers)
    if not evaluated.suites:
        raise CouldNotTell("cipher-list-unusable", appliance=facts.node.name, ciphers=facts.ciphers)
    if not evaluated.anonymous:
        return
    repaired = f"{facts.ciphers}:-aNULL"
    details: dict[str, Detail] = {
        "ciphers": facts.ciphers,
        "new_ciphers": repaired if not evaluate(repaired).anonymous else None,
        "anonymous": len(evaluated.anonymous),
        "examples": ", ".join(evaluated.anonymous[:EXAMPLES]),
        "problem": "; ".join(evaluated.problems) or None,
    }
    yield Finding("tls.ciphers.admit-anonymous", facts.node, Severity.WARNING, (facts.evidence,), details)


CHECK = Check(
    id="tls.ciphers",
    title="The outbound cipher list admits no anonymous suite",
    subjects=frozenset({"sma", "esa"}),
    collect=collect,
    analyze=analyze,
)
