"""`logconfig`: which logs the appliance keeps."""

import re
from dataclasses import dataclass

from bot.asyncos.reading import LEAVE_MENU, unreadable
from bot.model.command import Reading

_ROW = re.compile(r"^[ \t]*\d+\.[ \t]*(\S+)[ \t]+(\S(?:.*\S)?)[^\S\n]*$", re.MULTILINE)
_TYPE = re.compile(
    r"^(.*?\blogs)\b|^(.*?)(?:\s{2,}|\s+(?:FTP|SCP|Syslog|Manual|AWS|None)\b|$)", re.IGNORECASE
)
_HEAD = re.compile(r"configured logs|Log Name", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One log: the name that `grep` takes, and its type, such as `IronPort Text Mail Logs`."""

    name: str
    type: str

    @property
    def is_mail_log(self) -> bool:
        return bool(re.search(r"\bText\s*Mail\s*Logs$", self.type, re.IGNORECASE))


def logconfig() -> Reading[tuple[Subscription, ...]]:
    return Reading("logconfig", parse_logconfig, (LEAVE_MENU,))


def parse_logconfig(text: str) -> tuple[Subscription, ...]:
    subscriptions = tuple(Subscription(name, _read_type(rest)) for name, rest in _ROW.findall(text))
    if not subscriptions and not _HEAD.search(text):
        raise unreadable("logconfig", text)
    return subscriptions


def _read_type(rest: str) -> str:
    found = _TYPE.match(rest)
    return (found[1] or found[2]).strip() if found else rest
