"""What went over the wire: the last exchanges of workspace and app, in bounded memory, tokens masked."""

import itertools
import json
import re
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.feed import Feed

KEPT = 400
KEPT_CHARACTERS = 4_000_000
LONGEST = 120_000
_SECRETS = re.compile(r'\b(xox[a-z]|xapp)-[\w-]+|("token": ")[^"]+|(ticket=)[\w-]+|(v0=)[0-9a-f]{64}')


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; `way` is "call" when the app asks and "delivery" when the workspace does.

    `sent` and `answer` are JSON; `status` is `ok`, an error code or what happened instead of an answer.
    """

    way: Literal["call", "delivery"]
    name: str
    status: str
    seconds: float
    sent: object
    answer: object
    at: float = field(default_factory=time.time)


@dataclass(frozen=True)
class _Kept:
    summary: Json
    sent: str
    answer: str

    @property
    def size(self) -> int:
        return len(self.sent) + len(self.answer)


class Wire:
    """The last exchanges, oldest first; pages are told of each and ask for the bodies they show."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._kept: deque[_Kept] = deque()
        self._characters = 0
        self._numbers = itertools.count(1)

    def record(self, exchange: Exchange) -> None:
        """Keeps an exchange as it is now and drops the oldest that no longer fit."""
        sent, answer = _masked(exchange.sent), _masked(exchange.answer)
        summary: Json = {
            "number": next(self._numbers),
            "way": exchange.way,
            "name": exchange.name,
            "status": exchange.status,
            "at": exchange.at,
            "ms": round(exchange.seconds * 1000, 1),
            "size": len(sent) + len(answer),
        }
        kept = _Kept(summary, sent[:LONGEST], answer[:LONGEST])
        self._kept.append(kept)
        self._characters += kept.size
        while len(self._kept) > KEPT or self._characters > KEPT_CHARACTERS:
            self._characters -= self._kept.popleft().size
        self._feed.publish({"type": "exchange", "exchange": summary})

    def summaries(self) -> list[Json]:
        """Every kept exchange without its bodies."""
        return [kept.summary for kept in self._kept]

    def find(self, number: int) -> Json:
        """One exchange with `sent` and `answer`; a body that was too long comes as text. SlackError `not_found`."""
        for kept in self._kept:
            if kept.summary["number"] == number:
                return kept.summary | {"sent": _unpacked(kept.sent), "answer": _unpacked(kept.answer)}
        raise SlackError("not_found")


def _masked(body: object) -> str:
    text = json.dumps(body, ensure_ascii=False, default=str)
    return _SECRETS.sub(lambda found: f"{next(filter(None, found.groups()))}…", text)


def _unpacked(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return f"{text} … (cut)"
