"""Counts connections: Slack says how many our app token has, and every live app has one of them.

One more is a forgotten process or a stolen token: it takes a part of all commands and presses. Slack tells the number
only to a new connection, so one app at a time opens one, listens, and closes it.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import ClientError
from slack_sdk.errors import SlackClientError

from bot.metrics.meters import SLACK_CONNECTIONS, SLACK_STRANGERS
from bot.model.errors import StateUnavailable
from bot.model.presence import Headcount, Presence, Rhythm
from bot.slack.desk import Line

log = structlog.get_logger()

_REMEDY = "End the process that should not run; if there is none, revoke the app token and install a new one."


class Counter:
    """One app's part in it."""

    def __init__(
        self,
        presence: Presence,
        line: Line,
        connected: Callable[[], Awaitable[bool]],
        count: Callable[[], Awaitable[int]],
        rhythm: Rhythm,
    ) -> None:
        """`connected`: whether this app is; `count` asks Slack for all connections but the one that it asks by."""
        self._presence = presence
        self._line = line
        self._connected = connected
        self._count = count
        self._rhythm = rhythm

    async def begin(self) -> None:
        """Before the app connects: it counts as alive by then."""
        try:
            await self._presence.lives(self._line.instance, self._rhythm)
        except StateUnavailable as error:
            log.warning("headcount.refused", error=str(error))

    async def keep(self) -> None:
        """Shows signs of life and counts when it is this app's turn, for ever."""
        while True:
            try:
                await self._look()
            except StateUnavailable as error:
                log.warning("headcount.refused", error=str(error))
            except (SlackClientError, ClientError, TimeoutError, OSError, ValueError) as error:
                log.warning("headcount.not-counted", error=type(error).__name__)
            except Exception:  # a bug here must not make this app look like a stranger
                log.exception("headcount.failed")
            await asyncio.sleep(self._rhythm.sign)

    async def end(self) -> None:
        """After the app has closed its connection."""
        try:
            await self._presence.ended(self._line.instance)
        except StateUnavailable as error:  # its last sign of life expires
            log.warning("headcount.refused", error=str(error))

    async def _look(self) -> None:
        if await self._connected():
            await self._presence.lives(self._line.instance, self._rhythm)
        self._show(await self._presence.headcount())
        if await self._presence.take_count(self._rhythm):
            connections = await self._count()
            SLACK_CONNECTIONS.set(connections)
            self._line.connections = connections
            await self._presence.note_count(connections, self._rhythm)
            self._show(await self._presence.headcount())

    def _show(self, found: Headcount | None) -> None:
        before, self._line.headcount = self._line.headcount, found
        strange = found is not None and found.strange
        SLACK_STRANGERS.set(found.strangers if found else 0)
        if found is None or strange == (before is not None and before.strange):
            return
        counts = {"connections": found.connections, "apps": found.apps}
        if strange:
            log.error("slack.strange-connection", **counts, remedy=_REMEDY)
        else:
            log.info("slack.strange-connection-gone", **counts)
