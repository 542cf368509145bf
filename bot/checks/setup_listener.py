"""Is there a `cpq_listener`, does it listen where the sender dials, and does it let the sender in?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.asyncos.commands.interfaceconfig import interfaceconfig
from bot.asyncos.commands.showconfig import Configuration, Listener, showconfig
from bot.facts.attempt import attempt
from bot.facts.dialled import own_addresses
from bot.facts.knock import Knock, knock
from bot.model.check import Check
from bot.model.errors import CouldNotTell, Skipped
from bot.model.finding import Detail, Evidence, Finding, Reply, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Node, Path, Subject

QUOTED = ("<listener_name>", "<interface_name>", "<port>", "RELAYLIST")


@dataclass(frozen=True, slots=True)
class Listening:
    """The receiver's configuration and, for a path, what the sender dialled and the addresses it has."""

    subject: Subject
    configuration: Reply[Configuration]
    knock: Knock | None = None
    sender_addresses: frozenset[str] = frozenset()


async def collect(probes: Probes, subject: Subject) -> Listening:
    if isinstance(subject, Node):
        return Listening(subject, await probes.ask(subject.name, showconfig()))
    configuration = await attempt(probes.ask(subject.receiver.name, showconfig()))
    if not isinstance(configuration, Reply):
        raise Skipped("configuration-not-read", appliance=subject.receiver.name)
    if configuration.value.cpq_listener is None:
        raise Skipped("no-listener", appliance=subject.receiver.name)
    interfaces = (await probes.ask(subject.sender.name, interfaceconfig())).value
    addresses = frozenset(own_addresses(subject.sender, interfaces))
    return Listening(subject, configuration, await knock(probes, subject), addresses)


def analyze(facts: Listening, limits: Limits) -> Iterator[Finding]:
    listener = facts.configuration.value.cpq_listener
    if listener is None:
        yield from _missing(facts)
    elif isinstance(facts.subject, Path) and facts.knock is not None:
        yield from _other_port(facts, facts.subject, facts.knock, listener)
        yield from _not_allowed(facts, facts.subject, facts.knock, listener)


def _missing(facts: Listening) -> Iterator[Finding]:
    """On an ESA it stands only where something keeps PVO from being on; that is decided where findings meet."""
    if not facts.configuration.value.complete:
        raise CouldNotTell("configuration-cut", appliance=str(facts.subject))
    evidence = (facts.configuration.exchange.quote("listener_name"),)
    yield Finding("setup.listener.missing", facts.subject, Severity.CRITICAL, evidence)


def _other_port(facts: Listening, path: Path, knock: Knock, listener: Listener) -> Iterator[Finding]:
    dialled = knock.dialled.port if knock.dialled.port_from == "log" else path.cpq_port
    if dialled is None or listener.port is None or dialled == listener.port:
        return
    details: dict[str, Detail] = {
        "port": listener.port,
        "dialled_port": dialled,
        "interface": listener.interface,
        "receiver_address": knock.dialled.address,
    }
    severity = Severity.CRITICAL if knock.answer.value.code != 220 else Severity.WARNING
    yield Finding("setup.listener.port-mismatch", path, severity, (_quote(facts, listener),), details)


def _not_allowed(facts: Listening, path: Path, knock: Knock, listener: Listener) -> Iterator[Finding]:
    """Only after a 5xx: who is let in has nothing to prove."""
    rejected = (knock.answer.value.code or 0) >= 500
    if not rejected or facts.sender_addresses & set(listener.relay):
        return
    details: dict[str, Detail] = {
        "source": knock.answer.value.source or knock.dialled.source or path.sender.address,
        "relay": ", ".join(listener.relay) or None,
        "port": listener.port,
        "interface": listener.interface,
    }
    evidence = (knock.answer.exchange.quote(), _quote(facts, listener))
    yield Finding("setup.listener.peer-not-allowed", path, Severity.CRITICAL, evidence, details)


def _quote(facts: Listening, listener: Listener) -> Evidence:
    """Of the listener's block in the configuration: its name, interface, port and whom it lets in."""
    lines = facts.configuration.exchange.text.splitlines()
    begin = next(number for number, line in enumerate(lines) if f"<listener_name>{listener.name}" in line)
    wanted = [line for line in lines[begin:] if any(word in line for word in QUOTED)]
    relay = [line for line in lines[begin:] if line.strip(" ,") in listener.relay]
    return facts.configuration.exchange.quote_lines([*wanted[:4], *relay])


CHECK = Check(
    id="setup.listener",
    title="The hidden cpq_listener listens where it is dialled and lets its peers in",
    subjects=frozenset({"sma", "esa", "quarantine", "release"}),
    collect=collect,
    analyze=analyze,
)
