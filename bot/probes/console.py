"""A console: a login of its own on one appliance, on which a remediation types lines that change it."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from bot.facts.aside import read_aside
from bot.model.command import Entry, Printed, Reading
from bot.model.errors import Disconnected, NotSent
from bot.model.inventory import Appliance
from bot.model.remediation import Endpoint
from bot.probes.shell import Shell

T = TypeVar("T")


class LiveConsole:
    """The port `Console` over one shell of `endpoint`; `work` runs what blocks in a thread."""

    def __init__(
        self, name: str, endpoint: Endpoint, shell: Shell, work: Callable[..., Awaitable[Any]]
    ) -> None:
        self._name = name
        self._endpoint = endpoint
        self._shell = shell
        self._work = work

    @property
    def endpoint(self) -> Endpoint:
        return self._endpoint

    @property
    def prompt(self) -> str:
        return self._shell.prompt

    @property
    def ready(self) -> bool:
        return self._shell.sound

    async def ask(self, command: Reading[T]) -> T:
        text: str = await self._work(self._shell.ask, command)
        return await read_aside(
            lambda: command.parse(command.distil(text) if command.distil else text),
            len(text),
            f"the answer of {self._name} to {command.key!r}",
        )

    async def type(self, entry: Entry, expected: str, hinders: Callable[[], str | None]) -> Printed:
        printed: Printed = await self._work(self._enter, entry, expected, hinders)
        return printed

    def _enter(self, entry: Entry, expected: str, hinders: Callable[[], str | None]) -> Printed:
        if why := hinders():
            raise NotSent(why)
        return self._shell.enter(entry, expected)

    async def interrupt(self) -> None:
        await self._work(self._shell.interrupt)
        if not self._shell.sound:
            raise Disconnected(f"{self._name} did not come back to its prompt after Ctrl-C")


def as_changer(appliance: Appliance) -> Appliance:
    """The appliance with the account that changes are made with: `change` where there is one."""
    if appliance.change is None:
        return appliance
    account = appliance.change
    return appliance.model_copy(
        update={"username": account.username, "password": account.password, "key": account.key}
    )
