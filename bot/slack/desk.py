"""What the handlers of commands and buttons share, and how they end when something goes wrong."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
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
TODO = "pvo_todo"
"""Under this name an acknowledging function leaves in bolt's context what is to be done afterwards."""


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

    @asynccontextmanager
    async def answering(self, response_url: str | None) -> AsyncIterator[None]:
        """Counts the work after an acknowledgement; a refusal, or our own failure, is told to the asker only."""
        with self.work.here():
            try:
                yield
            except Refusal as refusal:
                await self.private.tell(response_url, str(refusal))
            except Exception:  # whatever it was, the asker gets a sentence and the log the traceback
                log.exception("slack.handler-failed")
                await self.private.tell(response_url, say("failed"))
