"""`clusterconfig`: the machines of the cluster that an appliance belongs to."""

import re
from dataclasses import dataclass

from bot.asyncos.reading import LEAVE_MENU, choose, unreadable
from bot.model.command import Question, Reading
from bot.model.errors import Garbled

_CLUSTER = re.compile(r"^[ \t]*Cluster:?[ \t]+([^\s:](?:.*[^\s:])?)[ \t:]*$", re.MULTILINE | re.IGNORECASE)
_MACHINE = re.compile(r"^[ \t]*Machine:?[ \t]+([\w.-]+)", re.MULTILINE | re.IGNORECASE)
_ALONE = re.compile(r"join or create a cluster|stand-?alone|not (?:\w+ )?(?:part|member) of a", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The host names of the machines; none = the appliance stands alone."""

    name: str | None
    machines: tuple[str, ...]


def clusterconfig() -> Reading[Cluster]:
    """Lists the machines; where it offers to join a cluster, it is told to change nothing."""
    return Reading(
        "clusterconfig",
        parse_clusterconfig,
        (
            Question(r"join or create a cluster", _stay_alone),
            Question(r"^- LIST\b", "LIST"),
            LEAVE_MENU,
        ),
        variant="list",
    )


def parse_clusterconfig(text: str) -> Cluster:
    machines = tuple(dict.fromkeys(_MACHINE.findall(text)))
    if not machines and not _ALONE.search(text):
        raise unreadable("clusterconfig", text)
    name = _CLUSTER.search(text)
    return Cluster(name[1] if name and machines else None, machines)


def _stay_alone(text: str) -> str:
    found = re.search(r"^[ \t]*\d+\.[ \t]*(No\b(?:.*\S)?)[^\S\n]*$", text, re.MULTILINE | re.IGNORECASE)
    if not found:
        raise Garbled("clusterconfig offers to join a cluster, and no way to say no; nothing was answered")
    return choose(text, found[1], "answer")
