"""One CLI session as a command sees it: questions, answers, uncommitted changes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.lab.appliances.appliance import Appliance, Login
from bot.lab.appliances.network import Network
from bot.lab.appliances.options import LabSettings
from bot.lab.appliances.terminal import ESCAPE, Terminal


@dataclass
class Session:
    """What a command works with: one login's terminal and uncommitted changes, and the appliance."""

    appliance: Appliance
    network: Network
    settings: LabSettings
    terminal: Terminal
    login: Login
    pending: dict[str, str] = field(default_factory=dict)

    def setting(self, name: str) -> str:
        """A value of the configuration as this session sees it."""
        return self.pending.get(name, self.appliance.configuration[name])

    def change(self, name: str, value: str) -> None:
        """Change a value of the configuration; `commit` activates it."""
        if value == self.appliance.configuration[name]:
            self.pending.pop(name, None)
        else:
            self.pending[name] = value

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

    async def _answer(self) -> str:
        while (line := await self.terminal.read_line()) == ESCAPE:
            pass
        return line.strip()
