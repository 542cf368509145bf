"""One shell on an appliance, without I/O: feed it what arrives, it says what to send and when an answer is there."""

import re
from enum import Enum
from typing import Any

from bot.asyncos.cluster import MODE_PROMPT, machine_of
from bot.asyncos.dialogue import LOOSE_QUESTION, PROMPT, QUESTION, UNSURE, Abort, Dialogue, Pause, Send
from bot.asyncos.entries import Entries
from bot.asyncos.reading import quote
from bot.asyncos.terminal import LONGEST_LINE, PAGER, Transcript
from bot.model.command import Entry, Key, Printed, Reading, is_typeable
from bot.model.errors import Disconnected, Garbled, ProbeError, RoleRefused, TimedOut

BANNER_LIMIT = 1_000_000
REFUSED = re.compile(
    r"\s*(?:[\w-]+: )?"
    r"(?:unknown command|(?:permission|access) denied|you (?:are not|do not|don't)|not (?:authori|permi))",
    re.IGNORECASE,
)
CRASHED = re.compile(r"^Traceback \(most recent call last\)", re.MULTILINE)
LOSES_EDITS = re.compile(r"\bsure\b|uncommitted|not committed|\blos[et]\b", re.IGNORECASE)


class Phase(Enum):
    """Where a session stands; only a ready one takes a command, and a paused one shows a question of an `Entry`."""

    LOGIN = "login"
    READY = "ready"
    ASKING = "asking"
    PAUSED = "paused"
    ABORTING = "aborting"
    LEAVING = "leaving"
    ENDED = "ended"


class Session:
    """The dialogue on one channel.

    `feed`, `start`, `rest`, `expire` and `leave` return the bytes to send (often none). While `busy`, call `rest`
    when nothing arrived for `patience` seconds (None: no need), `expire` at the deadline, `end` when the channel
    closes; then `result` gives the answer or raises a `ProbeError`. Nothing but the lines and keys of the command
    in hand, the answers to a cluster's own questions, a blank for the pager, Ctrl-C and `exit` with its `Y` can be
    sent. `host` is where the appliance was dialled: in a cluster it may be called so.
    """

    def __init__(self, appliance: str, host: str = "") -> None:
        self.appliance = appliance
        self._machines = tuple(filter(None, (appliance, host)))
        self.prompt = ""
        self.phase = Phase.LOGIN
        self._dialogue: Dialogue | None = None
        self._transcript = Transcript(BANNER_LIMIT)
        self._failure: ProbeError | None = None
        self._name = appliance

    @property
    def busy(self) -> bool:
        return self.phase not in (Phase.READY, Phase.PAUSED, Phase.ENDED)

    @property
    def sound(self) -> bool:
        """Whether the next command may be asked here: after Ctrl-C a prompt might still come late."""
        return self.phase is Phase.READY and not self._failure

    def start(self, command: Reading[Any]) -> bytes:
        """Types the command's line; only at the main prompt of a sound session."""
        assert self.sound, "one command at a time, and none after an error"
        assert command.typed, "what the worker's own SSH client answers is never typed"
        self._name = f"{self.appliance}: {command.line!r}"
        self._dialogue = Dialogue(command, self.prompt, self._name, self._machines)
        if self._transcript.last_line.strip() != self.prompt:
            self._dialogue.feed(self._transcript.tail)
        self.phase = Phase.ASKING
        return _type(command.line)

    def enter(self, entry: Entry, expected: str) -> bytes:
        """Types one line of a changing command: a first one at the main prompt, others at the question that stands.

        `expected` are the words of the question that should come next; then `printed` tells what came.
        """
        if self.phase is Phase.PAUSED and isinstance(self._dialogue, Entries):
            self._dialogue.enter(entry.line)
        else:
            assert self.sound, "a command begins at the main prompt of a sound session"
            self._name = f"{self.appliance}: {entry.line!r}"
            self._dialogue = Entries(entry.line, self.prompt, self._name)
        self._dialogue.expected, self.phase = expected, Phase.ASKING
        return _type(entry.line)

    def interrupt(self) -> bytes:
        """Leaves the question that stands with Ctrl-C."""
        self._dialogue, self.phase = None, Phase.ABORTING
        self._transcript = Transcript(BANNER_LIMIT, keep_newest=True)
        return Key.INTERRUPT.value.encode()

    def printed(self) -> Printed:
        """What the line that was entered brought; raises the `ProbeError` that stands in its place."""
        assert isinstance(self._dialogue, Entries), "no line was entered"
        assert not self.busy, "the answer is not complete"
        if self._failure:
            raise self._failure
        return Printed(self._dialogue.printed, "question" if self.phase is Phase.PAUSED else "prompt")

    def leave(self) -> bytes:
        """Ends the shell; only edits of this session would be lost, and a reading session makes none."""
        self._transcript, self.phase = Transcript(BANNER_LIMIT), Phase.LEAVING
        return _type("exit")

    def feed(self, data: bytes) -> bytes:
        """Takes what arrived, cut anywhere."""
        ear = self._ear
        ear.feed(data)
        if PAGER.fullmatch(ear.last_line.strip()):
            ear.forget_last_line()
            enough = isinstance(ear, Dialogue) and ear.has_enough
            return self._act(0.0) if enough else b" "
        return self._act(0.0)

    @property
    def _ear(self) -> Dialogue | Transcript:
        """Who takes what arrives: the command in hand, if there is one."""
        return self._dialogue if self.phase is Phase.ASKING and self._dialogue else self._transcript

    @property
    def patience(self) -> float | None:
        """Seconds of silence after which `rest` is to be called."""
        match self.phase:
            case Phase.ASKING if self._dialogue:
                return min((quiet for quiet, _ in self._dialogue.steps()), default=None)
            case Phase.LOGIN if LOOSE_QUESTION.search(self._transcript.last_line):
                return UNSURE
        return None

    def rest(self) -> bytes:
        """Nothing arrived for `patience` seconds."""
        if self.phase is Phase.LOGIN and self.patience is not None:
            asked = quote(self._transcript.last_line)
            self.end(Garbled(f"{self.appliance} asked something after login instead of its prompt: {asked}"))
            return b""
        return self._act(self.patience or 0.0)

    def expire(self) -> bytes:
        """The deadline has passed. After a command: give the prompt a few seconds to return, then call again."""
        if self.phase is Phase.ASKING and self._dialogue:
            last = quote(self._dialogue.answer()[-160:])
            return self._abort(TimedOut(f"{self._name} was not answered in time; last it printed {last}"))
        self.end(TimedOut(f"{self.appliance} showed no prompt in time"))
        return b""

    def end(self, why: ProbeError | None = None) -> None:
        """The channel has closed, or is given up."""
        if self.busy and self.phase is not Phase.LEAVING and not self._failure:
            when = "in the middle of the answer"
            if self.phase is Phase.LOGIN:
                when = f"before its first prompt; last it printed {quote(self._transcript.text[-100:])}"
            self._failure = why or Disconnected(f"{self._name} closed the session {when}")
        self.phase = Phase.ENDED

    def result(self) -> str:
        """What was printed, without echo, pager and prompt; raises the `ProbeError` that stands in its place."""
        assert not self.busy, "the answer is not complete"
        if self._failure:
            raise self._failure
        return self._check(self._dialogue) if self._dialogue else ""

    def _check(self, dialogue: Dialogue) -> str:
        """The answer, unless it is none: a refusal, a crash, a dialogue that did not ask what it had to."""
        text = dialogue.answer()
        first = next((line for line in text.splitlines() if line.strip()), "")
        if not dialogue.asked and REFUSED.match(first):
            raise RoleRefused(f"{self._name} is refused to this account, or unknown there: {quote(first)}")
        if CRASHED.search(text):
            raise Garbled(f"{self._name} crashed on the appliance: {quote(text[-160:])}")
        if dialogue.useless:
            raise Garbled(
                f"{self._name} printed a line of more than {LONGEST_LINE:,} characters, so its answer "
                f"counts for nothing: {quote(text)}"
            )
        if dialogue.unasked:
            raise Garbled(
                f"{self._name} left out a question that its answer depends on: {quote(text[-160:])}"
            )
        return text

    def _act(self, silence: float) -> bytes:
        match self.phase:
            case Phase.LOGIN | Phase.READY | Phase.ABORTING | Phase.LEAVING:
                return self._act_outside(self._transcript.last_line)
            case Phase.ASKING if self._dialogue:
                return self._step(self._dialogue, silence)
        return b""

    def _act_outside(self, line: str) -> bytes:
        """No command is in hand. A ready one still listens: what looked like its prompt may be part of a banner."""
        if self.phase is Phase.LEAVING:
            asked = QUESTION.search(line) and LOSES_EDITS.search(self._transcript.text)
            self._transcript = Transcript(BANNER_LIMIT) if asked else self._transcript
            return _type("Y") if asked else b""
        if self._transcript.cut and self.phase is Phase.LOGIN:
            self.end(Garbled(f"{self.appliance} printed {BANNER_LIMIT:,} characters without a prompt"))
        elif self._is_main_prompt(line.strip()):
            self._learn(line.strip())
        return b""

    def _is_main_prompt(self, line: str) -> bool:
        """While aborting, only the known prompt, or that of another mode of the same cluster."""
        if self.phase is not Phase.ABORTING:
            return bool(re.fullmatch(PROMPT, line))
        other_mode = MODE_PROMPT.fullmatch(self.prompt) and MODE_PROMPT.fullmatch(line)
        return line == self.prompt or bool(other_mode)

    def _learn(self, prompt: str) -> None:
        """A prompt in machine mode is how the cluster calls the machine that was logged in to."""
        if not self.prompt and (machine := machine_of(prompt)):
            self._machines = (machine,)
        self.prompt, self.phase = prompt, Phase.READY

    def _step(self, dialogue: Dialogue, silence: float) -> bytes:
        step = next((step for quiet, step in dialogue.steps() if quiet <= silence), None)
        match step:
            case None:
                return b""
            case Abort(why):
                return self._abort(why)
            case Pause():
                self.phase = Phase.PAUSED
                return b""
            case Send(text):
                if isinstance(text, str) and not is_typeable(text):
                    return self._abort(
                        Garbled(f"{self._name} needs an answer that cannot be typed: {text!r}")
                    )
                dialogue.take(step)
                return text.value.encode() if isinstance(text, Key) else _type(text)
        self.prompt = dialogue.prompt = dialogue.last_line.strip()
        if instead := dialogue.fall_back():
            return _type(instead)
        self._transcript, self.phase = Transcript(BANNER_LIMIT, keep_newest=True), Phase.READY
        return b""

    def _abort(self, why: ProbeError) -> bytes:
        self._failure, self.phase = why, Phase.ABORTING
        self._transcript = Transcript(BANNER_LIMIT, keep_newest=True)
        return Key.INTERRUPT.value.encode()


def _type(line: str) -> bytes:
    return f"{line}\n".encode("ascii")
