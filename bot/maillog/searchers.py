"""The program that does the filtering: ripgrep where there is one, else grep; light, for nothing waits for it."""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.maillog.pieces import LONGEST

_RIPGREP = (
    "--no-config",
    "--no-mmap",
    "--text",
    "--encoding=none",
    "--color=never",
    "--no-heading",
    "--no-filename",
    "--fixed-strings",
)
_GREP = ("--text", "--color=never", "--no-filename", "--fixed-strings")


@dataclass(frozen=True, slots=True)
class Searcher:
    """A program that finds the lines with one of several words; `numbered` makes it tell number and place."""

    program: str
    plain: Sequence[str]
    numbered: Sequence[str]

    def command(self, options: Sequence[str], literals: Sequence[str], file: str) -> list[str]:
        """The words of a call that searches `file`, `-` for standard input."""
        wanted = [word for literal in literals for word in ("-e", literal)]
        return [self.program, *options, *wanted, "--", file]


def find_ripgrep() -> Searcher | None:
    """The program of the `ripgrep` wheel beside this interpreter, else the one on PATH."""
    found = shutil.which("rg", path=str(Path(sys.executable).parent)) or shutil.which("rg")
    return ripgrep(found) if found else None


def ripgrep(program: str) -> Searcher:
    """ripgrep, which cuts long lines itself."""
    numbers = ("--line-number", "--byte-offset", f"--max-columns={LONGEST}", "--max-columns-preview")
    return Searcher(program, (*_RIPGREP, "--no-line-number"), (*_RIPGREP, *numbers))


def find_grep() -> Searcher | None:
    """The grep on PATH where that is GNU's: others are no faster than Python, or lack the options."""
    import subprocess

    found = shutil.which("grep")
    if not found or b"GNU" not in subprocess.run([found, "--version"], capture_output=True).stdout:  # noqa: S603
        return None
    return Searcher(found, _GREP, (*_GREP, "--line-number", "--byte-offset"))
