"""One shell on a connection: moves bytes between a channel and its session, and keeps the deadlines."""

from typing import Any

import paramiko

from bot.asyncos.session import Session
from bot.model.command import Entry, Printed, Reading
from bot.model.errors import Disconnected
from bot.probes.patience import Patience
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
        self._heard = False

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
        whole, quiet = Patience(timeout), 0.0
        while self._session.busy:
            patience = self._session.patience
            if whole.ended:  # whoever never stops talking is no better than whoever says nothing
                self._send(self._session.expire())
                whole, quiet = Patience(GRACE), 0.0
            elif patience is not None and quiet >= patience:
                self._send(self._session.rest())
                quiet = 0.0
            else:
                quiet += self._listen(whole, patience and patience - quiet)
                quiet = 0.0 if self._heard else quiet

    def _listen(self, whole: Patience, most: float | None) -> float:
        """Waits a moment for what arrives, at most `most` seconds; what that counted for."""
        data = self._receive(whole.begin(most))
        self._heard = data is not None
        if data:
            self._send(self._session.feed(data))
        elif data is not None:
            self._session.end()
        return whole.end()

    def _receive(self, seconds: float) -> bytes | None:
        """What arrived; empty when the channel has closed, None when nothing came in time."""
        self._channel.settimeout(seconds)
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
