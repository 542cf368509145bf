"""One appliance in a run: logged in to at the first question, asked over a few sessions, left politely."""

import asyncio
import contextlib
import contextvars
import copy
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bot.model.command import Reading
from bot.model.errors import Disconnected, ProbeError, Rejected, Unusable
from bot.model.inventory import Appliance, Secret
from bot.model.ports import Refusals
from bot.probes.console import LiveConsole
from bot.probes.dial import Target, dial
from bot.probes.host_keys import read_pins
from bot.probes.refusals import fingerprint, name_account
from bot.probes.shell import SessionRefused, Shell
from bot.probes.smtp import try_cpq
from bot.probes.ssh import Connection, Login
from bot.tracing.lines import name_command
from bot.tracing.spans import span

Work = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Tools:
    """What all contacts of a process share."""

    read_secret: Callable[[Secret], str]
    threads: ThreadPoolExecutor
    refusals: Refusals


class Contact:
    """The one connection to an appliance in a run, dialled at the first question."""

    def __init__(
        self,
        name: str,
        appliance: Appliance,
        tools: Tools,
        unattended: bool = False,
    ) -> None:
        self._name = name
        self._appliance = appliance
        self._tools = tools
        self._unattended = unattended
        self._login: asyncio.Task[Connection] | None = None
        self._connection: Connection | None = None
        self._allowed = appliance.sessions
        self._open = 0
        self._idle: list[Shell] = []
        self._changed = asyncio.Condition()

    async def converse(self, command: Reading[Any]) -> str:
        with span("ask", "client", appliance=self._name, command=name_command(command.line)):
            return await self._converse(command)

    async def _converse(self, command: Reading[Any]) -> str:
        connection = await self._log_in_once()
        if not command.typed:
            return connection.agreement
        shell = await self._take(connection)
        try:
            answer: str = await self._work(shell.ask, command)
            return answer
        except asyncio.CancelledError:
            shell.cut()
            raise
        finally:
            await self._give_back(shell)

    @contextlib.asynccontextmanager
    async def hold(self) -> AsyncIterator[LiveConsole]:
        """One session for one holder, as a console."""
        connection = await self._log_in_once()
        shell = await self._take(connection)
        try:
            yield LiveConsole(self._name, connection.endpoint, shell, self._work)
        except asyncio.CancelledError:
            shell.cut()
            raise
        finally:
            await self._give_back(shell)

    async def try_cpq(self, port: int) -> str:
        place = self._appliance.cpq_probe or f"{self._appliance.address}:{port}"
        if place == "off":
            raise ProbeError(f"the inventory forbids to try the CPQ port of {self._name}")
        host, _, number = place.rpartition(":")
        return await try_cpq(host.strip("[]"), int(number))

    async def close(self) -> None:
        """Leaves the idle sessions with `exit`, then closes the connection."""
        try:
            if self._login:
                self._login.cancel()
                await asyncio.gather(self._login, return_exceptions=True)
            shells, self._idle = self._idle, []
            await asyncio.gather(*(self._work(shell.leave) for shell in shells), return_exceptions=True)
        finally:
            self.cut()

    def cut(self) -> None:
        """Closes the socket: no thread waits on it any longer."""
        self._idle.clear()
        if self._connection:
            self._connection.cut()

    async def _log_in_once(self) -> Connection:
        """The first question logs in; all others wait for it, and share its failure."""
        if self._login is None:
            self._login = asyncio.create_task(self._log_in_traced())
        await asyncio.wait([self._login])
        if self._login.cancelled():
            raise Disconnected(f"{self._name} was not asked: the run is ending")
        if failure := self._login.exception():
            raise copy.copy(failure)  # each asker keeps its own: what was asked is noted on it
        return self._login.result()

    async def _log_in_traced(self) -> Connection:
        with span("login", "client", appliance=self._name):
            return await self._log_in()

    async def _log_in(self) -> Connection:
        target = Target(
            self._name,
            self._appliance.host,
            self._appliance.port,
            self._appliance.legacy_ssh,
            read_pins(self._name, self._appliance),
        )
        login = self._read_login()
        account = name_account(self._appliance, login)
        if self._unattended:
            await self._refrain(account, login)
        self._connection = Connection(target, await dial(target))
        try:
            await self._work(self._connection.log_in, login)
        except BaseException as error:
            self._connection.cut()
            if isinstance(error, Rejected):
                await self._tools.refusals.note(account, await self._work(fingerprint, account, login))
            raise
        await self._tools.refusals.forget(account)
        return self._connection

    async def _refrain(self, account: str, login: Login) -> None:
        """Nobody waits for the answer: what was refused is not tried again until the secret has changed."""
        refused = await self._tools.refusals.recall(account)
        if refused and refused == await self._work(fingerprint, account, login):
            raise Rejected(
                f"{self._name} was not logged in to: it refused the login of {login.username} before, and a schedule "
                "does not try again, lest the account is locked; change the secret, or run the check yourself"
            )

    def _read_login(self) -> Login:
        account = self._appliance
        try:
            if account.key:
                return Login(account.username, key=self._tools.read_secret(account.key))
            assert account.password, "the inventory demands one of them"
            return Login(account.username, self._tools.read_secret(account.password).rstrip("\r\n"))
        except Unusable as error:
            raise ProbeError(f"{self._name} was not logged in to: {error}") from None

    async def _take(self, connection: Connection) -> Shell:
        """An idle session, else a new one; with one that was refused, as many as there are must do."""
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._idle or self._open < self._allowed)
                while self._idle:
                    if (shell := self._idle.pop()).sound:
                        return shell
                    self._open -= 1
                self._open += 1
            try:
                opened: Shell = await self._work(connection.open_shell)
                return opened
            except SessionRefused:
                if self._open == 1:
                    await self._forget()
                    raise
                self._allowed = max(1, self._open - 1)
                await self._forget()
            except BaseException:
                await self._forget()
                raise

    async def _give_back(self, shell: Shell) -> None:
        if not shell.sound:
            shell.cut()
            await self._forget()
            return
        async with self._changed:
            self._idle.append(shell)
            self._changed.notify_all()

    async def _forget(self) -> None:
        async with self._changed:
            self._open -= 1
            self._changed.notify_all()

    async def _work(self, work: Work, *arguments: object) -> Any:
        """In a thread, which goes on with the span of whoever asks."""
        run = contextvars.copy_context().run
        return await asyncio.get_running_loop().run_in_executor(self._tools.threads, run, work, *arguments)
