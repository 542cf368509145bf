"""`grep`: searches a log subscription by regular expression, in one line or by questions."""

import asyncio
import re
import shlex
from dataclasses import dataclass

from bot.lab.appliances.commands.configuration import LOGS, list_logs
from bot.lab.appliances.session import Session

USAGE = "usage: grep [-e regex] [-i] [regex] log_name"


@dataclass(frozen=True)
class Search:
    """What to look for, and where."""

    log: str
    pattern: re.Pattern[str]
    invert: bool = False


async def grep(session: Session, arguments: str) -> None:
    """Print the lines that match; nothing when none does."""
    try:
        search = _parse(arguments) if arguments else await _ask(session)
    except (ValueError, re.error) as error:
        await session.say(f"\n{error}\n{USAGE}")
        return
    appliance = session.appliance
    hidden = search.log != "mail_logs" or appliance.log_level != "Information"
    lines = [] if hidden else appliance.log.lines()
    if found := await asyncio.to_thread(_filter, lines, search):
        await session.say("\n".join(found))


def _filter(lines: list[str], search: Search) -> list[str]:
    return [line for line in lines if bool(search.pattern.search(line)) is not search.invert]


def _parse(arguments: str) -> Search:
    words = shlex.split(arguments)
    expression, flags = None, 0
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option == "-i":
            flags = re.IGNORECASE
        elif option == "-e" and words:
            expression = words.pop(0)
        else:
            raise ValueError(f"Invalid option: {option}")
    if expression is None and words:
        expression = words.pop(0)
    if expression is None or len(words) != 1:
        raise ValueError("A regular expression and one log name are needed.")
    if words[0] not in dict(LOGS):
        raise ValueError(f'No log is named "{words[0]}".')
    return Search(words[0], re.compile(expression, flags))


async def _ask(session: Session) -> Search:
    await session.say(f"\n{list_logs(session)}")
    number = await _ask_log(session)
    expression = await session.ask("Enter the regular expression to grep.")
    await session.say()
    flags = re.IGNORECASE if await _confirm(session, "be case insensitive", True) else 0
    invert = await _confirm(session, "match non-matching lines", False)
    await session.ask_yes("Do you want to paginate the output?", default=False)
    return Search(LOGS[number - 1][0], re.compile(expression, flags), invert)


async def _ask_log(session: Session) -> int:
    while True:
        answer = await session.ask("Enter the number of the log you wish to grep.")
        if answer.isdecimal() and 1 <= int(answer) <= len(LOGS):
            return int(answer)
        await session.say(f"\nValue must be an integer from 1 to {len(LOGS)}.")


async def _confirm(session: Session, what: str, default: bool) -> bool:
    return await session.ask_yes(f"Do you want this search to {what}?", default)
