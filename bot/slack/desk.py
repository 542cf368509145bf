"""What the handlers of commands and buttons share, and how they end when something goes wrong."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.inventory import Inventory
from bot.model.ports import Outbox, Runs
from bot.slack.admission import Admission
from bot.slack.people import Identity, People, Refusal
from bot.slack.private import Private
from bot.slack.texts import say
from bot.slack.work import Work

log = structlog.get_logger()

Body = dict[str, Any]
Ack = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a handler may reach."""

    identity: Identity
    client: AsyncWebClient
    inventory: Callable[[], Inventory]
    runs: Runs
    outbox: Outbox
    people: People
    private: Private
    admission: Admission
    work: Work

    def follow_up(self, body: Body, doing: Coroutine[Any, Any, None]) -> None:
        """Does what is left after the acknowledgement; a refusal, or our own failure, is told to the asker only.

        Bolt's own lazy functions would copy the whole context first, and a shared session cannot be copied. The
        task first runs when the present one waits, and that is after the acknowledgement has been written.
        """
        self.work.start(self._answer(body.get("response_url"), doing))

    async def _answer(self, response_url: str | None, doing: Coroutine[Any, Any, None]) -> None:
        try:
            await doing
        except Refusal as refusal:
            await self.private.tell(response_url, str(refusal))
        except Exception:  # whatever it was, the asker gets a sentence and the log the traceback
            log.exception("slack.handler-failed")
            await self.private.tell(response_url, say("failed"))
