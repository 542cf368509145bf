"""The AsyncOS command line of one session: banner, prompt, dispatch of commands, leaving."""

import asyncio

from bot.lab.appliances.clock import format_time
from bot.lab.appliances.commands import Command, find_command
from bot.lab.appliances.commands.cluster import enter_required_mode
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

    async def run_line(self, line: str) -> None:
        """Run the commands of `ssh HOST LINE`, which semicolons separate; no banner and no prompt."""
        for command in line.split(";"):
            self._session.terminal.record(command.strip())
            if not await self._finish(asyncio.create_task(self._obey(command.strip()))):
                return

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
        session, model = self._session, self._session.here.model
        if session.here.manners.login_banner:
            await session.say(session.here.manners.login_banner)
        if last := session.here.last_login:
            session.terminal.write_raw(f"Last login: {format_time(last.since)} from {last.source}\r\r\n")
        number, _, build = model.version.partition("-")
        brand = model.brand.replace("Cisco", "for Cisco")
        note = (
            f"NOTE: This session will expire if left idle for {model.release.idle_minutes} minutes. "
            "Any uncommitted\nconfiguration changes will be lost. Commit the configuration changes as soon as\n"
            "they are made.\n"
        )
        await session.say(
            f"AsyncOS {number} {brand} {model.name} build {build}\n\nWelcome to the {model.title}\n\n"
            + (note if model.release.idle_minutes < 60 else note.replace("\n", " "))
        )

    async def _step(self) -> None:
        await self._session.terminal.write(self._session.prompt)
        line = (await self._session.terminal.read_line()).strip()
        if line and line != ESCAPE:
            await self._obey(line)

    async def _obey(self, line: str) -> None:
        session, manners, mode = self._session, self._session.here.manners, self._session.mode
        await asyncio.sleep(manners.latency)
        name, _, arguments = line.partition(" ")
        name = name.lower()
        if name in ("exit", "quit"):
            await self._leave()
            return
        command = find_command(name, session.here)
        if command is None:
            await session.say(f"\n{session.here.model.release.unknown_command}: {line.split(' ')[0]}\n")
        elif name in manners.forbidden:
            await session.say(f"\nPermission denied: the role of this account may not run {name}.\n")
        elif await enter_required_mode(session, name):
            switched = session.mode
            await self._run(command, arguments.strip())
            if not manners.switch_lasts and switched != mode:
                session.mode = mode

    async def _run(self, command: Command, arguments: str) -> None:
        terminal = self._session.terminal
        terminal.note_due = self._session.here.manners.idle_note
        try:
            await command(self._session, arguments)
        finally:
            terminal.note_due = False
        await self._session.say()

    async def _leave(self) -> None:
        if self._session.pending:
            await self._session.say(
                "\nConfiguration changes entered but not committed. Exiting will lose changes.\n"
                "Type 'commit' at the command prompt to commit changes."
            )
            if not await self._session.ask_yes("Are you sure you wish to exit?", default=False):
                return
        raise Leave
