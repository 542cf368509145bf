"""The newest TLS handshakes of a path, as its sender's log tells them."""

from dataclasses import dataclass

from bot.asyncos.commands.showconfig import showconfig
from bot.facts.attempt import attempt
from bot.facts.dialled import receiver_addresses
from bot.facts.log import CpqLog, read_cpq_log
from bot.maillog.traffic import Sending
from bot.model.errors import CouldNotTell, Skipped
from bot.model.finding import Detail, Evidence, Reply
from bot.model.ports import Probes
from bot.model.subject import Path


@dataclass(frozen=True, slots=True)
class PathLog:
    """The sender's log and, of it, the connections of one path, oldest first."""

    path: Path
    log: CpqLog
    sendings: tuple[Sending, ...]


async def read_path_log(probes: Probes, path: Path) -> PathLog:
    """The connections of a path in the window; raises `Skipped` without a mail log."""
    receiver = await attempt(probes.ask(path.receiver.name, showconfig()))
    configuration = receiver.value if isinstance(receiver, Reply) else None
    listener = configuration.cpq_listener if configuration else None
    log = await read_cpq_log(probes, path.sender, path.cpq_port or (listener.port if listener else None))
    return PathLog(path, log, log.sent_on(path, receiver_addresses(path, configuration)))


def failing_handshakes(facts: PathLog) -> tuple[Sending, ...]:
    """The handshakes that failed since the last one that succeeded, oldest first; none = the newest succeeded.

    Raises `Skipped` when the window shows no handshake, `CouldNotTell` when it was cut before one was found.
    """
    handshakes = [sending for sending in facts.sendings if sending.tls]
    if not handshakes and facts.log.capped:
        raise CouldNotTell("log-cut-before-handshake", appliance=facts.path.sender.name)
    if not handshakes:
        raise Skipped("no-handshake")
    good = max((place for place, sending in enumerate(handshakes) if sending.tls == "ok"), default=-1)
    return tuple(handshakes[good + 1 :])


def describe_failure(
    facts: PathLog, failed: tuple[Sending, ...]
) -> tuple[dict[str, Detail], tuple[Evidence, ...]]:
    """The details and the evidence of handshakes that failed, the newest one quoted."""
    newest, first = failed[-1], failed[0]
    details: dict[str, Detail] = {
        "reason": newest.tls_reason or "TLS failed",
        "count": len(failed),
        "since": f"{first.tls_at:%H:%M}" if first.tls_at else None,
        "peer": newest.address or facts.path.receiver.address,
        "port": newest.port,
    }
    return details, facts.log.quote(newest.lines)
