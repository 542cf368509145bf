"""SMTP's lines over a blocking socket, for both ends of a CPQ connection."""

import contextlib
import socket
import ssl
from dataclasses import dataclass

MAX_LINE = 4096


@dataclass(frozen=True)
class Reply:
    """A server's answer; a multi-line text is joined by newlines."""

    code: int
    text: str


class Wire:
    """One connection. Reading raises EOFError when the other side is gone, OSError on trouble."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""

    def send(self, *lines: str) -> None:
        """Send lines, each ended by CR LF."""
        self._connection.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def read_line(self) -> str:
        """The next line without its end; raises ValueError when it is too long."""
        while b"\n" not in self._buffer:
            if len(self._buffer) > MAX_LINE:
                raise ValueError("the line is too long")
            chunk = self._connection.recv(4096)
            if not chunk:
                raise EOFError
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r").decode(errors="replace")

    def read_reply(self) -> Reply:
        """A server's answer, all its lines; raises ValueError when it is not SMTP."""
        texts = []
        while True:
            line = self.read_line()
            texts.append(line[4:])
            if line[3:4] != "-":
                return Reply(int(line[:3]), "\n".join(texts))

    def read_data(self) -> list[str]:
        """The lines of a message up to the lone dot."""
        lines = []
        while (line := self.read_line()) != ".":
            lines.append(line.removeprefix("."))
        return lines

    def start_tls(self, context: ssl.SSLContext, server_side: bool) -> ssl.SSLSocket:
        """Continue encrypted; what was sent in plain text meanwhile is thrown away."""
        self._buffer = b""
        secured = context.wrap_socket(self._connection, server_side=server_side)
        self._connection = secured
        return secured

    def abort(self) -> None:
        """Wake a thread that reads from this connection; it sees the end."""
        # SSLSocket.shutdown would pull the TLS state from under that thread.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._connection, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
