"""Events to the app, retried as Slack does: at once, after one minute, after five."""

import asyncio
import secrets
import time

from bot.lab.workspace.errors import Json
from bot.lab.workspace.people import APP, BOT, TEAM, VERIFICATION
from bot.lab.workspace.state import State
from bot.lab.workspace.transport import Retry, Transport, Undelivered


class Events:
    """Sends events; retries run on in the background until the workspace stops."""

    def __init__(self, state: State, transport: Transport) -> None:
        self._state = state
        self._transport = transport
        self._retrying: set[asyncio.Task[None]] = set()

    async def send(self, event: Json) -> bool:
        """Sends an event (its `type` and own fields) and returns whether the app took it at the first try."""
        payload = self._wrap(event)
        try:
            await self._transport.deliver("events_api", payload, accepts_response=False)
        except Undelivered as failure:
            if failure.again:
                task = asyncio.create_task(self._retry(payload, failure.reason))
                self._retrying.add(task)
                task.add_done_callback(self._retrying.discard)
            return False
        return True

    def _wrap(self, event: Json) -> Json:
        installed = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT, "is_bot": True}
        return {
            "token": VERIFICATION,
            "team_id": TEAM,
            "api_app_id": APP,
            "type": "event_callback",
            "event": {"event_ts": self._state.messages.next_ts(), **event},
            "event_id": f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(time.time()),
            "authorizations": [installed | {"is_enterprise_install": False}],
            "is_ext_shared_channel": False,
            "event_context": secrets.token_hex(12),
        }

    async def _retry(self, payload: Json, reason: str) -> None:
        for number, pause in enumerate(self._state.settings.event_retries, start=1):
            await asyncio.sleep(pause)
            try:
                await self._transport.deliver("events_api", payload, False, Retry(number, reason))
                return
            except Undelivered as failure:
                if not failure.again:
                    return
                reason = failure.reason

    async def close(self) -> None:
        """Ends all retries."""
        for task in self._retrying:
            task.cancel()
        await asyncio.gather(*self._retrying, return_exceptions=True)
