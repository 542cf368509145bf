"""`pvo logs` on a terminal, and its document against the schema that `pvo schema logs` prints."""

import json
import os
import pty
import re
import select
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.commands.progress import Progress
from tests.bench.make_log import make_log
from tests.commands.conftest import Pvo


@pytest.fixture(scope="module")
def log_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("logs") / "mail.log"
    make_log(path, 2_000_000)
    return path


def test_the_document_of_a_realistic_log_is_as_the_schema_says(pvo: Pvo, log_file: Path) -> None:
    schema = json.loads(pvo("schema", "logs").stdout)
    document = json.loads(pvo("logs", "--format", "json", log_file).stdout)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert document["findings"]
    assert document["reasons"]
    assert document["peers"]
    assert [error.message for error in validator.iter_errors(document)] == []
    for key in ("sent", "span", "schema"):
        without = {name: value for name, value in document.items() if name != key}
        assert not validator.is_valid(without), f"the schema does not ask for {key}"


class Terminal:
    """`pvo logs -` with a real pseudo-terminal as its stderr."""

    def __init__(self, *options: str) -> None:
        self.screen, terminal = pty.openpty()
        command = [sys.executable, "-m", "bot", "logs", *options, "--format", "json", "-"]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=terminal)
        os.close(terminal)
        self.told = b""

    def write(self, text: bytes) -> None:
        assert self.child.stdin is not None
        self.child.stdin.write(text)
        self.child.stdin.flush()

    def watch(self, seconds: float) -> bytes:
        """All that was told so far; waits until there is more, for at most as long."""
        if select.select([self.screen], [], [], seconds)[0]:
            with suppress(OSError):  # what Linux says when nobody has the terminal open any more
                self.told += os.read(self.screen, 65536)
        return self.told

    def end(self) -> tuple[bytes, dict[str, Any]]:
        """The log is over: all that was told, and the document."""
        output, _ = self.child.communicate()
        self.watch(0)
        os.close(self.screen)
        return self.told, json.loads(output)


def test_a_terminal_is_told_how_far_it_is_and_is_left_clean(log_file: Path) -> None:
    text, parts = log_file.read_bytes(), 0
    terminal = Terminal()
    while b"MB/s" not in terminal.watch(0.1):
        parts += 1
        assert parts < 300, "nothing was told"
        terminal.write(text)
    told, document = terminal.end()
    assert re.match(rb"\r\x1b\[K[\d,]+ MB, [\d,]+ MB/s", told)
    assert told.endswith(b"\r\x1b[K")
    assert document["lines"] == parts * text.count(b"\n")


def test_quiet_tells_a_terminal_nothing(log_file: Path) -> None:
    terminal = Terminal("--quiet")
    for _ in range(4):
        terminal.write(log_file.read_bytes())
        terminal.watch(0.1)
    told, document = terminal.end()
    assert (told, document["schema"]) == (b"", "pvo-logs/1")


def test_of_a_file_the_share_and_the_time_left_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    moments = iter((100.0, 100.1, 102.0))
    progress = Progress(visible=True, clock=lambda: next(moments))
    progress(10_000_000, 400_000_000)
    progress(100_000_000, 400_000_000)
    assert capsys.readouterr().err == "\r\x1b[K25 %, 100 MB, 50 MB/s, 6 s"
