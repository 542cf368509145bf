"""CPQ events over time, counted in steps that widen when a log spans long."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from bot.maillog.counts import Stamp, moment

_STEPS = 2000
_MINUTES = (1, 5, 15, 60, 360, 1440, 10080)

_moment_of = lru_cache(256)(moment)


@dataclass(slots=True)
class Series:
    """What happened in each step of `minutes`; steps are known by their first moment."""

    minutes: int = 1
    steps: dict[dt.datetime, Counter[str]] = field(default_factory=dict)

    def mark(self, at: Stamp, what: str) -> None:
        """Count one event; one without a time stands nowhere."""
        moment = _moment_of(at)
        if moment is None:
            return
        self.steps.setdefault(self._step(moment), Counter())[what] += 1
        if len(self.steps) > _STEPS and self.minutes < _MINUTES[-1]:
            self._widen()

    def _step(self, moment: dt.datetime) -> dt.datetime:
        minutes = moment.hour * 60 + moment.minute
        if self.minutes > 1440:
            return dt.datetime.combine(moment.date() - dt.timedelta(days=moment.weekday()), dt.time())
        return dt.datetime.combine(moment.date(), dt.time()) + dt.timedelta(
            minutes=minutes - minutes % self.minutes
        )

    def _widen(self) -> None:
        self.minutes = _MINUTES[_MINUTES.index(self.minutes) + 1]
        narrow, self.steps = self.steps, {}
        for begin, counts in narrow.items():
            self.steps.setdefault(self._step(begin), Counter()).update(counts)


def together(parts: Sequence[Series]) -> Series:
    """Several appliances' events in one series, in the widest of their steps."""
    whole = Series(max((part.minutes for part in parts), default=_MINUTES[0]))
    for part in parts:
        for begin, counts in part.steps.items():
            whole.steps.setdefault(whole._step(begin), Counter()).update(counts)
    return whole
