"""The ports of remediations: what people do to them through Slack, what workers do, and the record of it all."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from bot.model.command import Entry, Printed, Reading
from bot.model.inventory import Inventory
from bot.model.presence import Headcount
from bot.model.remediation import (
    Ask,
    Asking,
    AuditRow,
    Endpoint,
    Permission,
    Press,
    Proposal,
    Remediation,
)

T = TypeVar("T")
Decision = Literal["approve", "reject"]


class Remediations(Protocol):
    """What people do to remediations; every step is a compare-and-set, recorded in the audit trail with it.

    Each raises `StateUnavailable` when Redis cannot be asked in time, and `NotAllowed` with a sentence for that
    person only (in the language of the press, else of the proposal) when the rules say no; the refusal is then on
    the record.
    Whether somebody is one of ours at all, and in which user groups, is Slack's to say: callers find that out
    first. Every change of a remediation makes the cards of its run due.
    """

    async def propose(self, key: str, proposal: Proposal) -> Remediation | None:
        """Has a worker draw the plan; None when `key` (the envelope) was seen before. Poll `get` for the plan."""
        ...

    async def get(self, remediation: str) -> Remediation | None: ...

    async def of_run(self, run: str) -> list[Remediation]:
        """What was proposed from a run, oldest first."""
        ...

    async def pending(self) -> list[Remediation]:
        """What waits for approvals, for a worker or for proof, oldest first."""
        ...

    async def request(self, remediation: str, asking: Asking) -> Remediation:
        """planned -> requested, once; the request's message is then due."""
        ...

    async def consider(self, remediation: str, press: Press, decision: Decision) -> Remediation:
        """What the press would decide about; refuses whatever the decision itself would refuse now."""
        ...

    async def approve(self, remediation: str, press: Press) -> Remediation:
        """One more approval; with the last one requested -> queued. A second press of the same person is refused."""
        ...

    async def reject(self, remediation: str, press: Press) -> Remediation:
        """requested -> rejected."""
        ...

    async def posted(self, remediation: str, channel: str, ts: str) -> Remediation:
        """Records the message that the request posted, once: from then on only a press on that one counts."""
        ...


class Notices(Protocol):
    """Requests whose message does not show yet what became of them; patient, like `Outbox`."""

    def due(self) -> AsyncIterator[Remediation]:
        """Requested remediations to post (`message` is None) or to edit, leased until `settle` or `release`."""
        ...

    async def settle(self, remediation: Remediation) -> None:
        """Gives the lease back; due again only if it has changed since."""
        ...

    async def release(self, remediation: Remediation, seconds: float) -> None:
        """Gives the lease back; due again after `seconds`."""
        ...


@dataclass(frozen=True, slots=True)
class Use:
    """Which worker used an approval, and when."""

    worker: str
    at: dt.datetime


class Permissions(Protocol):
    """The app's side of `Ledger.permission`; patient, like `Outbox`."""

    def asked(self) -> AsyncIterator[Ask]:
        """Questions of workers that still wait; waits for more, for ever."""
        ...

    async def answer(self, permission: Permission) -> None:
        """Answers a question, for a few seconds."""
        ...


class Witness(Protocol):
    """What remembers outside Redis that the approval of a remediation was used: first come, first served."""

    async def read(self, remediation: Remediation) -> Use | None:
        """The first use that is on record; raises when it cannot be asked."""
        ...

    async def write(self, remediation: Remediation, worker: str) -> None:
        """Puts a use on record, after all others; raises when that is not certain."""
        ...


class Audit(Protocol):
    """The record: rows are only ever added."""

    async def append(self, row: AuditRow) -> AuditRow:
        """Adds a row, chained to the one before, and answers it as it stands there."""
        ...


class Superseded(Exception):
    """Somebody else changed the remediation meanwhile: what was to be done about it must be decided again."""


class Ledger(Protocol):
    """Where a worker writes down each step of a remediation before it is taken."""

    async def put(self, after: Remediation, *rows: AuditRow) -> Remediation:
        """Replaces the version that `after` was made of and adds the rows, at once; raises `Superseded`."""
        ...

    def hold(self, appliance: str) -> AbstractAsyncContextManager[bool]:
        """Keeps other remediations off an appliance while it is held; False when another one has it."""
        ...

    async def was_started(self, remediation: Remediation) -> bool:
        """Whether the audit trail says that its lines were begun, whatever its state says."""
        ...

    async def headcount(self) -> Headcount | None:
        """Whether strangers have connections with our app token; None where there is nothing to count."""
        ...

    async def permission(self, ask: Ask) -> Permission | None:
        """What an app answers, not checked yet; None when none does in time."""
        ...

    def in_hand(self) -> bool:
        """Whether the lease of what is held surely lasts, by this machine's clock: a paused one may have lost it."""
        ...


class Console(Protocol):
    """One shell on one appliance, which may change it; nobody but a remediation is handed one."""

    @property
    def endpoint(self) -> Endpoint:
        """The appliance as it was logged in to."""
        ...

    @property
    def prompt(self) -> str:
        """The main prompt as it stands now, the mode of a cluster included."""
        ...

    @property
    def ready(self) -> bool:
        """Whether the main prompt stands, so that something can be asked or begun."""
        ...

    async def ask(self, command: Reading[T]) -> T:
        """Asks something that changes nothing, in the same session; raises a `ProbeError`."""
        ...

    async def type(self, entry: Entry, expected: str, hinders: Callable[[], str | None]) -> Printed:
        """Sends one line and answers what came of it; raises a `ProbeError` when it cannot be told.

        `expected` is a regular expression for the question that should come next (empty: the main prompt).
        `hinders` is asked right before the line goes out, in the thread that sends it: what it says is raised as
        `NotSent`.
        """
        ...

    async def interrupt(self) -> None:
        """Ctrl-C, back to the main prompt."""
        ...


class Consoles(Protocol):
    """Opens a console: a login of its own, with the `change` account where the inventory gives one."""

    def console(self, inventory: Inventory, appliance: str) -> AbstractAsyncContextManager[Console]: ...
