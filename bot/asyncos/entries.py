"""A command whose lines somebody else decides on: each question is waited for, and none is answered by itself."""

from collections.abc import Iterator

from bot.asyncos.dialogue import (
    DOUBTFUL,
    LOOSE_QUESTION,
    QUESTION,
    UNSURE,
    Dialogue,
    Pause,
    Send,
    Step,
    finds,
)
from bot.model.command import Reading


class Entries(Dialogue):
    """A command on its way line by line. `expected` are the words of the question that should come next.

    That one is believed at once, any other after the silence that tells a question from output.
    """

    def __init__(self, line: str, prompt: str, name: str) -> None:
        super().__init__(Reading(line, str), prompt, name)
        self.expected = ""

    def enter(self, line: str) -> None:
        """The answer to the question that stands was sent."""
        self.take(Send(line))

    @property
    def printed(self) -> str:
        """What the last line brought, without the main prompt; a question that stands is its end."""
        text = self._segment()
        at_prompt = self.last_line.strip() == self.prompt
        return (text.removesuffix(self.last_line) if at_prompt else text).strip("\n")

    def _react(self, patience: float) -> Iterator[tuple[float, Step]]:
        if self.last_line.strip() and LOOSE_QUESTION.search(self.last_line):
            known = self.expected and finds(self.expected, self._segment())
            asks = QUESTION.search(self.last_line)
            yield (patience if known and asks else UNSURE if asks else DOUBTFUL), Pause()
