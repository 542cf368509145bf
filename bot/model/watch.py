"""What becomes of a site over time: its history, who watches it or has muted it, and its troubles while they last."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from bot.model.inventory import Site
from bot.model.report import Verdict

EVERY = "*/15 * * * *"
"""The schedule of a site that somebody watches and for which the inventory has none."""


class Note(BaseModel):
    """Something worth remembering about sites: it never changes, a new one takes its place."""

    model_config = ConfigDict(frozen=True)


class Entry(Note):
    """How a whole run of a site ended: `causes` are `id subject`, `waiting` is how many recipients waited."""

    run: str
    at: dt.datetime
    verdict: Verdict
    causes: tuple[str, ...] = ()
    waiting: int | None = None
    scheduled: bool = False

    @property
    def ill(self) -> bool:
        return self.verdict != "healthy"


class Switch(Note):
    """A person's word on watching a site, over the inventory's; `channel` is where it was said."""

    on: bool
    channel: str
    user: str
    at: dt.datetime
    language: str = "en"


class Mute(Note):
    """Until then the results of a site's watch are not announced."""

    until: dt.datetime
    user: str
    reason: str


class Orders(Note):
    """What people said about watching, by site; lapsed mutes are left out."""

    switches: dict[str, Switch] = {}
    mutes: dict[str, Mute] = {}


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron expression in the time zone of the site, and the channel of its results ("" = none)."""

    cron: str
    channel: str


def schedule_of(site: Site, switch: Switch | None) -> Schedule | None:
    """What the site is watched by: the inventory's schedule, or a person's word over it; None when it is not."""
    if switch is not None and not switch.on:
        return None
    cron = site.watch or (EVERY if switch else None)
    return Schedule(cron, site.channel or (switch.channel if switch else "")) if cron else None


class Change(Note):
    """A site's verdict or causes became others while its trouble lasted; a `quiet` one is announced nowhere."""

    entry: Entry
    quiet: bool = False


class Trouble(Note):
    """A site that was found ill by its watch, from the first ill run to the run that found it healthy again."""

    site: str
    first: Entry
    latest: Entry
    changes: tuple[Change, ...] = ()


class Pulse(Note):
    """How the processes and their store are: workers that gave a sign of life, jobs, cards not yet delivered."""

    workers: int
    queued: int
    running: int
    cards: int
    redis_ms: float


DIGEST = "digest-"
"""How the name of a channel's digest begins, which the outbox treats as a run."""


class Watches(Protocol):
    """What is known about sites over time; each method raises `StateUnavailable`."""

    async def first(self, key: str) -> bool:
        """True once an hour for each `key`: what came twice is done once."""
        ...

    async def orders(self) -> Orders: ...

    async def switch(self, site: str, switch: Switch) -> None: ...

    async def mute(self, site: str, mute: Mute) -> None: ...

    async def latest(self, sites: list[str]) -> dict[str, Entry]:
        """The last entry of each site that has one."""
        ...

    async def history(self, site: str, count: int) -> list[Entry]:
        """The last entries, oldest first."""
        ...

    async def troubles(self, run: str) -> list[Trouble]:
        """What the card of a scheduled run stands for, that of its own site first."""
        ...

    async def refresh(self, channel: str) -> None:
        """Has the channel's digest shown again, if it has one."""
        ...

    async def pulse(self) -> Pulse: ...
