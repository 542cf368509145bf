"""The AsyncOS command line of one session: banner, prompt, dispatch of commands, leaving."""

import asyncio

from bot.lab.appliances.commands import COMMANDS
from bot.lab.appliances.log import format_time
from bot.lab.appliances.session import Session
from bot.lab.appliances.terminal import ESCAPE


class Leave(Exception):
    """The session is over."""


class Shell:
    """The main prompt of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def run(self) -> None:
        """Greet, then read and run commands until the client leaves; Ctrl-C returns to the prompt."""
        await self._greet()
        while await self._finish(asyncio.create_task(self._step())):
            pass

    async def _finish(self, step: "asyncio.Task[None]") -> bool:
        self._session.terminal.on_interrupt = step.cancel
        try:
            await asyncio.wait({step})
        finally:
            step.cancel()
        if step.cancelled():
            await self._session.terminal.write("^C\n")
            return True
        if isinstance(step.exception(), (Leave, EOFError)):
            return False
        step.result()
        return True

    async def _greet(self) -> None:
        session, model = self._session, self._session.appliance.model
        if last := session.appliance.last_login:
            session.terminal.write_raw(f"Last login: {format_time(last.since)} from {last.source}\r\r\n")
        await session.say(
            f"AsyncOS {model.release} for Cisco {model.name} build {model.build}\n\n"
            f"Welcome to the {model.title}\n\n"
            "NOTE: This session will expire if left idle for 30 minutes. Any uncommitted\n"
            "configuration changes will be lost. Commit the configuration changes as soon as\n"
            "they are made.\n"
        )

    async def _step(self) -> None:
        session = self._session
        await session.terminal.write(f"{session.appliance.host}> ")
        line = (await session.terminal.read_line()).strip()
        if not line or line == ESCAPE:
            return
        await asyncio.sleep(session.settings.latency)
        name, _, arguments = line.partition(" ")
        if name.lower() in ("exit", "quit"):
            await self._leave()
            return
        command = COMMANDS.get(name.lower())
        if command is None:
            await session.say(f"\nUnknown command or missing feature key: {name}\n")
            return
        await command(session, arguments.strip())
        await session.say()

    async def _leave(self) -> None:
        if self._session.pending:
            await self._session.say(
                "\nConfiguration changes entered but not committed. Exiting will lose changes.\n"
                "Type 'commit' at the command prompt to commit changes."
            )
            if not await self._session.ask_yes("Are you sure you wish to exit?", default=False):
                return
        raise Leave
