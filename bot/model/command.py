"""One AsyncOS command: how it is asked and how its answer is read; reading and changing are two types."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, Literal, Protocol, TypeVar

T = TypeVar("T")

CUT = "[earlier output was dropped: the appliance printed more than is kept]"
"""First line of an answer that was longer than `limit`, where `overflow` is "keep-newest"."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Key(Enum):
    """A single key that a dialogue may press; no Enter follows."""

    INTERRUPT = "\x03"
    TELNET_ESCAPE = "\x1d"


def is_typeable(line: str) -> bool:
    """Whether `line` is one line of ASCII: without Enter, Ctrl-C or any other control character."""
    return line.isascii() and not _CONTROL.search(line)


@dataclass(frozen=True, slots=True)
class Question:
    """A question that a command is known to ask.

    `words` is a regular expression, searched without regard to case in what was printed since the last line
    sent. `answer` is the line to send, or a function of that text (choose a menu entry by its label); it raises
    `Garbled` when the text offers nothing it knows. A question may come again only if `repeats`; without one that
    is `required` the answer says nothing.
    """

    words: str
    answer: str | Callable[[str], str]
    repeats: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Reaction:
    """What to do about output that is no question: a peer's banner, or silence.

    `words` as in `Question`, with `^` at each line; `send` is a line or a key. It waits until nothing was printed
    for `quiet` seconds. Once it has reacted, `then` takes the place of the command's reactions.
    """

    words: str
    send: str | Key
    quiet: float = 0.0
    then: tuple["Reaction", ...] = ()


class Sieve(Protocol):
    """Keeps what matters of a long answer while it arrives, so that it is never held whole."""

    @property
    def satisfied(self) -> bool:
        """Whether nothing that matters can follow: the appliance may be stopped, except in a cluster."""
        ...

    def take(self, text: str) -> str:
        """What is to be kept of the next lines."""
        ...

    def end(self) -> str:
        """What is still in hand when nothing more comes."""
        ...


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A command that changes nothing.

    `line` is what is typed, and with the answers the identity of the command within a run (`key`). `parse`
    turns the printed text, without echo, pager and prompt, into `T`, or raises `Garbled`. `distil` cuts the
    text to what may be kept before anything else sees it (doing it twice changes nothing); a `sieve` does so while
    it arrives. `timeout` in seconds, `limit` in characters. `fallback` is typed when `line` came back without
    asking any of `questions`, and its answer matches `fallback_when`. A prompt is believed after `settle` seconds
    of silence: more than 0 where answers hold foreign text. One that is not `typed` is answered by the worker's own
    SSH client.
    """

    line: str
    parse: Callable[[str], T]
    questions: tuple[Question, ...] = ()
    variant: str = ""
    distil: Callable[[str], str] | None = None
    sieve: Callable[[], Sieve] | None = None
    timeout: float = 20.0
    limit: int = field(default=250_000)
    reactions: tuple[Reaction, ...] = ()
    fallback: str = ""
    fallback_when: str = ""
    settle: float = 0.0
    overflow: Literal["fail", "keep-newest"] = "fail"
    typed: bool = True

    def __post_init__(self) -> None:
        if not (self.line.strip() and is_typeable(self.line) and is_typeable(self.fallback)):
            raise ValueError(f"a command is one line without control characters, not {self.line!r}")

    @property
    def key(self) -> str:
        """How the command is called in evidence and captures; equal keys ask the same thing."""
        return f"{self.line} {self.variant}".strip()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a command that changes something (`""` is Enter).

    `at` is a regular expression for the question that it answers, searched as that of a `Question`; empty = the
    main prompt. An `optional` one is left out where its question is not asked. `timeout` in seconds.
    """

    line: str
    at: str = ""
    optional: bool = False
    timeout: float = 60.0

    def __post_init__(self) -> None:
        if not is_typeable(self.line):
            raise ValueError(f"a line is typed without control characters, not {self.line!r}")


@dataclass(frozen=True, slots=True)
class Changing(Generic[T]):
    """A command that changes something: another type than `Reading`, so that nothing that reads can be handed one.

    Its `entries` are sent one by one, each only where its question stands. `confirm` reads what was printed after
    the last one, and raises `Garbled` unless it says that the change was made. `pends`: the change waits for
    `commit`. `closes`: the appliance ends the session.
    """

    entries: tuple[Entry, ...]
    confirm: Callable[[str], T]
    pends: bool = False
    closes: bool = False

    def __post_init__(self) -> None:
        if not self.entries or self.entries[0].at or not self.entries[0].line.strip():
            raise ValueError("a command begins with its name, at the main prompt")


@dataclass(frozen=True, slots=True)
class Printed:
    """What one line brought: the text, and what stands now. A `question` that stands is the end of `text`."""

    text: str
    stands: Literal["prompt", "question"]
