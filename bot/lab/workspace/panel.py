"""The appliances pane: what it needs from whoever simulates them, pushed to the page when it changes."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from bot.lab.workspace.errors import Json
from bot.lab.workspace.feed import Feed

SECONDS = 1.0


class Panel(Protocol):
    """Simulated appliances and the faults one can put into them.

    A snapshot is `{"appliances": [{"name", "product", "address", "status", "lines": [str]}],
    "faults": [{"name", "title", "text", "active": bool}]}`; it must not block.
    """

    def snapshot(self) -> Mapping[str, Any]: ...

    async def inject(self, name: str) -> None: ...

    async def mend(self, name: str) -> None: ...


class PanelFeed:
    """Looks at the panel once a second and tells the pages what is new."""

    def __init__(self, panel: Panel | None, feed: Feed) -> None:
        self._panel = panel
        self._feed = feed
        self._shown: Json | None = None

    def current(self) -> Json | None:
        """What the pane shows now; None hides it."""
        return dict(self._panel.snapshot()) if self._panel else None

    async def watch(self) -> None:
        """Runs until cancelled."""
        while True:
            self.refresh()
            await asyncio.sleep(SECONDS)

    def refresh(self) -> None:
        """Publishes the panel when it changed."""
        current = self.current()
        if current != self._shown:
            self._shown = current
            self._feed.publish({"type": "panel", "panel": current})

    async def switch(self, name: str, active: bool) -> None:
        """Breaks or mends; KeyError for a fault the panel does not list."""
        known = {fault["name"] for fault in (self.current() or {}).get("faults", [])}
        if self._panel is None or name not in known:
            raise KeyError(name)
        await (self._panel.inject(name) if active else self._panel.mend(name))
        self.refresh()
