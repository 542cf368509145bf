"""What several commands share: menus, lists of interfaces, numbers, and how an unreadable answer is quoted."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.model.command import Question
from bot.model.errors import Garbled

ENTRY = re.compile(r"^[ \t]*(\d+)\.[ \t]*(\S(?:.*\S)?)[^\S\n]*$", re.MULTILINE)
INTERFACE = re.compile(
    r"^[ \t]*(?P<choice>\d+)\.[ \t]*(?P<name>[^\s(][^(\n]*+)"
    r"\((?P<address>\d+(?:\.\d+){3}|[0-9A-Fa-f:.]{1,45}:[0-9A-Fa-f.]{0,15})(?:/\d+)?"
    r"(?:[ \t]++on[ \t][^:)\n]*+)?(?:[ \t]*+:(?P<hostname>[^)\n]*+))?\)",
    re.MULTILINE,
)
LEAVE_MENU = Question(r"choose the operation|\[\]>", "")
"""Enter at a command's menu: one level up, back to the main prompt."""


@dataclass(frozen=True, slots=True)
class Interface:
    """One IP interface of an appliance; `hostname` is the name it uses in SMTP; `ssh_port` is known from the
    configuration only."""

    name: str
    address: str
    hostname: str | None = None
    ssh_port: int | None = None


def read_interfaces(text: str) -> tuple[Interface, ...]:
    """Rows such as `2. In (198.51.100.10/24: esa1.example.com)`, in the order printed."""
    return tuple(
        Interface(row["name"].rstrip(), row["address"], (row["hostname"] or "").strip() or None)
        for row in INTERFACE.finditer(text)
    )


def choose(text: str, label: str, what: str) -> str:
    """The number of the menu entry called `label` (what stands before a bracket counts), else `Garbled`."""
    entries = ENTRY.findall(text)
    for number, entry in entries:
        if label.casefold() in (entry.casefold(), entry.split("(")[0].strip().casefold()):
            return str(number)
    offered = ", ".join(entry for _, entry in entries) or "nothing that can be read"
    raise Garbled(f"there is no {what} {label!r} in the list; it offers {offered}")


def read_count(text: str) -> int:
    """A number with or without thousands separators."""
    return int(text.replace(",", ""))


def quote(text: str, length: int = 160) -> str:
    """The beginning of an answer, on one line, for a sentence."""
    line = " ".join(text.split())
    if not line:
        return "nothing"
    return f'"{line[:length]}…"' if len(line) > length else f'"{line}"'


def unreadable(command: str, text: str) -> Garbled:
    """The error for an answer in which a parser recognises nothing."""
    return Garbled(f"the answer to {command} could not be read; it printed {quote(text)}")


def confirmed(command: str, words: str) -> Callable[[str], str]:
    """Reads the line that says that a change was made; `Garbled`, with what was printed instead, without one."""

    def read(text: str) -> str:
        found = re.search(rf"^.*(?:{words}).*$", text, re.IGNORECASE | re.MULTILINE)
        if not found:
            raise Garbled(f"{command} did not answer as it does when it succeeds; it printed {quote(text)}")
        return found[0].strip()

    return read
