"""People who ask for fixes and decide about them in the office, and the worker that draws their plans."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs.audit import Trail
from bot.jobs.remedies import RedisNotices, RedisRemediations, Remedies, Rules
from bot.jobs.state import State
from bot.knowledge import load
from bot.lab.workspace import Touch
from bot.lab.workspace.messages import Message
from bot.lab.workspace.views import View
from bot.model.inventory import Inventory
from bot.model.presence import RHYTHM, Rhythm
from bot.model.remediation import AuditRow, Plan, Remediation, RemediationState
from bot.remediation.seal import Seal
from tests.remediation.make import plan_of
from tests.remediation.theatre import KEY, Clock
from tests.slack import make
from tests.slack.office import Office

OPERATOR, FIRST, SECOND, GUEST, MEMBER = "U0OPERATOR", "U0APPROVER", "U0SECOND", "U0GUEST", "U0MEMBER"
BUSY = "hourglass_flowing_sand"


def inventory_with(*approvers: str, channel: str | None = None) -> Inventory:
    """site-a may be changed; the requester is an approver too, and a guest is listed."""
    data = make.inventory().model_dump(mode="json")
    data["access"] |= {"approvers": list(approvers), "approvals_channel": channel}
    data["sites"]["site-a"]["mode"] = "remediate"
    return Inventory.model_validate(data)


@dataclass
class Committee:
    """The office with its signatures and its clock; `plan` is what a worker draws."""

    office: Office
    clock: Clock
    trail: Trail
    remedies: Remedies
    plan: Plan

    async def card(self) -> Message:
        """A card with a finding that the bot can repair."""
        card = await self.office.check()
        await self.office.finish(card, make.report(make.finding()))
        await self.office.until(lambda: "broken" in card.text)
        await self.office.until(lambda: bool(self.fixes(card)))
        return card

    def fixes(self, card: Message) -> list[Message]:
        return [reply for reply in self.office.replies(card) if '"pvo.fix"' in json.dumps(reply.blocks)]

    async def proposed(self) -> Remediation:
        """What waits for its plan."""
        async with asyncio.timeout(20):
            while not (waiting := await self._all(RemediationState.PROPOSED)):  # noqa: ASYNC110 - Redis tells nobody
                await asyncio.sleep(0.01)
        return waiting[0]

    async def draw(self) -> Remediation:
        """What a worker does with a proposal."""
        proposed = await self.proposed()
        proposal = proposed.proposal
        about = {"undoes": proposal.undoes is not None, "language": proposal.language}
        plan = self.plan.model_copy(update=about | ({"undo": ()} if proposal.undoes else {}))
        return await self.put(proposed, state=RemediationState.PLANNED, plan=plan)

    async def put(self, remediation: Remediation, **change: Any) -> Remediation:
        """What a worker writes down."""
        current = await self.remedies.get(remediation.id)
        assert current
        return await self.remedies.put(current.model_copy(update=change))

    async def _all(self, state: RemediationState) -> list[Remediation]:
        return [one for one in await self.remedies.list_at("pvo:remedies") if one.state is state]

    async def ask(self, card: Message, reason: str = "mail is stuck") -> View:
        """Presses Fix, has the plan drawn and submits the reason; the modal as it ends."""
        view = await self.open(OPERATOR, self.fixes(card)[0], "pvo.fix", drawing=True)
        return await self.submit(view, reason)

    async def open(self, user: str, message: Message, action: str, drawing: bool = False) -> View:
        """Presses a button and waits for what the modal shows."""
        before = self.stack(user)
        await self.office.workspace.people.press(user, message.ts, Touch(action))
        if drawing:
            await self.draw()
        await self.office.until(lambda: self.stack(user) != before and BUSY not in said(self.stack(user)[-1]))
        return self.stack(user)[-1]

    def stack(self, user: str) -> list[View]:
        return self.office.workspace.state.views.stack(user)

    async def submit(self, view: View, reason: str | None = None) -> View:
        filled = {"why": {"reason": {"type": "plain_text_input", "value": reason}}} if reason else {}
        assert await self.office.workspace.people.submit(view.id, filled) == {}
        await self.office.until(lambda: BUSY not in said(view) and '"submit"' not in said(view))
        return view

    async def request(self, channel: str = "C0OPS") -> Message:
        """The message of a request that waits, asked for from a card of its own."""
        card = await self.card()
        before = len(self.office.cards(channel))
        await self.ask(card)
        await self.office.until(lambda: len(self.office.cards(channel)) > before)
        message = self.office.cards(channel)[-1]
        await self.of(message)
        return message

    async def decide(
        self, user: str, message: Message, action: str = "pvo.approve", reason: str = ""
    ) -> View:
        """Opens the modal and submits it; one that only says why not is left as it is."""
        view = await self.open(user, message, action)
        return await self.submit(view, reason) if view.body.get("submit") else view

    async def of(self, message: Message) -> Remediation:
        """The remediation that a message is about, once it knows its message."""
        assert message.metadata
        async with asyncio.timeout(20):
            while True:
                found = await self.remedies.get(message.metadata["event_payload"]["request"])
                if found and found.message:
                    return found
                await asyncio.sleep(0.01)

    async def copy(self, message: Message, channel: str) -> Message:
        """A card forged with a stolen bot token: the same text, buttons and metadata."""
        client = AsyncWebClient(self.office.workspace.bot_token, base_url=self.office.workspace.api_url)
        blocks = [{key: part for key, part in block.items() if key != "block_id"} for block in message.blocks]
        forged = await client.chat_postMessage(
            channel=channel, text=message.text, blocks=blocks, metadata=message.metadata
        )
        found = self.office.workspace.state.messages.find(channel, str(forged["ts"]))
        assert found
        return found

    async def rows(self, event: str) -> list[AuditRow]:
        """Rows of the audit trail, whose chain holds."""
        assert await self.trail.find_break() is None
        return [row async for row in self.trail.rows() if row.event == event]


def said(view: View) -> str:
    return json.dumps(view.body, ensure_ascii=False)


@asynccontextmanager
async def committee_in(
    office: Office, inventory: Inventory | None = None, rhythm: Rhythm = RHYTHM
) -> AsyncIterator[Committee]:
    """The office with remediations that are signed; the app is running."""
    office.inventory = inventory or inventory_with(FIRST, SECOND, OPERATOR, GUEST)
    seal, clock, state = Seal(KEY), Clock(), State(office.redis)
    office.seal = seal
    trail = Trail(office.redis, state, seal)
    rules = Rules(lambda: office.inventory, seal, load().remark, clock)
    office.stores = replace(
        office.stores,
        audit=trail,
        remediations=RedisRemediations(state, trail, rules),
        notices=RedisNotices(state, trail),
    )
    plan = plan_of().model_copy(update={"seen": plan_of().seen.model_copy(update={"at": _now()})})
    async with office.app(rhythm=rhythm):
        yield Committee(office, clock, trail, Remedies(state, trail), plan)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
