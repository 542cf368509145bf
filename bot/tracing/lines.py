"""The lines that are typed on one shell, as spans: each from its Enter to the next, or to the end of the answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.tracing import spans


def name_command(line: str) -> str:
    """What a line may be called: its first word. The rest may be an address, a pattern or a secret."""
    return line.split(maxsplit=1)[0] if line.strip() else ""


class Lines:
    """Told what goes to the appliance, it keeps one span a line; of an answer only its number is told."""

    def __init__(self) -> None:
        self._command, self._number = "", 0
        self._open = spans.Open()

    @contextmanager
    def of(self, line: str | None) -> Iterator[None]:
        """The lines of one command, the first of which is `line`; None = answers to the command before."""
        if line is not None:
            self._command, self._number = name_command(line), 0
        try:
            yield
        finally:
            self._open.end()
            self._open = spans.Open()

    def sent(self, data: bytes) -> None:
        """Single keys (the pager's blank, Ctrl-C) are no lines."""
        if data.endswith(b"\n"):
            self._open.end()
            self._number += 1
            self._open = spans.begin("line", "client", command=self._command, number=self._number)
