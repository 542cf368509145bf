"""Reading in a process of its own, so that what tells the result can be loaded meanwhile."""

import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.maillog.reading import LogsRead, Progress, Wanted, read_logs
from bot.model.errors import Unusable


@contextmanager
def read_aside(wanted: Wanted, progress: Progress) -> Iterator[Callable[[], LogsRead]]:
    """Begins to read; calling what it gives waits for the result, and raises as `read_logs` does.

    Where a process cannot be forked, the files are read when the result is asked for.
    """
    if not hasattr(os, "fork"):
        yield lambda: read_logs(wanted, progress)
        return
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        _work(wanted, progress, sending)
    os.close(sending)
    try:
        with open(receiving, "rb") as pipe:
            yield lambda: _receive(pipe.read())
    finally:
        os.waitpid(child, 0)


def _receive(answer: bytes) -> LogsRead:
    if not answer:
        raise Unusable("The process that read the files was ended before it was done.")
    result = pickle.loads(answer)  # noqa: S301
    if isinstance(result, Exception):
        raise result
    assert isinstance(result, LogsRead)
    return result


def _work(wanted: Wanted, progress: Progress, sending: int) -> None:
    """All that the child does; it never returns to the caller's code."""
    try:
        result: LogsRead | Exception
        try:
            result = read_logs(wanted, progress)
        except Exception as error:
            result = error
        with open(sending, "wb") as pipe:
            pickle.dump(result, pipe, pickle.HIGHEST_PROTOCOL)
    finally:
        os._exit(0)
