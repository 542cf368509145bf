"""What checks ask through: one answer a run for equal questions, redacted and kept as it was."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Sequence
from typing import Any, TypeVar

from bot.diagnosis.redact import redact
from bot.facts.aside import read_aside
from bot.model import errors
from bot.model.command import Reading
from bot.model.errors import ProbeError, TimedOut
from bot.model.finding import Exchange, Failure, Reply
from bot.model.inventory import Limits
from bot.model.ports import Appliances, Now
from bot.model.subject import Subject

T = TypeVar("T")

WORKER = "worker"
"""Who is named in evidence of what no appliance was asked for."""


class Asking:
    """The `Probes` of one run. `exchanges` holds what was asked and answered, in the order of the answers."""

    def __init__(
        self, appliances: Appliances, limits: Limits, now: Now, subjects: Sequence[Subject] = ()
    ) -> None:
        self._appliances, self._limits, self._now = appliances, limits, now
        self._subjects = tuple(subjects)
        self._answers: dict[tuple[str, str], asyncio.Task[Exchange]] = {}
        self._replies: dict[tuple[str, str], Reply[Any]] = {}
        self._shared: dict[Hashable, asyncio.Task[Any]] = {}
        self.exchanges: list[Exchange] = []

    @property
    def limits(self) -> Limits:
        return self._limits

    @property
    def subjects(self) -> Sequence[Subject]:
        return self._subjects

    async def ask(self, appliance: str, command: Reading[T]) -> Reply[T]:
        """Asks, or takes the answer that the run already has; raises what the first asking raised."""
        question = (appliance, command.key)
        if question not in self._answers:
            self._answers[question] = asyncio.create_task(self._converse(appliance, command))
        # A check that gives up must not take the answer away from the others that wait for it.
        exchange = await asyncio.shield(self._answers[question])
        if question not in self._replies:
            try:
                text = exchange.text
                value = await read_aside(
                    lambda: command.parse(text), len(text), f"the answer of {appliance} to {command.key!r}"
                )
                self._replies[question] = Reply(value, exchange)
            except ProbeError as error:
                error.exchange = exchange
                raise
        return self._replies[question]

    async def share(self, name: Hashable, find: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `find` finds, or what the run has found under that name; raises what the first finding raised."""
        if name not in self._shared:
            self._shared[name] = asyncio.create_task(find())
        found: T = await asyncio.shield(self._shared[name])
        return found

    async def try_cpq(self, appliance: str, port: int) -> Exchange:
        """The worker's own try at a CPQ listener; raises a `ProbeError`."""
        command = f"cpq {appliance} {port}"
        try:
            text = await self._appliances.try_cpq(appliance, port)
        except ProbeError as error:
            self._keep(Exchange(WORKER, command, "", self._now(), _redact_error(error)))
            raise
        return self._keep(Exchange(WORKER, command, redact(text), self._now()))

    async def close(self) -> None:
        """Ends what nobody waits for any more."""
        tasks = [*self._shared.values(), *self._answers.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _converse(self, appliance: str, command: Reading[Any]) -> Exchange:
        try:
            text = await self._appliances.converse(appliance, command)
        except ProbeError as error:
            failure = _redact_error(error)
            error.exchange = self._keep(Exchange(appliance, command.key, "", self._now(), failure))
            raise
        try:
            kept = await read_aside(
                lambda: redact(command.distil(text) if command.distil else text),
                len(text),
                f"the answer of {appliance} to {command.key!r}",
            )
        except TimedOut as error:
            error.exchange = self._keep(
                Exchange(appliance, command.key, "", self._now(), _redact_error(error))
            )
            raise
        return self._keep(Exchange(appliance, command.key, kept, self._now()))

    def _keep(self, exchange: Exchange) -> Exchange:
        self.exchanges.append(exchange)
        return exchange


def _redact_error(error: ProbeError) -> Failure:
    """Redacts the error in place, for reports quote it, and tells what a capture needs to raise it again."""
    error.args = (redact(str(error)),)
    error.details = {
        name: redact(value) if isinstance(value, str) else value for name, value in error.details.items()
    }
    kind = next(cls.__name__ for cls in type(error).__mro__ if cls.__module__ == errors.__name__)
    return Failure(kind=kind, sentence=str(error), details=error.details)
