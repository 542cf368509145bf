"""The ripgrep child that does the filtering where there is one."""

import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from bot.maillog.pieces import PIECE, Read, split_pieces

_PLAIN = (
    "--no-config",
    "--no-mmap",
    "--text",
    "--encoding=none",
    "--color=never",
    "--no-heading",
    "--no-filename",
    "--no-line-number",
)
_NUMBERED = (*_PLAIN, "--line-number", "--byte-offset", "--max-columns-preview")


def find_ripgrep() -> str | None:
    """The program of the `ripgrep` wheel beside this interpreter, else the one on PATH."""
    return shutil.which("rg", path=str(Path(sys.executable).parent)) or shutil.which("rg")


_MEMORY = 48 << 20
"""It holds whole lines; on one that is longer it gives up, and the caller reads on without it."""


def _bound_memory(process: int) -> None:
    """Where the system can: else a file of one endless line costs as much memory as it has bytes."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError):
            resource.prlimit(process, resource.RLIMIT_DATA, (_MEMORY, _MEMORY))


@contextmanager
def matching_lines(program: str, pattern: str, path: str, longest: int) -> Iterator[Read]:
    """How to read the matching lines of a file, each as `NUMBER:PLACE:LINE`, longer ones cut.

    Raises OSError when ripgrep cannot be started or ends with an error: then not all was read.
    """
    arguments = [program, *_NUMBERED, f"--max-columns={longest}", "-e", pattern, "--", path]
    with subprocess.Popen(  # noqa: S603
        arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, pipesize=PIECE
    ) as child:
        try:
            _bound_memory(child.pid)
            assert child.stdout is not None
            yield child.stdout.read
        except BaseException:
            child.kill()
            raise
    if child.returncode not in (0, 1):
        raise OSError(f"ripgrep ended with status {child.returncode}")


class Filter:
    """A ripgrep that picks the lines of pieces of text that are given to it one after the other."""

    def __init__(self, program: str, pattern: str) -> None:
        arguments = [program, *_PLAIN, "-e", pattern, "-"]
        self._child = subprocess.Popen(  # noqa: S603
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, pipesize=PIECE
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
            raise OSError(f"ripgrep ended with status {self._child.returncode}")

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
