"""Asking for a fix: the plan is shown first, the request is posted once, and the card tells what became of it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.jobs.remedies import RedisRemediations
from bot.lab.workspace import Touch
from bot.model.errors import StateUnavailable
from bot.model.remediation import Progress, Remediation, RemediationState
from tests.slack import make
from tests.slack.committee import (
    FIRST,
    MEMBER,
    OPERATOR,
    SECOND,
    Committee,
    committee_in,
    inventory_with,
    said,
)
from tests.slack.office import Office

State = RemediationState


@pytest.fixture
async def committee(office: Office) -> AsyncIterator[Committee]:
    async with committee_in(office) as committee:
        yield committee


async def whispered(office: Office, line: str, user: str) -> str:
    before = len(office.whispers(user))
    await office.workspace.people.type(user, "C0OPS", line)
    await office.until(lambda: len(office.whispers(user)) > before)
    note = office.workspace.state.messages.ephemerals(user)[-1]
    return f"{note.text} {json.dumps(note.blocks)}"


async def test_a_fix_is_asked_for_with_its_plan_and_a_reason(committee: Committee) -> None:
    committee.plan = committee.plan.model_copy(update={"sites": ("site-b",), "notes": ("Mind the gap.",)})
    card = await committee.card()
    view = await committee.open(OPERATOR, committee.fixes(card)[0], "pvo.fix", drawing=True)
    for words in (
        "sslconfig",
        "OUTBOUND",
        "also serves site-b",
        "Mind the gap.",
        "besides pvo|could not be told",
    ):
        assert any(word in said(view) for word in words.split("|"))
    assert "lines" not in json.loads(view.body["private_metadata"])
    await committee.submit(view, "mail is stuck, ask dba@example.com")
    await committee.office.until(lambda: len(committee.office.cards()) == 2)

    request = committee.office.cards()[1]
    shown = json.dumps(request.blocks)
    for words in (
        "<@U0OPERATOR> asks for it: mail is stuck",
        "<@U0APPROVER>",
        "<@U0SECOND>",
        "expires",
        "2 approvals",
    ):
        assert words in shown
    assert "example.com" not in shown
    assert "approval wanted" in request.text
    await committee.office.until(lambda: "approval wanted" in json.dumps(card.blocks))
    (row,) = await committee.rows("requested")
    assert (row.actor, row.lines, row.run) == (
        OPERATOR,
        committee.plan.commands,
        committee.office.run_of(card),
    )


async def test_the_button_holds_an_id_and_no_plan(committee: Committee) -> None:
    card = await committee.card()
    (reply,) = committee.fixes(card)
    values = [
        element["value"]
        for block in reply.blocks
        for element in block.get("elements", [])
        if element.get("action_id") == "pvo.fix"
    ]
    assert values
    assert all(value.startswith(committee.office.run_of(card)) and len(value) < 80 for value in values)


async def test_a_submission_without_a_reason_stays_open(committee: Committee) -> None:
    view = await committee.open(OPERATOR, committee.fixes(await committee.card())[0], "pvo.fix", drawing=True)
    errors = await committee.office.workspace.people.submit(view.id, {})
    assert list(errors) == ["why"]


async def test_only_operators_ask_and_only_for_what_stands_there(committee: Committee) -> None:
    card = await committee.card()
    reply = committee.fixes(card)[0]
    view = await committee.open(MEMBER, reply, "pvo.fix")
    assert "not among the operators" in said(view)
    elsewhere = await committee.copy(reply, "C0INCIDENTS")
    assert "not offered any more" in said(await committee.open(OPERATOR, elsewhere, "pvo.fix"))
    assert await committee.remedies.list_at("pvo:remedies") == []


async def test_a_plan_that_cannot_be_drawn_says_why(committee: Committee) -> None:
    reply = committee.fixes(await committee.card())[0]
    await committee.office.workspace.people.press(OPERATOR, reply.ts, Touch("pvo.fix"))
    proposed = await committee.proposed()
    await committee.put(proposed, state=State.REFUSED, reason="esa-a2 has changes that nobody has committed.")
    await committee.office.until(lambda: "nobody has committed" in said(committee.stack(OPERATOR)[-1]))
    assert "submit" not in committee.stack(OPERATOR)[-1].body


async def test_what_waits_already_is_not_asked_for_again(committee: Committee) -> None:
    await committee.request()
    reply = committee.fixes(committee.office.cards()[0])[0]
    assert "asked for already" in said(await committee.open(OPERATOR, reply, "pvo.fix"))


async def test_a_failure_of_our_own_leaves_no_modal_that_loads_for_ever(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(self: RedisRemediations, *_: object) -> Remediation:
        raise RuntimeError("a bug")

    async with committee_in(office) as committee:
        request = await committee.request()
        view = await committee.open(FIRST, request, "pvo.approve")
        for method in ("approve", "consider"):
            monkeypatch.setattr(RedisRemediations, method, fail)
        assert "went wrong in the bot itself" in said(await committee.submit(view))
        assert "en el propio bot" in said(await committee.open(SECOND, request, "pvo.approve"))


async def test_a_site_that_is_only_observed_offers_nothing(committee: Committee) -> None:
    reply = committee.fixes(await committee.card())[0]
    committee.office.inventory = make.inventory()
    assert "only observes site-a" in said(await committee.open(OPERATOR, reply, "pvo.fix"))
    assert [row.actor for row in await committee.rows("refused")] == [OPERATOR]


async def test_lines_too_long_to_be_shown_cannot_be_approved(committee: Committee) -> None:
    (first, *rest) = committee.plan.lines
    lines = (first, *(line.model_copy(update={"text": "A" * 9000}) for line in rest))
    committee.plan = committee.plan.model_copy(update={"lines": lines})
    view = await committee.open(OPERATOR, committee.fixes(await committee.card())[0], "pvo.fix", drawing=True)
    assert "too long to be shown" in said(view)
    assert "submit" not in view.body


async def test_the_request_goes_to_the_approvals_channel_and_its_outcome_to_the_card(
    committee: Committee,
) -> None:
    committee.office.inventory = inventory_with(FIRST, SECOND, channel="C0SITEA")
    request = await committee.request("C0SITEA")
    (card,) = committee.office.cards("C0OPS")
    await committee.decide(FIRST, request)
    await committee.decide(SECOND, request)
    await committee.office.until(lambda: "about to run" in json.dumps(card.blocks))
    remediation = await committee.of(request)
    for state, words in (
        (State.STARTED, "lines being sent"),
        (State.WAITING, "waiting for proof"),
        (State.VERIFIED, "verified"),
    ):
        await committee.put(remediation, state=state, progress=Progress(done=True), reason="So it is.")
        await committee.office.until(lambda words=words: f"fix {words}" in card.text)  # type: ignore[misc]
        await committee.office.until(lambda words=words: words in request.text)  # type: ignore[misc]
    assert card.text.startswith("Site A: broken – fix verified")
    assert "So it is." in json.dumps(card.blocks)
    assert "So it is." in json.dumps(request.blocks)
    mentions = [
        message for message in committee.office.cards("C0SITEA") if "<@U0SECOND>" in str(message.blocks)
    ]
    assert mentions == [request]


@pytest.mark.parametrize("state", [State.NOT_RESOLVED, State.COULD_NOT_TELL])
async def test_other_outcomes_stand_on_the_card_too(committee: Committee, state: RemediationState) -> None:
    request = await committee.request()
    card = committee.office.cards()[0]
    await committee.put(await committee.of(request), state=state, until=None, reason="Nobody knows why.")
    await committee.office.until(lambda: f"fix {state.replace('-', ' ')}" in card.text)
    await committee.office.until(lambda: state.replace("-", " ") in request.text)


async def test_a_channel_that_the_bot_may_not_use_gets_no_request(committee: Committee) -> None:
    committee.office.inventory = inventory_with(FIRST, channel="C0RANDOM")
    view = await committee.ask(await committee.card())
    assert "cannot be posted in <#C0RANDOM>" in said(view)
    assert "/invite" in said(view)
    assert await committee.rows("requested") == []


async def test_the_same_submission_twice_asks_once(committee: Committee) -> None:
    card = await committee.card()
    view = await committee.open(OPERATOR, committee.fixes(card)[0], "pvo.fix", drawing=True)
    sockets, deliver = committee.office.workspace.sockets, committee.office.workspace.sockets.deliver

    async def twice(*envelope: Any, **more: Any) -> dict[str, Any]:
        await deliver(*envelope, **more)
        return await deliver(*envelope, **more)

    sockets.deliver = twice  # type: ignore[method-assign]
    await committee.submit(view, "mail is stuck")
    await committee.office.until(lambda: len(committee.office.cards()) == 2)
    await committee.of(committee.office.cards()[1])
    assert len(await committee.rows("requested")) == 1
    assert len(committee.office.cards()) == 2


async def test_a_request_whose_message_was_not_recorded_is_found_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.posting.requests.AGAIN", 0.05)
    posted = RedisRemediations.posted
    lost: list[str] = []

    async def forget(self: RedisRemediations, remediation: str, channel: str, ts: str) -> Remediation:
        if not lost:
            lost.append(ts)
            raise StateUnavailable("gone for a moment")
        return await posted(self, remediation, channel, ts)

    monkeypatch.setattr(RedisRemediations, "posted", forget)
    async with committee_in(office) as committee:
        request = await committee.request()
        remediation = await committee.of(request)
    assert remediation.message
    assert [remediation.message.ts] == lost
    assert len(office.cards()) == 2


async def test_a_fix_is_taken_back_by_a_request_of_its_own(committee: Committee) -> None:
    request = await committee.request()
    card = committee.office.cards()[0]
    done = await committee.put(await committee.of(request), state=State.VERIFIED, until=None)
    await committee.office.until(lambda: '"pvo.undo"' in json.dumps(card.blocks))
    await committee.office.until(lambda: '"pvo.undo"' in json.dumps(request.blocks))
    await committee.submit(await committee.open(OPERATOR, card, "pvo.undo", drawing=True), "it broke the fax")
    await committee.office.until(lambda: len(committee.office.cards()) == 3)
    undo = await committee.of(committee.office.cards()[2])
    assert undo.proposal == done.proposal.model_copy(update={"undoes": done.id})
    assert "it broke the fax" in json.dumps(committee.office.cards()[2].blocks)
    await committee.put(undo, state=State.VERIFIED, until=None)
    await committee.office.until(lambda: "verified (taken back)" in card.text)
    assert '"pvo.undo"' not in json.dumps(card.blocks)


async def test_pending_is_told_to_operators_and_approvers(committee: Committee) -> None:
    office = committee.office
    assert "Nothing waits" in await whispered(office, "/pvo pending", FIRST)
    request = await committee.request()
    for user in (OPERATOR, FIRST):
        told = await whispered(office, "/pvo pending", user)
        for words in (
            "Waiting: 1",
            "Remove them",
            "esa-a2",
            "Site A",
            "needs 2 approvals",
            request.ts.replace(".", ""),
        ):
            assert words in told
    assert "not among the operators" in await whispered(office, "/pvo pending", MEMBER)
    assert "takes nothing after it" in await whispered(office, "/pvo pending all", OPERATOR)


async def test_the_home_tab_shows_what_waits(committee: Committee) -> None:
    await committee.request()
    homes = committee.office.workspace.state.views.homes
    for user in (OPERATOR, FIRST):
        assert await committee.office.workspace.people.open_home(user)
        await committee.office.until(lambda user=user: user in homes)  # type: ignore[misc]
        assert "Remove them" in json.dumps(homes[user].body)
    assert "pvo.start" in json.dumps(homes[OPERATOR].body)
    assert "pvo.start" not in json.dumps(homes[FIRST].body)


async def test_an_approver_of_one_site_only_sees_what_waits(committee: Committee) -> None:
    inventory = inventory_with(FIRST)
    site = inventory.sites["site-a"].model_copy(update={"approvers": (MEMBER,)})
    committee.office.inventory = inventory.model_copy(update={"sites": {"site-a": site}})
    assert "Nothing waits" in await whispered(committee.office, "/pvo pending", MEMBER)
