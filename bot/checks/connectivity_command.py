"""Does the SMA reach each ESA over SSH, through which it asks where released mail is to be delivered?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.asyncos.commands.applianceconfig import Tested, applianceconfig_test
from bot.asyncos.commands.interfaceconfig import interfaceconfig
from bot.asyncos.commands.showconfig import showconfig
from bot.asyncos.commands.telnet import Telnet, telnet
from bot.asyncos.reading import Interface
from bot.facts.attempt import attempt
from bot.facts.dialled import own_addresses
from bot.facts.registered import read_registered
from bot.model.check import Check
from bot.model.errors import CouldNotTell, Skipped
from bot.model.finding import Detail, Finding, Reply, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Node, Path

SSH_PORT = 22


@dataclass(frozen=True, slots=True)
class CommandProbe:
    """What answered where the SMA dials, and its own test of the connection: None where that was not asked for."""

    path: Path
    address: str
    port: int
    answer: Reply[Telnet]
    test: Reply[Tested] | None


async def collect(probes: Probes, path: Path) -> CommandProbe:
    sma, esa = path.sender, path.receiver
    interfaces = await _read_interfaces(probes, esa)
    hosts = {interface.hostname for interface in interfaces if interface.hostname}
    try:
        registered = (await read_registered(probes, sma)).find(
            {esa.name, *hosts, *own_addresses(esa, interfaces)}
        )
    except Skipped:
        registered = None
    address = registered.address if registered else esa.address
    port = next((one.ssh_port for one in interfaces if one.address == address and one.ssh_port), SSH_PORT)
    answer = await probes.ask(sma.name, telnet(address, port))
    tested = None
    if registered and _is_ssh(answer.value):
        tested = await probes.ask(sma.name, applianceconfig_test(registered.name))
    return CommandProbe(path, address, port, answer, tested)


async def _read_interfaces(probes: Probes, esa: Node) -> tuple[Interface, ...]:
    """What the ESA says of its interfaces: SSH ports in its configuration, host names also in its list."""
    configuration = await attempt(probes.ask(esa.name, showconfig()))
    listed = await attempt(probes.ask(esa.name, interfaceconfig()))
    return (
        *(configuration.value.interfaces if isinstance(configuration, Reply) else ()),
        *(listed.value if isinstance(listed, Reply) else ()),
    )


def _is_ssh(answer: Telnet) -> bool:
    return answer.outcome == "greeting" and answer.text.startswith("SSH-")


def analyze(facts: CommandProbe, limits: Limits) -> Iterator[Finding]:
    if not _is_ssh(facts.answer.value):
        yield _finding(facts, "blocked", facts.answer.value.text, facts.answer)
    elif facts.test and (problem := facts.test.value.problem):
        if problem == "other":
            raise CouldNotTell(
                "test-not-understood", appliance=facts.path.sender.name, text=facts.test.value.text
            )
        yield _finding(facts, problem, facts.test.value.text, facts.test)


def _finding(facts: CommandProbe, problem: str, text: str, reply: Reply[Telnet] | Reply[Tested]) -> Finding:
    details: dict[str, Detail] = {
        "sender_address": facts.path.sender.address,
        "receiver_address": facts.address,
        "port": facts.port,
        "text": text,
    }
    evidence = (reply.exchange.quote_lines(text.splitlines()) if text else reply.exchange.quote(),)
    return Finding(f"connectivity.command.{problem}", facts.path, Severity.CRITICAL, evidence, details)


CHECK = Check(
    id="connectivity.command",
    title="The SMA reaches the ESA over SSH",
    subjects=frozenset({"command"}),
    collect=collect,
    analyze=analyze,
)
