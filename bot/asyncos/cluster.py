"""The cluster's own questions: a command that another mode is for offers to change to it, whatever the command."""

import re
from collections.abc import Iterable

from bot.asyncos.reading import ENTRY
from bot.model.command import Question
from bot.model.errors import Garbled

MODE_PROMPT = re.compile(r"\((?P<mode>Machine|Group|Cluster) (?P<name>[^()\n]{1,200})\)[>#]")


def machine_of(prompt: str) -> str | None:
    """The machine that a prompt in machine mode names."""
    found = MODE_PROMPT.fullmatch(prompt)
    return found["name"] if found and found["mode"] == "Machine" else None


def mode_questions(names: Iterable[str]) -> tuple[Question, ...]:
    """The offer to change the mode, which is taken, and the choice of a machine: the one that was logged in to.

    `names` are what that one may be called.
    """
    known = tuple(names)
    return (
        Question(r"restricted\s+to\s+\W?(?:machine|cluster)\W?\s+mode", "Y"),
        Question(r"choose\s+a\s+machine", lambda text: choose_machine(text, known)),
    )


def choose_machine(text: str, names: Iterable[str]) -> str:
    """The number of the machine in the list; `Garbled` unless it is the only one that fits."""
    entries = [(number, entry.split("(")[0].strip()) for number, entry in ENTRY.findall(text)]
    offered = ", ".join(machine for _, machine in entries) or "nothing that can be read"
    for fits in (str.casefold, _first_label):
        wanted = {fits(name) for name in names}
        chosen = [number for number, machine in entries if fits(machine) in wanted]
        if len(chosen) == 1:
            return str(chosen[0])
    raise Garbled(
        f"the cluster asks for a machine, and none of them is called {' or '.join(names)}; it offers {offered}. "
        "Call the appliance in the inventory as the cluster does, or let its host be that name"
    )


def _first_label(name: str) -> str:
    return name.casefold().split(".")[0]
