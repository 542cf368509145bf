"""Remediations over a real Redis: each step once, whoever is faster, and on the record."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.jobs.audit import Trail
from bot.jobs.redis import Client
from bot.jobs.remedies import RedisNotices, RedisRemediations, Remedies, Rules
from bot.jobs.runs import RedisRuns
from bot.jobs.state import State
from bot.knowledge import load
from bot.model.errors import NotAllowed
from bot.model.inventory import Inventory
from bot.model.remediation import Asking, Press, Remediation, RemediationState
from bot.model.remediation_ports import Superseded
from bot.remediation.seal import Seal
from tests.remediation.make import (
    CHANNEL,
    FIRST,
    KEY,
    NOW,
    REQUESTER,
    SECOND,
    TS,
    inventory_of,
    planned,
    proposal_of,
)


@dataclass
class App:
    """One app process over the test's Redis, with a clock and an inventory that a test may change."""

    client: Client
    seal: Seal = field(default_factory=lambda: Seal(KEY))
    inventory: Inventory = field(default_factory=inventory_of)
    now: dt.datetime = NOW
    shown: str = ""

    def __post_init__(self) -> None:
        self.state = State(self.client)
        self.trail = Trail(self.client, self.state, self.seal)
        rules = Rules(lambda: self.inventory, self.seal, load().remark, lambda: self.now)
        self.remediations = RedisRemediations(self.state, self.trail, rules)
        self.remedies = Remedies(self.state, self.trail)
        self.notices = RedisNotices(self.state, self.trail)

    async def requested(self, approvals: int = 2, **more: Any) -> Remediation:
        """A request whose message is posted."""
        base = planned(**more)
        assert base.plan is not None
        plan = base.plan.model_copy(update={"approvals": approvals})
        await self.remedies.put(base.model_copy(update={"plan": plan}))
        self.shown = plan.shown
        asking = Asking(user=REQUESTER, reason="stuck", channel=CHANNEL, shown=plan.shown)
        await self.remediations.request(base.id, asking)
        return await self.remediations.posted(base.id, CHANNEL, TS)

    def press_of(self, user: str, ts: str = TS, reason: str = "", language: str | None = None) -> Press:
        """A press after the plan of the last request was read."""
        return Press(user=user, channel=CHANNEL, ts=ts, reason=reason, language=language, shown=self.shown)

    async def events(self) -> list[str]:
        return [row.event async for row in self.trail.rows()]


@pytest.fixture
def app(client: Client) -> App:
    return App(client)


async def test_two_approvers_press_at_the_same_moment(app: App) -> None:
    request = await app.requested()
    both = await asyncio.gather(
        *(app.remediations.approve(request.id, app.press_of(user)) for user in (FIRST, SECOND))
    )
    assert sorted(one.state.value for one in both) == ["queued", "requested"]
    after = await app.remediations.get(request.id)
    assert after is not None
    assert {approval.user for approval in after.approvals} == {FIRST, SECOND}
    assert await app.events() == ["requested", "approved", "approved"]
    assert await app.trail.find_break() is None


async def test_a_double_click_counts_once_and_says_so(app: App) -> None:
    request = await app.requested()
    answers = await asyncio.gather(
        *(app.remediations.approve(request.id, app.press_of(FIRST)) for _ in range(5)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, NotAllowed)]
    assert len(refused) == 4
    assert {str(one) for one in refused} == {
        "Your approval is already there: somebody else must give the other one."
    }
    assert sorted(await app.events()) == ["approved", *["refused"] * 4, "requested"]


async def test_a_request_is_made_once(app: App) -> None:
    request = await app.requested()
    with pytest.raises(NotAllowed, match="no plan"):
        await app.remediations.request(request.id, Asking(user=REQUESTER, reason="", channel=CHANNEL))


async def test_an_envelope_that_comes_again_proposes_nothing(app: App) -> None:
    assert await app.remediations.propose("one", proposal_of()) is not None
    assert await app.remediations.propose("one", proposal_of()) is None
    assert len(await app.remediations.of_run("01RUN")) == 1


@pytest.mark.parametrize(
    ("user", "ts", "sentence"),
    [
        (REQUESTER, TS, "cannot approve"),
        ("U0STRANGER", TS, "U0STRANGER is not an approver of site-a"),
        (FIRST, "1700000000.777777", "Only the buttons on the message"),
    ],
)
async def test_a_refused_press_is_told_and_on_the_record(app: App, user: str, ts: str, sentence: str) -> None:
    request = await app.requested()
    press = app.press_of(user, ts)
    with pytest.raises(NotAllowed, match=sentence):
        await app.remediations.approve(request.id, press)
    row = [row async for row in app.trail.rows()][-1]
    assert (row.event, row.actor, row.request, row.appliance) == ("refused", press.user, request.id, "esa-a2")
    assert sentence in (row.reason or "")
    unchanged = await app.remediations.get(request.id)
    assert unchanged == request


async def test_a_refusal_is_told_in_the_language_of_the_press_else_of_the_proposal(app: App) -> None:
    request = await app.requested(proposal=proposal_of(language="es"))
    for language, words in ((None, "debe hacerlo otra persona"), ("en", "somebody else must")):
        with pytest.raises(NotAllowed, match=words):
            await app.remediations.approve(request.id, app.press_of(REQUESTER, language=language))
    assert "cannot approve" in ([row async for row in app.trail.rows()][-1].reason or "")


async def test_nobody_approves_after_half_an_hour(app: App) -> None:
    request = await app.requested()
    app.now += dt.timedelta(minutes=30, seconds=1)
    with pytest.raises(NotAllowed, match="more than 30 minutes ago"):
        await app.remediations.approve(request.id, app.press_of(FIRST))


async def test_rejected_is_the_end(app: App) -> None:
    request = await app.requested()
    rejected = await app.remediations.reject(request.id, app.press_of(SECOND, reason="not today"))
    assert (rejected.state, rejected.rejected_by) == (RemediationState.REJECTED, SECOND)
    with pytest.raises(NotAllowed, match="It was rejected by U0SECOND: nothing is sent"):
        await app.remediations.approve(request.id, app.press_of(FIRST))
    assert await app.remediations.pending() == []


async def test_only_the_first_message_is_the_requests_own(app: App) -> None:
    request = await app.requested()
    again = await app.remediations.posted(request.id, "C0FORGED", "1.1")
    assert again.message == request.message


async def test_observe_mode_proposes_nothing(app: App) -> None:
    app.inventory = inventory_of(mode="observe")
    with pytest.raises(NotAllowed, match="only observes site-a"):
        await app.remediations.propose("one", proposal_of())
    assert await app.events() == ["refused"]


async def test_only_what_was_done_can_be_taken_back(app: App) -> None:
    request = await app.requested()
    with pytest.raises(NotAllowed, match="has an undo"):
        await app.remediations.propose("undo", proposal_of(undoes=request.id))
    done = request.model_copy(update={"state": RemediationState.VERIFIED})
    await app.remedies.put(done)
    with pytest.raises(NotAllowed, match="has an undo"):
        await app.remediations.propose("other", proposal_of(undoes=request.id, subject="esa-a1"))
    assert await app.remediations.propose("same", proposal_of(undoes=request.id)) is not None


async def test_what_waits_is_listed_oldest_first(app: App) -> None:
    first = await app.requested()
    second = await app.requested(id="01SECOND", created=NOW + dt.timedelta(seconds=1))
    app.now += dt.timedelta(seconds=2)
    await app.remediations.propose("not-asked-for", proposal_of())
    assert [one.id for one in await app.remediations.pending()] == [first.id, second.id]
    assert [one.id for one in await app.remediations.of_run("01RUN")][:2] == [first.id, second.id]


async def test_of_two_writers_the_second_is_told(app: App) -> None:
    request = await app.requested()
    await app.remedies.put(request)
    with pytest.raises(Superseded):
        await app.remedies.put(request)


async def test_a_message_is_due_until_it_shows_the_newest_state(app: App) -> None:
    request = await app.requested()
    due: AsyncIterator[Remediation] = app.notices.due()
    shown = await anext(due)
    assert shown.id == request.id
    await app.remediations.approve(request.id, app.press_of(FIRST))
    await app.notices.settle(shown)
    newer = await asyncio.wait_for(anext(due), 5)
    assert len(newer.approvals) == 1
    await app.notices.settle(newer)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(due), 0.3)


async def test_every_change_makes_the_cards_of_the_run_due(
    app: App, runs: RedisRuns, admit: Any, request_of: Any
) -> None:
    run = await admit(request_of())
    before = await runs.get(run.id)
    await app.requested(proposal=proposal_of(run=run.id))
    after = await runs.get(run.id)
    assert before is not None
    assert after is not None
    assert after.version > before.version


async def test_garbage_in_redis_is_no_remediation(app: App) -> None:
    request = await app.requested()
    await app.client.hset(f"pvo:remedy:{request.id}", "text", "{}")  # type: ignore[misc]
    assert await app.remediations.get(request.id) is None
    with pytest.raises(NotAllowed, match="no such remediation"):
        await app.remediations.approve(request.id, app.press_of(FIRST))
