"""What went wrong on one path, as its sender's log tells it, and when it went right again."""

import datetime as dt
from collections.abc import Sequence

from bot.facts.handshake import PathLog
from bot.maillog.traffic import Sending, Trouble


def troubles_on(facts: PathLog) -> list[Trouble]:
    """Failed handshakes, connection errors, delays and bounces of the path, each connection's worst thing once."""
    ids = {sending.dcid for sending in facts.sendings}
    addresses = {sending.address for sending in facts.sendings if sending.address}
    traffic = facts.log.traffic
    told = [*traffic.errors, *traffic.delays, *traffic.bounces]
    logged = [trouble for trouble in told if _belongs(trouble, facts, ids, addresses)]
    return [*map(_handshake, (s for s in facts.sendings if s.tls == "failed")), *logged]


def recovered_at(facts: PathLog, troubles: Sequence[Trouble]) -> dt.datetime | None:
    """When the path first worked again after the last trouble: a message handed over; None = it has not.

    Connections are ordered by their place in the log, since one second holds many; time decides only where a trouble
    belongs to no connection.
    """
    troubled = {trouble.dcid for trouble in troubles}
    last = max((place for place, s in enumerate(facts.sendings) if s.dcid in troubled), default=-1)
    known = {sending.dcid for sending in facts.sendings}
    loose = max((t.at for t in troubles if t.at and t.dcid not in known), default=None)
    times = [_worked_at(sending) for sending in facts.sendings[last + 1 :] if sending.done]
    return min((time for time in times if time and (loose is None or time > loose)), default=None)


def _worked_at(sending: Sending) -> dt.datetime | None:
    return sending.tls_at or sending.opened_at or sending.closed_at


def _handshake(sending: Sending) -> Trouble:
    line = next(
        (line for line in sending.lines if "TLS failed" in line), sending.lines[-1] if sending.lines else ""
    )
    reason = f"TLS failed: {sending.tls_reason}" if sending.tls_reason else "TLS failed"
    return Trouble(sending.tls_at, reason, line, sending.address, sending.port, sending.dcid)


def _belongs(trouble: Trouble, facts: PathLog, ids: set[int], addresses: set[str]) -> bool:
    if trouble.dcid and trouble.dcid in ids:
        return True
    if trouble.address:
        return trouble.address in {facts.path.receiver.address, *addresses}
    return facts.path.sender.product == "esa"
