"""Connections from peers: the lines of one CPQ ICID joined into one Reception."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from bot.maillog import events as e
from bot.maillog.traffic import LINES_KEPT, Reception


@dataclass(slots=True)
class Incoming:
    """All receptions so far, in the order of their opening, and which of them are open."""

    receptions: list[Reception] = field(default_factory=list)
    _open: dict[int, int] = field(default_factory=dict)

    def take(self, event: e.InOpened | e.HatVerdict | e.InMessage | e.InClosed) -> None:
        """Add one event; only the opening line tells CPQ from other listeners, so others are let pass."""
        if isinstance(event, e.InOpened):
            self._begin(event)
            return
        place = self._open.get(event.icid)
        if place is not None:
            seen = _keep(self.receptions[place], event.line)
            self.receptions[place] = _follow(seen, event)
        if isinstance(event, e.InClosed):
            self._open.pop(event.icid, None)

    def _begin(self, event: e.InOpened) -> None:
        self._open.pop(event.icid, None)
        if event.protocol != "CPQ":
            return
        self._open[event.icid] = len(self.receptions)
        self.receptions.append(
            Reception(
                event.icid,
                event.at,
                event.interface_name,
                event.interface_address,
                event.address,
                lines=(event.line,),
            )
        )


def _keep(seen: Reception, line: str) -> Reception:
    return replace(seen, lines=(*seen.lines, line)) if len(seen.lines) < LINES_KEPT else seen


def _follow(seen: Reception, event: e.HatVerdict | e.InMessage | e.InClosed) -> Reception:
    match event:
        case e.HatVerdict(action="REJECT" | "TCPREFUSE"):
            return _judge(seen, "rejected", event.at)
        case e.HatVerdict() | e.InMessage():
            return _judge(seen, "accepted", event.at)
        case e.InClosed():
            return replace(seen, closed_at=event.at)


def _judge(seen: Reception, verdict: Literal["accepted", "rejected"], at: datetime | None) -> Reception:
    return seen if seen.verdict else replace(seen, verdict=verdict, at=at)
