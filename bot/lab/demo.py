"""The whole product on one machine: simulated appliances, embedded Redis, a Slack workspace, app and workers."""

import asyncio
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bot.lab.appliances import Lab, LabSettings
from bot.lab.children import spawn, stop
from bot.lab.redis import EmbeddedRedis
from bot.lab.workspace import Workspace
from bot.model.errors import Unusable

WORKERS = 2
WINDOW_MINUTES = 2
LOOK_EVERY = 0.5


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How the demo starts processes: `environment` completes what a child needs, `say` tells the person."""

    environment: Callable[[Mapping[str, str]], dict[str, str]]
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Watched:
    """A schedule for the site, by cron, and the channel of its digest and changes."""

    cron: str
    channel: str


class Demo:
    """Start it, look at `url`, stop it: no process, socket or file is left behind.

    `lab` and `environment`, that of the app and the workers, are there once it has started.
    """

    def __init__(self, surroundings: Surroundings, port: int, watch: Watched | None = None) -> None:
        self._surroundings, self._port, self._watch = surroundings, port, watch
        self._running = AsyncExitStack()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self.environment: dict[str, str] = {}
        self.url = ""

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._running.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()

    async def _start(self) -> None:
        directory = Path(self._running.enter_context(tempfile.TemporaryDirectory(prefix="pvo-demo-")))
        redis = EmbeddedRedis()
        await asyncio.to_thread(redis.start)
        self._running.push_async_callback(asyncio.to_thread, redis.stop)
        self.lab = lab = Lab(directory, settings=LabSettings(log_minutes=WINDOW_MINUTES))
        await self._running.enter_async_context(lab)
        _furnish(lab.inventory, self._watch)
        workspace = Workspace(panel=Switchboard(lab))
        try:
            await workspace.start(port=self._port)
        except OSError:
            raise Unusable(
                f"Port {self._port} of 127.0.0.1 is in use; name a free one with --port (0 = any)."
            ) from None
        self._running.push_async_callback(workspace.stop)
        self.environment = self._surroundings.environment(
            {
                "SLACK_BOT_TOKEN": workspace.bot_token,
                "SLACK_APP_TOKEN": workspace.app_token,
                "SLACK_API_URL": workspace.api_url,
                "REDIS_URL": redis.url,
                "PVO_INVENTORY": str(lab.inventory),
                "PVO_APPROVAL_KEY": secrets.token_hex(32),
            }
        )
        self._running.push_async_callback(self._end_children)
        for name in ("app", *(f"worker {number + 1}" for number in range(WORKERS))):
            self._spawn(name)
        self.url = workspace.url

    async def watch(self) -> None:
        """Starts again what ends, and says so; never returns."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for name, child in self._children.items():
                if (status := child.poll()) is not None:
                    self._surroundings.say(f"{name} ended ({_ending(status)}); started again")
                    self._spawn(name)

    def _spawn(self, name: str) -> None:
        argv = [sys.executable, "-m", "bot", name.split()[0]]
        self._children[name] = spawn(argv, env=self.environment)

    async def _end_children(self) -> None:
        children = list(self._children.values())
        self._children.clear()
        await asyncio.gather(*(asyncio.to_thread(stop, child) for child in children))


class Switchboard:
    """The lab as the page's panel: a fault counts as in or out once mail has met it, so that a check sees it."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def snapshot(self) -> Mapping[str, Any]:
        return self._lab.snapshot()

    async def inject(self, name: str) -> None:
        await self._lab.inject(name)
        await self._lab.settle()

    async def mend(self, name: str) -> None:
        await self._lab.mend(name)
        await self._lab.settle()


def _furnish(inventory: Path, watch: Watched | None) -> None:
    """Adds what the lab's inventory does not know: the workspace's other operator, and the schedule."""
    text = inventory.read_text("utf-8").replace('["U0OPERATOR"]', '["U0OPERATOR", "U0LUCIA"]')
    if watch:
        site = "[sites.site-a]\n"
        text = text.replace(site, f'{site}watch = "{watch.cron}"\nchannel = "{watch.channel}"\n')
    inventory.write_text(text, "utf-8")


def _ending(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"
