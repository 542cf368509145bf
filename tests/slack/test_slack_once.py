"""What a thief of tokens, or a Redis that went back, can do with an approval: nothing a second time."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.jobs.permissions import RedisPermissions
from bot.jobs.state import State
from bot.lab.workspace.messages import Message
from bot.lab.workspace.views import View
from bot.model.remediation import Ask, Permission, Remediation, RemediationState, Ticket
from bot.slack.views.plan import plan_of
from tests.jobs.snapshots import put_back, take_snapshot
from tests.slack.committee import FIRST, SECOND, Committee, committee_in, said
from tests.slack.office import Office


@pytest.fixture
async def committee(office: Office) -> AsyncIterator[Committee]:
    async with committee_in(office) as committee:
        yield committee


def thief(committee: Committee) -> AsyncWebClient:
    box = committee.office.workspace
    return AsyncWebClient(box.bot_token, base_url=box.api_url)


async def dress_up(committee: Committee, view: View, metadata: str) -> None:
    """The approver sees a poll; what he submits is an approval."""
    words = {"type": "plain_text", "text": "Lunch?"}
    poll = {
        "type": "modal",
        "callback_id": "pvo.approve",
        "private_metadata": metadata,
        "title": words,
        "submit": words,
        "blocks": [{"type": "section", "text": words}],
    }
    await thief(committee).views_update(view_id=view.id, view=poll)


async def ticket_of(committee: Committee, request: Message) -> Ticket:
    """All that a thief can know about a request, without the key."""
    requested = await committee.of(request)
    now, shown = dt.datetime.now(dt.UTC), plan_of(requested).shown
    about = {"remediation": requested.id, "channel": request.channel, "ts": request.ts}
    return Ticket(purpose="approve", user=FIRST, shown=shown, at=now, **about)


@pytest.mark.parametrize("seal", ["", "0" * 64])
async def test_an_approval_dressed_as_a_poll(committee: Committee, seal: str) -> None:
    request = await committee.request()
    view = await committee.open(FIRST, request, "pvo.reject")
    forged = (await ticket_of(committee, request)).model_copy(update={"seal": seal})
    await dress_up(committee, view, forged.model_dump_json())
    assert "was not opened by pvo for you" in said(await committee.submit(view))
    assert (await committee.of(request)).approvals == ()
    assert [row.actor for row in await committee.rows("refused")] == [FIRST]


async def test_the_form_of_somebody_else(committee: Committee) -> None:
    """A ticket is signed for one person and one purpose."""
    request = await committee.request()
    theirs = await committee.open(SECOND, request, "pvo.approve")
    rejecting = await committee.open(FIRST, request, "pvo.reject")
    for other in (theirs, rejecting):
        view = await committee.open(FIRST, request, "pvo.reject")
        await dress_up(committee, view, str(other.body["private_metadata"]))
        assert "was not opened by pvo for you" in said(await committee.submit(view))
    assert (await committee.of(request)).approvals == ()


@pytest.mark.parametrize("metadata", ["", "[]", "{}", '{"purpose": "approve"}', "\u0000"])
async def test_a_form_with_anything_in_it(committee: Committee, metadata: str) -> None:
    request = await committee.request()
    view = await committee.open(FIRST, request, "pvo.approve")
    await dress_up(committee, view, metadata)
    assert "was not opened by pvo for you" in said(await committee.submit(view))
    assert (await committee.of(request)).approvals == ()


async def test_a_plan_swapped_while_it_is_read(committee: Committee) -> None:
    """Whoever can write to Redis has the approver read one plan and approve another."""
    request = await committee.request()
    requested = await committee.of(request)
    plan = plan_of(requested)
    key = f"pvo:remedy:{requested.id}"
    real = await committee.office.redis.hget(key, "text")  # type: ignore[misc]
    harmless = requested.model_copy(update={"plan": plan.model_copy(update={"effect": "Nothing."})})
    view = await committee.open(FIRST, request, "pvo.approve")
    await committee.office.redis.hset(key, "text", harmless.model_dump_json())  # type: ignore[misc]
    assert "signature does not hold" in said(await committee.submit(view))
    assert real


# --- the witness --------------------------------------------------------------------------------------------


async def approved(committee: Committee) -> tuple[Message, Remediation]:
    request = await committee.request()
    await committee.decide(FIRST, request)
    await committee.decide(SECOND, request)
    queued = await committee.of(request)
    assert queued.state is RemediationState.QUEUED
    return request, queued


async def ask(
    committee: Committee, queued: Remediation, worker: str, question: str, seconds: float = 10.0
) -> Permission | None:
    """What a worker is told right before its first line."""
    permissions = RedisPermissions(State(committee.office.redis))
    named = Ask(remediation=queued.id, worker=worker, question=question)
    return await permissions.ask(named, seconds)


def uses(committee: Committee, request: Message) -> list[str]:
    replies = committee.office.replies(request)
    carried = [(reply.metadata or {}).get("event_payload", {}) for reply in replies]
    return [payload["used"] for payload in carried if "used" in payload]


async def test_the_thread_of_the_request_knows_who_was_first(committee: Committee) -> None:
    request, queued = await approved(committee)
    before = await take_snapshot(committee.office.redis)
    first = await ask(committee, queued, "one", "Q1")
    assert first
    assert first.granted
    again, other = await ask(committee, queued, "one", "Q2"), await ask(committee, queued, "two", "Q3")
    assert again
    assert again.granted, "its answer may have been lost: nothing was sent yet"
    assert other
    assert not other.granted
    await put_back(committee.office.redis, before)
    later = await ask(committee, queued, "three", "Q4")
    assert later
    assert not later.granted
    assert later.used_at == first.used_at
    assert uses(committee, request) == ["one"]
    assert "works once" in committee.office.replies(request)[-1].text


async def test_of_many_that_ask_at_once_one_is_first(committee: Committee) -> None:
    """Two apps answer five workers, which ask again where Slack had no time for them."""
    _, queued = await approved(committee)

    async def insist(worker: str) -> bool:
        for n in range(20):
            if answer := await ask(committee, queued, worker, f"{worker}-{n}", 3.0):
                return answer.granted
        raise TimeoutError

    async with committee.office.app():
        granted = await asyncio.gather(*(insist(f"W{n}") for n in range(5)))
    assert sorted(granted) == [False] * 4 + [True]


async def test_without_the_message_nobody_is_answered(committee: Committee) -> None:
    request, queued = await approved(committee)
    await thief(committee).chat_delete(channel=request.channel, ts=request.ts)
    assert await ask(committee, queued, "one", "Q1", 3.0) is None
