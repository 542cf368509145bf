"""The way of single messages through both appliances: quarantined, decided, and back under a new MID."""

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.maillog.counts import Stamp

_KEPT = 20_000


@dataclass(slots=True)
class Trip:
    """One message as one appliance saw it; `there` is its MID on the other appliance, `again` the new one."""

    enqueued: Stamp = None
    sent: Stamp = None
    there: int | None = None
    left: Stamp = None
    how: str | None = None
    again: int | None = None
    returned: Stamp = None


@dataclass(slots=True)
class Trips:
    """Trips by the MID on this appliance; the oldest are given up when there are too many."""

    by_mid: OrderedDict[int, Trip] = field(default_factory=OrderedDict)

    def enqueued(self, mid: int, at: Stamp) -> None:
        """An ESA: the message waits for its transfer."""
        self._trip(mid).enqueued = at

    def sent(self, mid: int, at: Stamp) -> None:
        """The peer took the message."""
        self._trip(mid).sent = at

    def answered(self, mid: int, there: int) -> None:
        """An ESA: the SMA told under which MID it took the message."""
        if mid in self.by_mid:
            self.by_mid[mid].there = there

    def left(self, mid: int, at: Stamp, how: str) -> None:
        """An SMA: the message was released or deleted."""
        trip = self._trip(mid)
        trip.left, trip.how = at, how

    def returned(self, original: int, again: int, at: Stamp) -> None:
        """An ESA: the message came back under a new MID."""
        trip = self._trip(original)
        trip.again, trip.returned = again, at

    def _trip(self, mid: int) -> Trip:
        trip = self.by_mid.get(mid)
        if trip is None:
            trip = self.by_mid[mid] = Trip()
            if len(self.by_mid) > _KEPT:
                self.by_mid.popitem(last=False)
        return trip
