"""The terminal of one CLI session: echo, line input, pager, wrapping, Ctrl-C."""

import asyncio
from collections.abc import Callable

import asyncssh

from bot.lab.appliances.options import Manners

PAGER = "-Press Any Key For More-"
ERASE_PAGER = "\r" + " " * 25 + "\r"
INTERRUPT = "\x03"
ESCAPE = "\x1d"
BACKSPACES = "\x7f\b"
FALLBACK_SIZE = (80, 24)
NOTE = (
    "NOTE: This session will expire if left idle for 30 minutes. Any uncommitted\r\n"
    "configuration changes will be lost.\r\n"
)


class Terminal:
    """Reads keys and writes text of one SSH session; `record` gets every line that was entered.

    `note_due` may be set: a NOTE then comes in the middle of what is written next.
    """

    def __init__(
        self,
        process: "asyncssh.SSHServerProcess[bytes]",
        manners: Callable[[], Manners],
        record: Callable[[str], None],
    ) -> None:
        self._process = process
        self._manners = manners
        self.record = record
        self._keys: asyncio.Queue[str | None] = asyncio.Queue()
        self._has_pty = process.get_terminal_type() is not None
        self._size = process.get_terminal_size()[:2]
        self._skip_newline = False
        self._echoes = ""
        self._printed = 0
        self.note_due = False
        self.on_interrupt: Callable[[], object] = lambda: None

    async def pump(self) -> None:
        """Take in what is typed until the client ends it; Ctrl-C discards what was typed ahead."""
        while chunk := await self._read_chunk():
            for key in chunk.decode(errors="replace"):
                if key == INTERRUPT:
                    self._discard_keys()
                    self.record("^C")
                    self.on_interrupt()
                else:
                    self._keys.put_nowait(key)
        self._keys.put_nowait(None)

    async def write(self, text: str) -> None:
        """Print text; `\\n` becomes CR LF, long lines wrap hard at the terminal's width."""
        width = self._width
        rows = [self._wrap(line, width) for line in text.replace("\r", "").split("\n")]
        self._interject(rows)
        self.write_raw("\r\n".join(rows))
        await self._process.stdout.drain()

    def write_raw(self, text: str, encoding: str = "utf-8") -> None:
        """Print exactly this."""
        data = text.encode(encoding, errors="replace")
        limit = self._manners().dies_after
        if limit is not None and self._printed + len(data) > limit:
            self._die(data[: limit - self._printed])
        self._printed += len(data)
        size = self._manners().chunk or max(len(data), 1)
        for start in range(0, len(data), size):
            self._process.stdout.write(data[start : start + size])

    async def write_pages(self, text: str, encoding: str = "utf-8") -> None:
        """Print text, and wait for a key after each screenful; ends with a new line."""
        rows = [self._wrap(line, self._width) for line in text.split("\n")]
        self._interject(rows)
        rows = "".join(f"{row}\r\n" for row in rows).splitlines(True)
        height = self._height
        for start in range(0, len(rows), height):
            if start:
                self.write_raw(PAGER)
                await self._read_key()
                self.write_raw(ERASE_PAGER)
            self.write_raw("".join(rows[start : start + height]), encoding)
            await self._process.stdout.drain()

    async def read_line(self) -> str:
        """One line that was entered, with echo; the single character 0x1d comes at once.

        What was typed at once is echoed at once. Raises EOFError when the client has ended its input.
        """
        typed = ""
        while (key := await self._read_key()) not in "\r\n":
            if key == ESCAPE:
                self._send_echoes()
                return ESCAPE
            if key in BACKSPACES:
                if typed:
                    typed = typed[:-1]
                    self._echo("\b \b")
            elif key.isprintable() or key == "\t":
                typed += key
                self._echo(key)
        self._echo("\r\n")
        self._send_echoes()
        self.record(typed)
        return typed

    @property
    def _width(self) -> int:
        if not self._has_pty:
            return 1_000_000
        return self._size[0] or FALLBACK_SIZE[0]

    @property
    def _height(self) -> int:
        if self._manners().force_pager:
            return FALLBACK_SIZE[1] - 1
        if not self._has_pty:
            return 1_000_000
        return max((self._size[1] or FALLBACK_SIZE[1]) - 1, 1)

    def _die(self, last: bytes) -> None:
        self._process.stdout.write(last)
        self._process.get_extra_info("connection").abort()
        raise ConnectionResetError

    def _interject(self, rows: list[str]) -> None:
        """Put the NOTE, if one is due, between two rows."""
        middle = len(rows) // 2
        if self.note_due and rows[:middle]:
            rows.insert(middle, NOTE)
            self.note_due = False

    def _wrap(self, line: str, width: int) -> str:
        if len(line) <= width:
            return line
        return "\r\n".join(line[start : start + width] for start in range(0, len(line), width))

    def _echo(self, text: str) -> None:
        if self._has_pty:
            self._echoes += text

    def _send_echoes(self) -> None:
        echoes, self._echoes = self._echoes, ""
        if echoes:
            self.write_raw(echoes)

    async def _read_key(self) -> str:
        key = await self._next_key()
        if key == "\n" and self._skip_newline:
            key = await self._next_key()
        self._skip_newline = key == "\r"
        if key is None:
            self._keys.put_nowait(None)
            raise EOFError
        return key

    async def _next_key(self) -> str | None:
        if self._keys.empty():
            self._send_echoes()
        return await self._keys.get()

    async def _read_chunk(self) -> bytes:
        while True:
            try:
                return await self._process.stdin.read(4096)
            except asyncssh.TerminalSizeChanged as change:
                self._size = (change.width, change.height)
            except (asyncssh.SignalReceived, asyncssh.BreakReceived):
                self.on_interrupt()

    def _discard_keys(self) -> None:
        while not self._keys.empty():
            self._keys.get_nowait()
