"""Slack weather: what goes wrong between workspace and app, on request, a counted number of times."""

from dataclasses import asdict, dataclass, replace

from bot.lab.workspace.errors import Json
from bot.lab.workspace.feed import Feed


@dataclass(frozen=True)
class Knobs:
    """How bad it is. Whole numbers count down to zero as they strike; the others hold until they are changed."""

    lost_acks: int = 0
    doubled_envelopes: int = 0
    resets_after_storing: int = 0
    refused_handshakes: int = 0
    too_many_requests: int = 0
    slow_seconds: float = 0.0
    restless: bool = False  # every second all connections are asked to come back


class Weather:
    """The knobs as they stand; every page sees them turn."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.knobs = Knobs()

    def set(self, **changes: float) -> None:
        """Turns knobs of `Knobs` by name; TypeError for one that does not exist, ValueError below zero."""
        if any(value < 0 for value in changes.values()):
            raise ValueError("a knob is zero or more")
        turned = {name: type(getattr(self.knobs, name, False))(value) for name, value in changes.items()}
        self.knobs = replace(self.knobs, **turned)
        self._feed.publish({"type": "weather", "weather": self.to_json()})

    def clear(self) -> None:
        """Fine weather again."""
        self.set(**asdict(Knobs()))

    def strikes(self, knob: str) -> bool:
        """Whether the counted knob strikes now; it then has one less to go."""
        left: int = getattr(self.knobs, knob)
        if left:
            self.set(**{knob: left - 1})
        return left > 0

    def to_json(self) -> Json:
        return asdict(self.knobs)
