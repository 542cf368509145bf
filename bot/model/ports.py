"""The ports: what the rooms indoors may ask of the doors; the wiring binds them."""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Coroutine, Hashable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from bot.model.command import Reading
from bot.model.finding import Reply
from bot.model.inventory import Inventory, Limits
from bot.model.report import Report
from bot.model.run import Admission, Card, Request, Run
from bot.model.subject import Subject

T = TypeVar("T")

Now = Callable[[], dt.datetime]
"""The clock: an aware time in UTC."""


class Probes(Protocol):
    """What a check may do: ask appliances things that change nothing, within the site's limits."""

    @property
    def limits(self) -> Limits: ...

    @property
    def subjects(self) -> Sequence[Subject]:
        """Everything that the checks of the site are about: its appliances, then their paths."""
        ...

    async def ask(self, appliance: str, command: Reading[T]) -> Reply[T]:
        """Asks once a run (equal commands share one answer); raises a `ProbeError`."""
        ...

    async def share(self, name: Hashable, find: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `find` finds, found once a run for all checks that name it alike; raises what it raised."""
        ...


class Appliances(Protocol):
    """The door to the appliances of one run: one login each, closed when the run ends."""

    async def converse(self, appliance: str, command: Reading[T]) -> str:
        """What the appliance printed for `command`, without echo, pager and prompt; raises a `ProbeError`."""
        ...

    async def try_cpq(self, appliance: str, port: int) -> str:
        """What the appliance's CPQ listener, at `port` unless the inventory says otherwise, says to this process
        itself; raises a `ProbeError`, also where the inventory forbids to try."""
        ...


class Doors(Protocol):
    """Opens the door to appliances for one run."""

    def open(
        self, inventory: Inventory, site: str, *, unattended: bool = False
    ) -> AbstractAsyncContextManager[Appliances]:
        """`unattended`: a schedule asks, not a person, and no login that was refused is tried again."""
        ...


class Refusals(Protocol):
    """Logins that were refused, by account (`USER@HOST:PORT`), with a fingerprint of the secret that was tried.

    Never raises: what cannot be recalled counts as not refused.
    """

    async def recall(self, account: str) -> str | None:
        """The fingerprint of the secret that was refused last; None when none was since the last login."""
        ...

    async def note(self, account: str, fingerprint: str) -> None: ...

    async def forget(self, account: str) -> None:
        """The account was logged in to."""
        ...


class Runs(Protocol):
    """The state of runs in Redis; every step is a compare-and-set, so that a step done twice has one effect.

    Each raises `StateUnavailable` when Redis cannot be asked within about half a second.
    """

    async def ask(self, key: str, request: Request) -> Run | None:
        """Records what was acknowledged, in one round trip; None when `key` (the envelope) was seen before."""
        ...

    async def asked(self, older_than: float) -> list[Run]:
        """Runs still `asked` after so many seconds: their app died between acknowledging and admitting."""
        ...

    async def admit(self, run: str, language: str | None = None) -> Admission | None:
        """Queues an asked run and its job and opens its card; None when it was already admitted or refused.

        `language` replaces the one it was asked in. A run without a user gets no card.
        Joins an identical run that is queued or running; the asked run is `refused` then, and `reason` says so.
        """
        ...

    async def refuse(self, run: str) -> bool:
        """Ends an asked run without running anything; False when it was already admitted or refused."""
        ...

    async def get(self, run: str) -> Run | None: ...

    async def begin(self, run: str) -> bool:
        """queued -> running (or still running after another worker died); False when it already has an end."""
        ...

    async def progress(self, run: str, done: int, total: int) -> None: ...

    async def finish(self, run: str, report: Report) -> bool:
        """running -> done; False when it already has an end, and then the report is dropped."""
        ...

    async def lose(self, run: str, reason: str) -> bool:
        """-> lost, with a sentence for the card: no worker could finish it."""
        ...


class Outbox(Protocol):
    """Cards that do not yet show what they should; the app delivers them, one app at a time for each card.

    It waits for as long as Redis is away: what was posted must not be forgotten.
    """

    def due(self) -> AsyncIterator[Card]:
        """Cards to deliver, leased to this app until `settle` or `release`; waits for more, for ever."""
        ...

    async def posted(self, card: Card, key: str, ts: str) -> Card:
        """Records the ts of the card (`key` = "card") or of a thread post, before anything else is posted."""
        ...

    async def settle(self, card: Card, run: Run) -> None:
        """Gives the lease back; due again only if the run has changed since `run` was read."""
        ...

    async def release(self, card: Card, seconds: float) -> None:
        """Gives the lease back; due again after `seconds` (Slack said to wait, or could not be reached)."""
        ...

    async def find(self, run: str, channel: str) -> Card | None: ...


@dataclass(frozen=True, slots=True)
class Rate:
    """One call every `interval` seconds, `burst` of them at once after a rest."""

    interval: float
    burst: int


class Budget(Protocol):
    """How fast Slack may be called by all apps together; each method raises `StateUnavailable`."""

    async def reserve(self, key: str, rate: Rate, patience: float) -> float:
        """Seconds to wait before the call under `key`; reserved only when they are at most `patience`."""
        ...

    async def hold(self, key: str, rate: Rate, seconds: float) -> None:
        """Slack said to wait: nothing under this key before `seconds` have passed."""
        ...
