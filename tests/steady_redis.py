"""A Redis that keeps its data and its address when it is started again."""

import os
import signal
from pathlib import Path

from bot.lab.redis import EmbeddedRedis


class Steady:
    """Start it, stop it, start it again: clients find it at the same `url`."""

    def __init__(self, place: Path, binary: str | None = None) -> None:
        self._data = place / "data"
        self._link = place / "redis.sock"
        self._server = EmbeddedRedis(self._data, binary)
        self.url = f"unix://{self._link}"

    def start(self) -> None:
        self._server.start()
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(self._server.url.removeprefix("unix://"))

    def stop(self) -> None:
        self._server.stop()

    def kill(self) -> None:
        """As `stop`, without a chance to write anything down."""
        os.kill(self._server.pid, signal.SIGKILL)
        self._server.stop()
