"""The audit trail as it is read: each entry and how it hangs in the chain, and what a look at all of it found."""

from dataclasses import dataclass
from typing import Literal

from bot.model.remediation import AuditRow

Standing = Literal["fits", "unsigned", "loose", "untold"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the trail, by its id in the stream; `row` is None where it cannot be read.

    `standing`: what comes next (another row, or the end of the trail as it was noted down) names this row's hash;
    names the one that it has without a key, although there is a key; names neither; or cannot be read.
    """

    id: str
    row: AuditRow | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class Verified:
    """What is true of the whole chain: its rows, and where it does not hold, a sentence each.

    `begun`: whether there is a trail at all; `after`: how many rows follow the one that was asked for, None when
    none was asked for or it is not there.
    """

    rows: int
    begun: bool
    breaks: tuple[str, ...]
    after: int | None = None
