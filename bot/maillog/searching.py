"""The child that filters: the lines of a file by number and place, or those of pieces that are given to it."""

import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Self

from bot.maillog.pieces import PIECE, Read, split_pieces
from bot.maillog.searchers import Searcher

_ENVIRONMENT = {"LC_ALL": "C"}
"""Bytes, not letters, and nobody's settings."""

_MEMORY = 48 << 20
"""It holds whole lines; on one that is longer it gives up, and the caller reads on without it."""


def _bound_memory(process: int) -> None:
    """Where the system can: else a file of one endless line costs as much memory as it has bytes."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError):
            resource.prlimit(process, resource.RLIMIT_DATA, (_MEMORY, _MEMORY))


@contextmanager
def matching_lines(searcher: Searcher, literals: Sequence[str], path: str) -> Iterator[Read]:
    """How to read the lines of a file with one of the literals, each as `NUMBER:PLACE:LINE`.

    Raises OSError when the program cannot be started or ends with an error: then not all was read.
    """
    with subprocess.Popen(  # noqa: S603
        searcher.command(searcher.numbered, literals, path),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_ENVIRONMENT,
        bufsize=0,
        pipesize=PIECE,
    ) as child:
        try:
            _bound_memory(child.pid)
            assert child.stdout is not None
            yield child.stdout.read
        except BaseException:
            child.kill()
            raise
    if child.returncode not in (0, 1):
        raise OSError(f"{searcher.program} ended with status {child.returncode}")


class Filter:
    """A child that picks the lines of pieces of text that are given to it one after the other."""

    def __init__(self, searcher: Searcher, literals: Sequence[str]) -> None:
        self._program = searcher.program
        self._child = subprocess.Popen(  # noqa: S603
            searcher.command(searcher.plain, literals, "-"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_ENVIRONMENT,
            bufsize=0,
            pipesize=PIECE,
        )
        self._found: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._collect, daemon=True)
        self._reader.start()

    def give(self, piece: bytes) -> Iterator[bytes]:
        """Hand over whole lines; what has been found meanwhile, in parts of whole lines."""
        assert self._child.stdin is not None
        rest = memoryview(piece)
        while rest:
            rest = rest[self._child.stdin.write(rest) or 0 :]
        while not self._found.empty():
            yield self._found.get()

    def finish(self) -> Iterator[bytes]:
        """All that was found and not told yet; raises OSError when not all was searched."""
        assert self._child.stdin is not None
        self._child.stdin.close()
        self._reader.join()
        while not self._found.empty():
            yield self._found.get()
        if self._child.wait() not in (0, 1):
            raise OSError(f"{self._program} ended with status {self._child.returncode}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._child.kill()
        self._reader.join()
        self._child.wait()
        if self._child.stdin:
            self._child.stdin.close()

    def _collect(self) -> None:
        assert self._child.stdout is not None
        with self._child.stdout as output:
            for _, lines in split_pieces(output.read):
                self._found.put(lines)
