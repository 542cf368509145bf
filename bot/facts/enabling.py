"""What decides whether PVO can be enabled on an ESA, in the order in which an administrator would look."""

from dataclasses import dataclass

from bot.asyncos.commands.showchanges import showchanges
from bot.asyncos.commands.showconfig import showconfig
from bot.asyncos.commands.status import status
from bot.asyncos.commands.version import version
from bot.facts.attempt import attempt
from bot.facts.knock import Knock, knock
from bot.facts.release import is_supported, required
from bot.model.finding import Exchange, Reply
from bot.model.ports import Probes
from bot.model.subject import Node, Path


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was looked at: `good` is None where it could not be told; `found` is what stood there."""

    command: str
    appliance: str
    found: str
    good: bool | None

    def __str__(self) -> str:
        mark = {True: "✓", False: "✗", None: "?"}[self.good]
        return f"{mark} {self.command} ({self.appliance}): {self.found}"


@dataclass(frozen=True, slots=True)
class Enabling:
    """Everything that was looked at for one ESA, and what the sender got where it dialled."""

    path: Path
    looked: tuple[Looked, ...]
    knock: Knock
    configuration: Exchange

    @property
    def blocked(self) -> bool:
        return any(one.good is False for one in self.looked)

    @property
    def unknown(self) -> str:
        """What could not be told, in words of the command line; empty when everything could."""
        return ", ".join(f"{one.command} ({one.appliance})" for one in self.looked if one.good is None)


async def look(probes: Probes, path: Path, configuration: Exchange) -> Enabling:
    """Looks at both ends of the quarantine path; raises what the probe of the path itself fails with."""
    knocked = await knock(probes, path)
    esa, sma = path.sender, path.receiver
    looked = (
        await _look_at_version(probes, esa),
        await _look_at_version(probes, sma),
        await _look_at_status(probes, sma),
        await _look_at_listener(probes, sma),
        _look_at_knock(knocked),
        await _look_at_changes(probes, sma),
    )
    return Enabling(path, looked, knocked, configuration)


async def _look_at_version(probes: Probes, node: Node) -> Looked:
    reply = await attempt(probes.ask(node.name, version()))
    release = reply.value.version if isinstance(reply, Reply) else None
    good = is_supported(release, node.product) if release else None
    return Looked("version", node.name, f"{release or '–'} (≥ {required(node.product)})", good)


async def _look_at_status(probes: Probes, node: Node) -> Looked:
    reply = await attempt(probes.ask(node.name, status()))
    if not isinstance(reply, Reply):
        return Looked("status", node.name, "–", None)
    return Looked("status", node.name, reply.value.system_status, reply.value.online)


async def _look_at_listener(probes: Probes, node: Node) -> Looked:
    reply = await attempt(probes.ask(node.name, showconfig()))
    listener = reply.value.cpq_listener if isinstance(reply, Reply) else None
    found = f"port {listener.port}, {listener.interface}" if listener else "–"
    known = isinstance(reply, Reply) and (listener is not None or reply.value.complete)
    return Looked("cpq_listener", node.name, found, listener is not None if known else None)


def _look_at_knock(knocked: Knock) -> Looked:
    answer, dialled = knocked.answer.value, knocked.dialled
    first = next(iter(answer.text.splitlines()), "") or answer.outcome
    command = f"telnet {dialled.address} {dialled.port}"
    return Looked(command, knocked.path.sender.name, first[:80], answer.code == 220)


async def _look_at_changes(probes: Probes, node: Node) -> Looked:
    reply = await attempt(probes.ask(node.name, showchanges()))
    if not isinstance(reply, Reply):
        return Looked("showchanges", node.name, "–", None)
    return Looked("showchanges", node.name, str(len(reply.value.lines)), not reply.value.pending)
