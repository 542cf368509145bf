"""The way to the app: Socket Mode, or signed HTTP where a Request URL is set; every delivery is recorded."""

import time
from dataclasses import dataclass
from typing import Protocol

from bot.lab.workspace.errors import Json
from bot.lab.workspace.state import State
from bot.lab.workspace.wire import Exchange


class Undelivered(Exception):
    """Nobody took it: `dispatch_failed` without a connection, `operation_timeout` without an ack in time.

    `reason` is the word for it in retries of events, `again` whether the app lets it be tried again.
    """

    def __init__(self, code: str, reason: str, *, again: bool = True) -> None:
        super().__init__(code)
        self.reason = reason
        self.again = again


@dataclass(frozen=True)
class Retry:
    """An event's further try, 1 to 3, and why."""

    number: int
    reason: str


class Carrier(Protocol):
    """Delivers one thing and returns the ack's payload; Undelivered when there was no ack."""

    async def deliver(
        self, kind: str, payload: Json, accepts_response: bool, retry: Retry | None = None
    ) -> Json: ...


class Transport:
    """Chooses the carrier for each delivery."""

    def __init__(self, state: State, sockets: Carrier, http: Carrier) -> None:
        self._state = state
        self._sockets = sockets
        self._http = http

    async def deliver(
        self, kind: str, payload: Json, accepts_response: bool, retry: Retry | None = None
    ) -> Json:
        """As `Carrier.deliver`, and the exchange is kept for the inspector."""
        carrier = self._http if self._state.request_url else self._sockets
        started, status, answer = time.monotonic(), "ok", {}
        try:
            answer = await carrier.deliver(kind, payload, accepts_response, *([retry] if retry else []))
        except Undelivered as failure:
            status = str(failure)
            raise
        finally:
            name = _name(kind, payload) + (f" (retry {retry.number})" if retry else "")
            seconds = time.monotonic() - started
            self._state.wire.record(Exchange("delivery", name, status, seconds, payload, answer))
        return answer


def _name(kind: str, payload: Json) -> str:
    match kind:
        case "slash_commands":
            return f"{payload['command']} {payload['text']}".strip()
        case "events_api":
            return str(payload["event"]["type"])
        case _:
            actions = payload.get("actions") or [{}]
            what = payload.get("callback_id") or actions[0].get("action_id")
            view = payload.get("view") or {}
            return f"{payload['type']} {what or view.get('callback_id') or ''}".strip()
