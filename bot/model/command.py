"""One AsyncOS command: how it is asked and how its answer is read; reading and changing are two types."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """A question that a command is known to ask.

    `words` is a regular expression, searched without regard to case in what was printed since the last line
    sent. `answer` is the line to send, or a function of that text (choose a menu entry by its label); it raises
    `Garbled` when the text offers nothing it knows. A question may come again only if `repeats`.
    """

    words: str
    answer: str | Callable[[str], str]
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A command that changes nothing.

    `line` is what is typed, and with the answers the identity of the command within a run (`key`). `parse`
    turns the printed text, without echo, pager and prompt, into `T`, or raises `Garbled`. `distil` cuts the
    text to what may be kept before anything else sees it. `timeout` in seconds, `limit` in characters.
    """

    line: str
    parse: Callable[[str], T]
    questions: tuple[Question, ...] = ()
    variant: str = ""
    distil: Callable[[str], str] | None = None
    timeout: float = 20.0
    limit: int = field(default=2_000_000)

    @property
    def key(self) -> str:
        """How the command is called in evidence and captures; equal keys ask the same thing."""
        return f"{self.line} {self.variant}".strip()
