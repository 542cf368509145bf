"""Single messages followed through the logs of an ESA and an SMA: MID there, MID here, and the new MID."""

from collections.abc import Iterator, Sequence

from bot.maillog.counts import moment
from bot.maillog.outcome import ApplianceLog
from bot.maillog.trips import Trip
from bot.model.logs import FollowedMessage

SHOWN = 200


def follow_messages(logs: Sequence[ApplianceLog]) -> tuple[FollowedMessage, ...]:
    """The newest messages of which both appliances, or both ways, are seen; none where one appliance is read."""
    told = [message for log in logs for message in _of_an_esa(log, logs)]
    return tuple(told[-SHOWN:])


def _of_an_esa(log: ApplianceLog, logs: Sequence[ApplianceLog]) -> Iterator[FollowedMessage]:
    if log.tally.trips is None:
        return
    for mid, trip in log.tally.trips.by_mid.items():
        if trip.there is not None or trip.again is not None:
            yield _tell(mid, trip, log, _others(log, logs))


def _others(log: ApplianceLog, logs: Sequence[ApplianceLog]) -> list[ApplianceLog]:
    """The appliances that this one delivers to; where only one other is read, that one."""
    others = [other for other in logs if other is not log]
    named = [other for other in others if other.tally.own_address in log.tally.peers]
    return named or (others if len(others) == 1 else [])


def _tell(mid: int, trip: Trip, log: ApplianceLog, others: Sequence[ApplianceLog]) -> FollowedMessage:
    found = ((other, _stay(other, trip.there)) for other in others)
    sma, stay = next(((other, stay) for other, stay in found if stay), (None, None))
    return FollowedMessage(
        esa=log.name,
        mid=mid,
        enqueued=moment(trip.enqueued),
        sent=moment(trip.sent),
        sma=sma.name if sma else None,
        sma_mid=trip.there,
        left=moment(stay.left) if stay else None,
        how=stay.how if stay else None,
        new_mid=trip.again,
        returned=moment(trip.returned),
    )


def _stay(sma: ApplianceLog, mid: int | None) -> Trip | None:
    trips = sma.tally.trips
    return trips.by_mid.get(mid) if trips and mid is not None else None
