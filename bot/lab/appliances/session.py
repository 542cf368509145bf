"""One CLI session as a command sees it: questions, answers, uncommitted changes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.lab.appliances.appliance import Appliance
from bot.lab.appliances.modes import Mode, build_mode, members_of
from bot.lab.appliances.network import Network
from bot.lab.appliances.options import LabSettings
from bot.lab.appliances.parts import Login
from bot.lab.appliances.terminal import ESCAPE, Terminal

Place = Mode | None


@dataclass
class Session:
    """What a command works with: one login's terminal and uncommitted changes, and the appliance.

    `here` is the appliance that was logged in to; in a cluster, `mode` says what is worked on.
    """

    here: Appliance
    network: Network
    settings: LabSettings
    terminal: Terminal
    login: Login
    mode: Place = None
    pending: dict[tuple[Place, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.here.cluster:
            self.mode = build_mode(self.settings.shape.login_mode, self.here.cluster, self.here.host)

    @property
    def appliance(self) -> Appliance:
        """The appliance that is worked on: in machine mode it may be another member of the cluster."""
        return self.targets[0] if self.mode and self.mode.kind == "machine" else self.here

    @property
    def targets(self) -> tuple[Appliance, ...]:
        """The appliances that a change reaches."""
        return self._reach(self.mode)

    @property
    def prompt(self) -> str:
        """The main prompt."""
        if self.mode:
            return f"({self.mode})> "
        return self.here.manners.prompt.format(place=self.here.host)

    def setting(self, name: str) -> str:
        """A value of the configuration as this session sees it."""
        return self.pending.get((self.mode, name), self.appliance.configuration[name])

    def change(self, name: str, value: str) -> None:
        """Change a value of the configuration; `commit` activates it."""
        if value == self.appliance.configuration[name]:
            self.pending.pop((self.mode, name), None)
        else:
            self.pending[self.mode, name] = value

    def activate(self) -> None:
        """Make the changes true where they were entered, and those of other sessions with them."""
        for (mode, name), value in self.pending.items():
            for appliance in self._reach(mode):
                appliance.configuration[name] = value
        self.here.configuration.update(self.here.foreign_changes)
        self.abandon()

    def abandon(self) -> None:
        """Drop the changes of this session and of others."""
        self.pending.clear()
        self.here.foreign_changes.clear()

    async def say(self, text: str = "") -> None:
        """Print text and end its line."""
        await self.terminal.write(f"{text}\n")

    async def ask(self, question: str, default: str = "") -> str:
        """A question with its default in brackets on the next line; Enter gives the default."""
        await self.terminal.write(f"\n{question}\n[{default}]> ")
        return await self._answer() or default

    async def ask_number(self, question: str, options: Sequence[str], default: int | None = 1) -> int:
        """The number, from 1, of an option that was chosen from a list; asks again until it is one."""
        lines = [f"{number}. {option}" for number, option in enumerate(options, 1)]
        text = "\n".join([question, *lines])
        while True:
            answer = await self.ask(text, "" if default is None else str(default))
            if answer.isdecimal() and 1 <= int(answer) <= len(options):
                return int(answer)
            await self.say(f"\nValue must be an integer from 1 to {len(options)}.")

    async def ask_yes(self, question: str, default: bool) -> bool:
        """A yes/no question, with its default on the same line."""
        while True:
            await self.terminal.write(f"{question} [{'Y' if default else 'N'}]> ")
            answer = (await self._answer()).lower()
            if answer in ("", "y", "yes", "n", "no"):
                return answer.startswith("y") if answer else default
            await self.say('\nPlease answer "yes" or "no".')

    async def ask_operation(self, operations: dict[str, str]) -> str:
        """The operation chosen from a menu, in capitals; empty when Enter was pressed."""
        lines = [f"- {name} - {text}" for name, text in operations.items()]
        menu = "\n".join(["Choose the operation you want to perform:", *lines])
        while True:
            answer = (await self.ask(menu)).upper()
            if not answer or answer in operations:
                return answer
            await self.say(f"\nUnknown option: {answer}")

    def _reach(self, mode: Place) -> tuple[Appliance, ...]:
        cluster = self.here.cluster
        return members_of(cluster, mode) if cluster and mode else (self.here,)

    async def _answer(self) -> str:
        while (line := await self.terminal.read_line()) == ESCAPE:
            pass
        return line.strip()
