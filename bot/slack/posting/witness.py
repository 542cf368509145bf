"""The thread of a request's message: it knows whether the approval was used, and from it workers are answered."""

import asyncio
import datetime as dt

import structlog

from bot.model.errors import StateUnavailable
from bot.model.remediation import Ask, Message, Remediation
from bot.model.remediation_ports import Use
from bot.remediation.permission import judge
from bot.remediation.rows import about
from bot.slack.desk import Desk
from bot.slack.posting.pace import Later
from bot.slack.posting.posts import Frozen, Gone
from bot.slack.texts import Voice
from bot.slack.views.blocks import Post
from bot.slack.views.plan import plan_of

log = structlog.get_logger()

USED = "used"


class ThreadWitness:
    """The port `Witness`: one reply a use, of which the first counts."""

    def __init__(self, desk: Desk) -> None:
        self._posts = desk.posts

    async def read(self, remediation: Remediation) -> Use | None:
        message = _message_of(remediation)
        async for ts, carried in self._posts.read_keys(message.channel, message.ts):
            if carried.get("request") == remediation.id and USED in carried:
                return Use(str(carried[USED]), dt.datetime.fromtimestamp(float(ts), dt.UTC))
        return None

    async def write(self, remediation: Remediation, worker: str) -> None:
        message, plan = _message_of(remediation), plan_of(remediation)
        text = Voice(plan.language).say("request.used")
        carried = {"run": remediation.proposal.run, "request": remediation.id, USED: worker}
        await self._posts.post(message.channel, carried, Post(text, []), message.ts)


class Permits:
    """Answers the workers' questions; any number of apps may, each question is one app's."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._witness = ThreadWitness(desk)

    async def run(self) -> None:
        """Answers for ever; cancel it to stop, what is in hand goes on."""
        while True:
            try:
                async for ask in self._desk.stores.permissions.asked():
                    self._desk.work.start(self._answer(ask))
            except StateUnavailable as error:
                log.warning("permissions.unavailable", reason=str(error))
            await asyncio.sleep(1)

    async def _answer(self, ask: Ask) -> None:
        """What cannot be told is not answered: the worker sends nothing then, and asks again."""
        try:
            remediation = await self._desk.stores.remediations.get(ask.remediation)
            answer = await judge(ask, remediation, self._witness, self._desk.seal)
            if answer is None or remediation is None:
                log.warning("permission.not-answered", remediation=ask.remediation)
                return
            await self._desk.stores.permissions.answer(answer)
            log.info("permission.answered", granted=answer.granted, **about(remediation))
        except (Later, Gone, Frozen, StateUnavailable) as error:
            log.warning("permission.not-answered", remediation=ask.remediation, reason=str(error))
        except Exception:  # one question must not stop the others
            log.exception("permission.failed", remediation=ask.remediation)


def _message_of(remediation: Remediation) -> Message:
    assert remediation.message, "only what was posted can be approved"
    return remediation.message
