"""One command on its way: what was printed for it, and what its dialogue wants to send next."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.asyncos.cluster import MODE_PROMPT, mode_questions
from bot.asyncos.reading import quote
from bot.asyncos.terminal import Transcript
from bot.model.command import CUT, Key, Question, Reaction, Reading
from bot.model.errors import Garbled

PROMPT = r"(?:\([^()\n]{1,200}\)|[\w.-]{1,200})[>#]"
QUESTION = re.compile(r"\[[^\[\]\n]*\]>\s?$|^telnet>\s?$")
LOOSE_QUESTION = re.compile(r"^(?!\s*<).*[>?:)\]]\s*$")
UNSURE = 2.0
"""Seconds of silence after which a last line in the form of a question, and none that is known, is believed one."""
DOUBTFUL = 10.0
"""The same for a last line that merely ends like a question."""
ECHO_WITHIN = 65_536
ASKED_WITHIN = 65_536
"""Characters at the end of what was printed in which a question or an occasion to react is looked for."""
MOST_READ = 64_000_000
"""Bytes that are read of one answer, whatever is kept of them: the largest configurations have some ten million."""
IDLE_NOTE = re.compile(
    r"^NOTE: This session will expire if left idle for \d+ minutes\.(?:\s+Any\s+uncommitted\s+configuration"
    r"\s+changes\s+will\s+be\s+lost\.)?(?:\s+Commit\s+the\s+configuration\s+changes\s+as\s+soon\s+as\s+they"
    r"\s+are\s+made\.)?[ \t]*\n?",
    re.MULTILINE,
)
"""It may come at any time, and is part of no answer."""
NEW_MODE = 0.05
"""The same for the prompt of another mode, after the cluster has offered to change to it."""


@dataclass(frozen=True, slots=True)
class Send:
    """Type a line, or press a key."""

    text: str | Key
    question: Question | None = None
    then: tuple[Reaction, ...] | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """The main prompt is back."""


@dataclass(frozen=True, slots=True)
class Abort:
    """Press Ctrl-C: `why` goes to whoever asked."""

    why: Garbled


@dataclass(frozen=True, slots=True)
class Pause:
    """A question stands; what to do about it is for somebody else to decide."""


Step = Send | Finish | Abort | Pause


class Dialogue:
    """A command that was typed. `feed` it; `steps` are what it wants, each after so many seconds of silence.

    `name` is what sentences call it, `machines` are the names that the appliance may have in a cluster.
    """

    def __init__(self, command: Reading[Any], prompt: str, name: str, machines: Iterable[str] = ()) -> None:
        self.prompt = prompt
        self.asked: list[Question] = []
        self._command = command
        self._modes = mode_questions(machines)
        self._switched = False
        self._sieve = command.sieve() if command.sieve else None
        self._stopped = False
        self._name = name
        self._pieces: list[str] = []
        self._read = 0
        self._line_cut = False
        self._reactions = command.reactions
        self._fallback = command.fallback
        self._begin(command.line)

    def _begin(self, line: str) -> None:
        self._typed, self._echoed = line, False
        self._clear()

    def _clear(self) -> None:
        kept = sum(map(len, self._pieces))
        self._transcript = Transcript(
            max(self._command.limit - kept, 0), self._command.overflow == "keep-newest", self._sieve
        )

    def feed(self, data: bytes) -> None:
        self._transcript.feed(data)

    @property
    def last_line(self) -> str:
        return self._transcript.last_line

    def forget_last_line(self) -> None:
        self._transcript.forget_last_line()

    def steps(self) -> Iterator[tuple[float, Step]]:
        """Each step with the silence it waits for, in seconds; the most fitting first."""
        echoed = self._hears_echo()
        if self._read + self._transcript.read > MOST_READ:
            yield 0.0, Abort(Garbled(f"{self._name} printed more than {MOST_READ:,} bytes"))
        elif self._transcript.cut and self._command.overflow == "fail":
            yield 0.0, Abort(Garbled(f"{self._name} printed more than {self._command.limit:,} characters"))
        elif self._stands_at_prompt():
            yield self._settle() if echoed else UNSURE, Finish()
        elif self.has_enough:
            yield 0.0, Send(Key.INTERRUPT)
        else:
            yield from self._react(0.0 if echoed else UNSURE)

    @property
    def has_enough(self) -> bool:
        """Whether the rest of the answer is of no use. In a cluster that of other machines may follow."""
        alone = not MODE_PROMPT.fullmatch(self.prompt)
        return bool(self._sieve and self._sieve.satisfied and alone and not self._stopped)

    def _stands_at_prompt(self) -> bool:
        line = self.last_line.strip()
        return line == self.prompt or bool(self._switched and MODE_PROMPT.fullmatch(line))

    def _settle(self) -> float:
        same = self.last_line.strip() == self.prompt
        return self._command.settle if same else max(self._command.settle, NEW_MODE)

    def _react(self, patience: float) -> Iterator[tuple[float, Step]]:
        asks = bool(self.last_line.strip() and LOOSE_QUESTION.search(self.last_line))
        if not (asks or self._reactions):
            return
        text = self._segment()[-ASKED_WITHIN:]
        reactions = [reaction for reaction in self._reactions if finds(reaction.words, text)]
        if asks and (answer := self._answer(text)):
            yield patience if QUESTION.search(self.last_line) else UNSURE, answer
        elif asks and not reactions:
            yield UNSURE if QUESTION.search(self.last_line) else DOUBTFUL, Abort(self._objection(text))
        for reaction in reactions:
            yield reaction.quiet, Send(reaction.send, then=reaction.then)

    def _answer(self, text: str) -> Step | None:
        for question in (*self._modes, *self._command.questions):
            if finds(question.words, text) and (question.repeats or question not in self.asked):
                try:
                    answer = question.answer if isinstance(question.answer, str) else question.answer(text)
                except Garbled as why:
                    return Abort(Garbled(f"{self._name}: {why}"))
                return Send(answer, question)
        return None

    def _objection(self, text: str) -> Garbled:
        lines = [line for line in text.splitlines() if line.strip()]
        asked = quote(" ".join(lines[-3:]))
        if any(finds(question.words, text) for question in self.asked):
            return Garbled(f"{self._name} did not take the answer and asked again: {asked}")
        return Garbled(f"{self._name} asked {asked}, which this bot does not know how to answer")

    def take(self, step: Send) -> None:
        """The step was sent: what follows is printed after it. What a cluster asks is no part of the answer."""
        if step.question:
            self.asked.append(step.question)
        if step.then is not None:
            self._reactions = step.then
        if step.question in self._modes:
            self._switched = True
        else:
            self._pieces.append(self._segment().rstrip(" \n") + "\n")
        self._read += self._transcript.read
        self._line_cut = self.line_cut
        self._stopped = self._stopped or self.has_enough
        self._typed, self._echoed = ("" if isinstance(step.text, Key) else step.text), True
        self._clear()

    def fall_back(self) -> str | None:
        """The line to type instead, when the command came back without asking anything; once."""
        instead, self._fallback = self._fallback, ""
        asked = any(question not in self._modes for question in self.asked)
        if asked or not instead or not finds(self._command.fallback_when, self.answer()):
            return None
        self._pieces.clear()
        self._begin(instead)
        return instead

    @property
    def unasked(self) -> bool:
        """Whether a question was left out that the answer depends on."""
        return any(question.required and question not in self.asked for question in self._command.questions)

    @property
    def line_cut(self) -> bool:
        """Whether a line of the answer was too long to be read to its end."""
        return self._line_cut or self._transcript.line_cut

    @property
    def useless(self) -> bool:
        """Whether a line was too long where only a whole answer says something."""
        return self._command.overflow == "fail" and self.line_cut

    def answer(self) -> str:
        """All that was printed, without echo, pager and prompt."""
        segment = self._segment()
        last = segment.removesuffix(self.last_line) if self._stands_at_prompt() else segment
        rest = self._sieve.end() if self._sieve else ""
        text = IDLE_NOTE.sub("", "".join([*self._pieces, last, rest])).strip("\n")
        return f"{CUT}\n{text}" if self._transcript.cut or self.line_cut else text

    def _segment(self) -> str:
        """What was printed since the last line or key sent."""
        text = self._transcript.text
        echo = re.match(rf"[ \t]*{_spread(self._typed)}[ \t]*\n", text)
        return text[echo.end() :] if echo else text

    def _hears_echo(self) -> bool:
        """Whether the command's own line was seen; what stands before it on its line is the prompt, exactly."""
        if self._echoed or self._transcript.size > ECHO_WITHIN:
            return True
        line = rf"(?:\A\s*|^(?P<prompt>{PROMPT})[ \t]*){_spread(self._typed)}[ \t]*\n"
        if not (echo := re.search(line, self._transcript.complete, re.MULTILINE)):
            return False
        self.prompt = echo["prompt"] or self.prompt
        self._transcript.drop_head(echo.end())
        self._typed, self._echoed = "", True
        return True


def _spread(line: str) -> str:
    """A pattern for the line that also fits where a narrow terminal has broken it."""
    return r"\s*".join(re.escape(character) for character in line if character != " ")


def finds(words: str, text: str) -> bool:
    """Whether the words of a question, a regular expression, stand in what was printed."""
    return re.search(words, text, re.IGNORECASE | re.MULTILINE) is not None
