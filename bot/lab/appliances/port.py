"""A loopback port that refuses or drops connections while it is closed, and keeps its number meanwhile."""

import asyncio
import contextlib
import socket
from collections.abc import Callable

from bot.lab.appliances.network import LOOPBACK

BACKLOG = 100
FILLERS = 4


class Port:
    """Bound at once, closed until `open`; `accepted` gets each connection and the port it comes from."""

    def __init__(self, accepted: Callable[[socket.socket, int], None]) -> None:
        self._accepted = accepted
        self._socket = _bind(0)
        self._listening = False
        self._fillers: list[socket.socket] = []
        self.number: int = self._socket.getsockname()[1]

    def open(self) -> None:
        """Accept connections; call it in the event loop."""
        if not self._listening:
            self.close()
            self._listening = True
            self._socket.listen(BACKLOG)
            asyncio.get_running_loop().add_reader(self._socket, self._accept)

    def close(self) -> None:
        """Refuse connections until it is opened again."""
        if self._listening or self._fillers:
            self.release()
            self._socket = _bind(self.number)

    def drop(self) -> None:
        """Leave connections unanswered, as a firewall does: the kernel drops what comes to a full backlog."""
        if not self._fillers:
            self.close()
            self._socket.listen(0)
            self._fillers = [_fill(self.number) for _ in range(FILLERS)]

    def release(self) -> None:
        """Give the number back, for good."""
        if self._listening:
            self._listening = False
            asyncio.get_running_loop().remove_reader(self._socket)
        for filler in self._fillers:
            filler.close()
        self._fillers.clear()
        self._socket.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the client may have gone already
            connection, (_, port) = self._socket.accept()
            self._accepted(connection, port)


def _bind(number: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setblocking(False)
    bound.bind((LOOPBACK, number))
    return bound


def _fill(number: int) -> socket.socket:
    filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    filler.setblocking(False)
    filler.connect_ex((LOOPBACK, number))
    return filler
