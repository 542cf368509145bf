"""After a 554: which source address the receiver saw, and whom its hidden listener lets in."""

from dataclasses import dataclass

from bot.asyncos.commands.showconfig import showconfig
from bot.facts.attempt import attempt
from bot.facts.knock import Knock
from bot.facts.receptions import CPQ_AGAIN, find_addresses, find_strangers, read_receptions
from bot.model.errors import ProbeError, Skipped
from bot.model.finding import Evidence, Reply
from bot.model.ports import Probes

REJECTED = 500


@dataclass(frozen=True, slots=True)
class Rejection:
    """`source` is None unless it differs from every address of the sender that may connect; `relay` as listed."""

    source: str | None
    relay: tuple[str, ...]
    evidence: tuple[Evidence, ...]


async def read_rejection(probes: Probes, knocked: Knock) -> Rejection | None:
    """Why the sender was rejected, as far as the receiver tells; None when it was not."""
    if (knocked.answer.value.code or 0) < REJECTED:
        return None
    receiver = knocked.path.receiver
    configuration = await attempt(probes.ask(receiver.name, showconfig()))
    listener = configuration.value.cpq_listener if isinstance(configuration, Reply) else None
    relay = listener.relay if listener else ()
    own = await find_addresses(probes, knocked.path.sender)
    if not own & set(relay):
        return Rejection(None, relay, ())
    try:
        receptions = await read_receptions(probes, receiver, CPQ_AGAIN)
    except (ProbeError, Skipped):
        return Rejection(None, relay, ())
    others = (own - set(relay)) | await find_strangers(probes, receiver, receptions)
    seen = receptions.rejected(others)
    if not seen:
        return Rejection(None, relay, ())
    return Rejection(seen[-1].address, relay, receptions.log.quote(seen[-1].lines))
