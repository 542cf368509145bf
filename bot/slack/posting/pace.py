"""At what pace Slack is called: the budget of each method, and what becomes of a call that has none left."""

from dataclasses import dataclass

from bot.model.ports import Rate

PATIENCE = 2.0
POST, EDIT, FILE = Rate(1.0, 3), Rate(1.2, 10), Rate(0.6, 10)


class Later(Exception):
    """Not now: again after `seconds`; None when nobody said how long, so that the caller backs off."""

    def __init__(self, seconds: float | None, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds


def modest(rate: Rate) -> Rate:
    """What calls that could also wait may use: the same in the long run, with less at once."""
    return Rate(rate.interval, max(1, rate.burst // 2))


@dataclass(frozen=True, slots=True)
class Haste:
    """How much an edit is wanted: its share of the budget, and the seconds that it waits for its turn."""

    share: Rate
    patience: float


RESULT = Haste(EDIT, PATIENCE)
PROGRESS = Haste(modest(EDIT), 0.0)
"""Left out when there is no room: another follows."""
DIGEST = Haste(Rate(EDIT.interval, 2), 0.0)
"""Uses what nobody else wants."""
