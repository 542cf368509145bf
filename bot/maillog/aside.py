"""Reading in a process of its own, begun before it is known what is wanted: two processes load, neither waits."""

import os
import pickle
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from bot.model.errors import Unusable

if TYPE_CHECKING:
    from bot.maillog.outcome import LogsRead
    from bot.maillog.wanted import Progress, Wanted


@dataclass(frozen=True, slots=True)
class Reader:
    """A process that reads log files once; it ends unasked when this one does."""

    process: int
    asking: IO[bytes]
    answering: IO[bytes]

    @contextmanager
    def read(self, wanted: "Wanted", progress: "Progress") -> Iterator[Callable[[], "LogsRead"]]:
        """Begins to read; calling what it gives waits for the result, and raises as `read_logs` does."""
        try:
            with suppress(BrokenPipeError), self.asking:
                pickle.dump((wanted, progress), self.asking, pickle.HIGHEST_PROTOCOL)
            with self.answering:
                yield lambda: _understand(self.answering.read())
        finally:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)


class PatientReader:
    """The same where a process cannot be forked: the files are read when the result is asked for."""

    @contextmanager
    def read(self, wanted: "Wanted", progress: "Progress") -> Iterator[Callable[[], "LogsRead"]]:
        """As `Reader.read`."""
        from bot.maillog.reading import read_logs

        yield lambda: read_logs(wanted, progress)


def begin_reader() -> Reader | PatientReader:
    """A reader that loads what it needs while the caller finds out what is wanted."""
    if not hasattr(os, "fork"):
        return PatientReader()
    asked, asking = os.pipe()
    answering, answered = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(asking)
        os.close(answering)
        _work(asked, answered)
    os.close(asked)
    os.close(answered)
    return Reader(process, open(asking, "wb"), open(answering, "rb"))


def _understand(answer: bytes) -> "LogsRead":
    from bot.maillog.outcome import LogsRead

    if not answer:
        raise Unusable("The process that read the files was ended before it was done.")
    result = pickle.loads(answer)  # noqa: S301
    if isinstance(result, Exception):
        raise result
    assert isinstance(result, LogsRead)
    return result


def _work(asked: int, answered: int) -> None:
    """All that the child does; it never returns to the caller's code."""
    try:
        from bot.maillog.reading import read_logs

        with open(asked, "rb") as questions, open(answered, "wb") as answers:
            wanted, progress = pickle.load(questions)  # noqa: S301
            try:
                result: LogsRead | Exception = read_logs(wanted, progress)
            except Exception as error:
                result = error
            pickle.dump(result, answers, pickle.HIGHEST_PROTOCOL)
    finally:
        os._exit(0)
