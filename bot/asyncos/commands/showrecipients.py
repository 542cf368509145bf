"""`showrecipients`: the messages that wait for one destination; senders and subjects are never kept."""

import re
from dataclasses import dataclass

from bot.asyncos.reading import choose, read_count, unreadable
from bot.model.command import Question, Reading
from bot.model.errors import Garbled

MESSAGES_READ = 1_000
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_MESSAGE = re.compile(r"^[ \t]*(\d+)[ \t]+([\d,]+)(?=[ \t]|$)")
_ATTEMPTS = re.compile(r"^[ \t]*\[(\d+)\][ \t]+\[(\d+)\]")
_TOLD = re.compile(r"^\s*(?:\S+ )?(?:Showing messages|MID/|No (?:messages|recipients|record))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message: its size, and how often its delivery to the recipient tried most was attempted."""

    mid: int
    size: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Recipients:
    """The messages that wait, in the order printed; `capped` when there were more than are read."""

    messages: tuple[Waiting, ...]
    capped: bool


class RecipientsSieve:
    """A `Sieve`: numbers only, and of the first messages only; before the list everything passes."""

    def __init__(self) -> None:
        self._messages = 0

    @property
    def satisfied(self) -> bool:
        return self._messages > MESSAGES_READ

    def take(self, text: str) -> str:
        """What is to be kept of the next lines."""
        return "".join(kept for line in text.splitlines(keepends=True) if (kept := self._keep(line)))

    def end(self) -> str:
        """Nothing is held back."""
        return ""

    def _keep(self, line: str) -> str:
        if self.satisfied:
            return ""
        if message := _MESSAGE.match(line):
            self._messages += 1
            return f"{message[1]} {message[2]}\n"
        if attempts := _ATTEMPTS.match(line):
            return f"[{attempts[1]}] [{attempts[2]}]\n"
        return line if not self._messages else ""


def showrecipients(host: str) -> Reading[Recipients]:
    """What waits for `host`; an ESA knows `the.cpq.host`, an SMA does not know `the.cpq.release.host`."""
    if not _HOST.fullmatch(host):
        raise Garbled(f"{host!r} is no name of a destination that can be typed; nothing was sent")
    return Reading(
        "showrecipients",
        parse_showrecipients,
        (
            Question(
                r"select how you would like to show", lambda text: choose(text, "By recipient host.", "way")
            ),
            Question(r"hostname for the messages|recipient host", host),
        ),
        variant=host,
        distil=distil_recipients,
        sieve=RecipientsSieve,
        timeout=120.0,
    )


def distil_recipients(text: str) -> str:
    """The same list without senders, recipients and subjects."""
    sieve = RecipientsSieve()
    return sieve.take(f"{text}\n").rstrip("\n")


def parse_showrecipients(text: str) -> Recipients:
    messages: list[Waiting] = []
    told = False
    for line in text.splitlines():
        if message := _MESSAGE.match(line):
            messages.append(Waiting(int(message[1]), read_count(message[2]), 0))
        elif (attempts := _ATTEMPTS.match(line)) and messages:
            last = messages[-1]
            messages[-1] = Waiting(last.mid, last.size, max(last.attempts, int(attempts[2])))
        told = told or bool(_TOLD.match(line))
    if not (messages or told):
        raise unreadable("showrecipients", text)
    return Recipients(tuple(messages[:MESSAGES_READ]), len(messages) > MESSAGES_READ)
