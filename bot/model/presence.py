"""Which apps live, and how many connections Slack counts for all of them: one too many is somebody else's."""

from dataclasses import dataclass
from typing import Literal, Protocol

Doubt = Literal["strange-connection", "not-counted"]

OLDEST_COUNT = 15 * 60.0
"""Seconds after which a count says nothing any more."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds: between the signs of life of an app, how long one counts, between two counts while all is well and
    while it is not, and how long more connections than apps are borne (a restart leaves one behind for a while).
    """

    sign: float = 5.0
    lease: float = 30.0
    calm: float = 300.0
    again: float = 60.0
    grace: float = 120.0


RHYTHM = Rhythm()


@dataclass(frozen=True, slots=True)
class Headcount:
    """What the last count found, `age` seconds ago; `strange`: there are too many, for longer than is borne."""

    connections: int
    apps: int
    strange: bool
    age: float

    @property
    def strangers(self) -> int:
        """Connections that no live app of ours has, once that is sure."""
        return max(self.connections - self.apps, 0) if self.strange else 0

    @property
    def doubt(self) -> Doubt | None:
        """Why nothing may be changed now; a text of `remediation.toml`."""
        if self.strange:
            return "strange-connection"
        return "not-counted" if self.age > OLDEST_COUNT else None


class Presence(Protocol):
    """What apps in Socket Mode tell each other; everything raises `StateUnavailable`."""

    async def lives(self, app: str, rhythm: Rhythm) -> None:
        """A sign of life of an app that is connected, or about to be."""
        ...

    async def ended(self, app: str) -> None:
        """The app has no connection any more."""
        ...

    async def take_count(self, rhythm: Rhythm) -> bool:
        """Whether the caller is to count now, for all apps."""
        ...

    async def note_count(self, connections: int, rhythm: Rhythm) -> None:
        """What Slack counts now, the counter's own look left out."""
        ...

    async def headcount(self) -> Headcount | None:
        """What stands; None where no app in Socket Mode has ever begun to count."""
        ...

    async def count_no_more(self) -> None:
        """Forgets it all: by signed HTTP there are no connections."""
        ...
