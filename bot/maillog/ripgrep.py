"""The ripgrep child that does the filtering where there is one."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.maillog.pieces import PIECE, Read

_OPTIONS = (
    "--no-config",
    "--no-mmap",
    "--text",
    "--encoding=none",
    "--color=never",
    "--no-heading",
    "--no-filename",
    "--line-number",
    "--byte-offset",
    "--max-columns-preview",
)


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
    arguments = [program, *_OPTIONS, f"--max-columns={longest}", "-e", pattern, "--", path]
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
