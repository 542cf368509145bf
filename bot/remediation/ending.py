"""How a remediation ends: its last state, the sentence that says why, and the row about it."""

import datetime as dt

import structlog

from bot.model.remediation import Event, Remediation, RemediationState
from bot.model.remediation_ports import Ledger
from bot.remediation.rows import about, write_row

log = structlog.get_logger()

State = RemediationState
_EVENTS: dict[State, Event] = {
    State.VERIFIED: "verified",
    State.NOT_RESOLVED: "not-resolved",
    State.COULD_NOT_TELL: "could-not-tell",
    State.REFUSED: "refused",
    State.EXPIRED: "expired",
    State.LAPSED: "expired",
}


async def end(
    remediation: Remediation, ledger: Ledger, state: RemediationState, reason: str, now: dt.datetime
) -> None:
    """Writes the end down; raises `Superseded`."""
    after = remediation.model_copy(update={"state": state, "reason": reason, "ended": now, "until": None})
    await ledger.put(after, write_row(after, _EVENTS[state], now, reason=reason))
    log.info("remediation.ended", state=state.value, reason=reason, **about(after))
