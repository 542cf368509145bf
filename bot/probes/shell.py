"""One shell on a connection: moves bytes between a channel and its session, and keeps the deadlines."""

import time
from typing import Any

import paramiko

from bot.asyncos.session import Session
from bot.model.command import Entry, Printed, Reading
from bot.model.errors import Disconnected
from bot.tracing.lines import Lines

CHUNK = 65_536
GRACE = 5.0
"""Seconds for the prompt to return after Ctrl-C."""
FAREWELL = 2.0


class SessionRefused(Disconnected):
    """The connection stands, and the appliance allows no further session on it."""


class Shell:
    """A channel with a shell on it. Its methods block, except `cut`, which wakes whoever waits in them."""

    def __init__(self, channel: paramiko.Channel, name: str, host: str) -> None:
        self._channel = channel
        self._session = Session(name, host)
        self._lines = Lines()

    @property
    def sound(self) -> bool:
        """Whether another command can be asked here."""
        return self._session.sound and not self._channel.closed

    def await_prompt(self, timeout: float) -> None:
        """`SessionRefused` when the shell ends before its first prompt."""
        self._converse(timeout)
        try:
            self._session.result()
        except Disconnected as error:
            raise SessionRefused(str(error)) from None

    def ask(self, command: Reading[Any]) -> str:
        """What the appliance printed for the command; raises a `ProbeError`."""
        with self._lines.of(command.line):
            self._send(self._session.start(command))
            self._converse(command.timeout)
        return self._session.result()

    @property
    def prompt(self) -> str:
        """The main prompt as it was last seen."""
        return self._session.prompt

    def enter(self, entry: Entry, expected: str) -> Printed:
        """Types one line of a changing command; raises a `ProbeError`."""
        with self._lines.of(None if entry.at else entry.line):
            self._send(self._session.enter(entry, expected))
            self._converse(entry.timeout)
        return self._session.printed()

    def interrupt(self) -> None:
        """Ctrl-C, and the main prompt again; afterwards `sound` tells whether it came."""
        self._send(self._session.interrupt())
        self._converse(GRACE)

    def leave(self) -> None:
        """Types `exit` and waits a moment for the appliance to close."""
        if self.sound:
            self._send(self._session.leave())
            self._converse(FAREWELL)
        self.cut()

    def cut(self) -> None:
        self._channel.close()

    def _converse(self, timeout: float) -> None:
        now = time.monotonic()
        deadline, quiet_since = now + timeout, now
        while self._session.busy:
            patience = self._session.patience
            rest = deadline if patience is None else min(deadline, quiet_since + patience)
            data = self._receive(rest - time.monotonic())
            if data:
                self._send(self._session.feed(data))
            elif data is not None:
                self._session.end()
            elif rest < deadline:
                self._send(self._session.rest())
            else:
                self._send(self._session.expire())
                deadline = time.monotonic() + GRACE
            quiet_since = time.monotonic()

    def _receive(self, seconds: float) -> bytes | None:
        """What arrived; empty when the channel has closed, None when nothing came in time."""
        self._channel.settimeout(max(seconds, 0.0))
        try:
            return self._channel.recv(CHUNK)
        except TimeoutError:
            return None
        except OSError:
            return b""

    def _send(self, data: bytes) -> None:
        if not data:
            return
        self._lines.sent(data)
        self._channel.settimeout(GRACE)
        try:
            self._channel.sendall(data)
        except OSError:
            self._session.end()
