"""What the handlers of commands and buttons share, and how they end when something goes wrong."""

import datetime as dt
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from ulid import ULID

from bot.knowledge import Knowledge
from bot.model.errors import StateUnavailable
from bot.model.inventory import Inventory
from bot.model.ports import Budget, Outbox, Runs
from bot.model.presence import Headcount, Presence
from bot.model.remediation import AuditRow, Event
from bot.model.remediation_ports import Audit, Notices, Permissions, Remediations
from bot.model.watch import Watches
from bot.remediation.seal import Seal
from bot.slack.access import Identity, People, Refusal
from bot.slack.admission import Admission
from bot.slack.posting.posts import Posts
from bot.slack.posting.replies import Private
from bot.slack.texts import Told, Voice, tell
from bot.slack.wire.work import Work

log = structlog.get_logger()

Body = dict[str, Any]
Ack = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Stores:
    """What all apps have in common, in Redis."""

    runs: Runs
    outbox: Outbox
    watches: Watches
    budget: Budget
    audit: Audit
    remediations: Remediations
    notices: Notices
    permissions: Permissions
    presence: Presence


@dataclass(slots=True)
class Line:
    """How this app is connected: its own name, since when (monotonic), how many connections Slack counts.

    `headcount` is what all apps together found about these.
    """

    socket: bool = True
    connections: int = 0
    headcount: Headcount | None = None
    instance: str = field(default_factory=lambda: str(ULID())[-6:])
    since: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a handler may reach."""

    identity: Identity
    client: AsyncWebClient
    inventory: Callable[[], Inventory]
    stores: Stores
    knowledge: Knowledge
    people: People
    private: Private
    posts: Posts
    admission: Admission
    work: Work
    line: Line
    seal: Seal

    def follow_up(self, body: Body, doing: Coroutine[Any, Any, None]) -> None:
        """Does what is left after the acknowledgement; a refusal, or our own failure, is told to the asker only.

        Bolt's own lazy functions would copy the whole context first, and a shared session cannot be copied. The
        task first runs when the present one waits, and that is after the acknowledgement has been written.
        """
        self.work.start(self._answer(body, doing))

    async def _answer(self, body: Body, doing: Coroutine[Any, Any, None]) -> None:
        try:
            await doing
        except Refusal as refusal:
            await self.tell(body, refusal.told)
        except StateUnavailable as error:
            log.error("store.unavailable", reason=str(error))
            await self.tell(body, tell("store.away"))
        except Exception:  # whatever it was, the asker gets a sentence and the log the traceback
            log.exception("slack.handler-failed")
            await self.tell(body, tell("failed"))

    async def voice(self, body: Body) -> Voice:
        """How to speak to the asker."""
        return await self.people.voice(user_of(body))

    async def tell(self, body: Body, told: Told) -> None:
        """Says it to the asker only."""
        await self.private.tell(body.get("response_url"), told(await self.voice(body)))

    async def record(self, event: Event, site: str, **more: str) -> None:
        """Adds a row to the audit trail: `actor`, `channel`, `run`, `reason`; raises `StateUnavailable`."""
        row = {"at": dt.datetime.now(dt.UTC), "event": event, "site": site} | more
        await self.stores.audit.append(AuditRow.model_validate(row))


def user_of(body: Body) -> str:
    """Who typed or pressed."""
    return str(body.get("user_id") or (body.get("user") or {}).get("id") or "")
