"""Who may decide, where a press counts, and what everybody else is told; each refusal stands on the record."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.lab.workspace import Touch
from bot.model.remediation import RemediationState
from tests.slack.committee import (
    FIRST,
    GUEST,
    MEMBER,
    OPERATOR,
    SECOND,
    Committee,
    committee_in,
    inventory_with,
    said,
)
from tests.slack.office import Office, give_second_id

State = RemediationState


@pytest.fixture
async def committee(office: Office) -> AsyncIterator[Committee]:
    async with committee_in(office) as committee:
        yield committee


async def test_two_approvers_see_the_stored_plan_and_say_yes(committee: Committee) -> None:
    request = await committee.request()
    view = await committee.open(FIRST, request, "pvo.approve")
    for words in (
        "OUTBOUND",
        "mail is stuck",
        "esa-a2",
        "drawn again just before it runs",
        "TechNote 200068",
    ):
        assert words in said(view)
    assert "still needs 1 approval" in said(await committee.submit(view))
    await committee.office.until(lambda: "approved by <@U0APPROVER>" in json.dumps(request.blocks))
    assert "Aprobado. Un worker" in said(await committee.decide(SECOND, request))
    await committee.office.until(lambda: "about to run" in request.text)

    after = await committee.of(request)
    assert (after.state, [one.user for one in after.approvals]) == (State.QUEUED, [FIRST, SECOND])
    assert all(one.seal and (one.channel, one.ts) == ("C0OPS", request.ts) for one in after.approvals)
    assert "pvo.approve" not in json.dumps(request.blocks)
    assert [row.actor for row in await committee.rows("approved")] == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("user", "why"),
    [
        (OPERATOR, "Whoever asked for it cannot approve it"),
        (MEMBER, "U0MEMBER is not an approver of site-a"),
        (GUEST, "Guests may not use this bot"),
    ],
)
async def test_who_may_not_approve(committee: Committee, user: str, why: str) -> None:
    request = await committee.request()
    view = await committee.decide(user, request)
    assert why in said(view)
    assert "OUTBOUND" not in said(view)
    (row,) = await committee.rows("refused")
    assert (row.actor, row.channel, row.site, row.fix) == (
        user,
        "C0OPS",
        "site-a",
        "remove-anonymous-ciphers",
    )
    assert why in (row.reason or "")
    assert (await committee.of(request)).approvals == ()


async def test_somebody_of_another_organisation_sees_no_modal(committee: Committee) -> None:
    request = await committee.request()
    forged = await committee.copy(request, "C0SHARED")
    await committee.office.workspace.people.press("U0EXTERN", forged.ts, Touch("pvo.approve"))
    await committee.office.until(lambda: bool(committee.office.whispers("U0EXTERN")))
    assert "Only members of the workspace" in committee.office.whispers("U0EXTERN")[0]
    assert committee.stack("U0EXTERN") == []
    assert [row.actor for row in await committee.rows("refused")] == ["U0EXTERN"]


async def test_the_same_approver_counts_once(committee: Committee) -> None:
    request = await committee.request()
    await committee.decide(FIRST, request)
    assert "Your approval is already there" in said(await committee.decide(FIRST, request))
    assert len((await committee.of(request)).approvals) == 1
    assert [row.actor for row in await committee.rows("refused")] == [FIRST]


async def test_a_double_click_and_a_replayed_envelope_decide_once(committee: Committee) -> None:
    request = await committee.request()
    sockets, deliver = committee.office.workspace.sockets, committee.office.workspace.sockets.deliver

    async def twice(*envelope: Any, **more: Any) -> dict[str, Any]:
        await deliver(*envelope, **more)
        return await deliver(*envelope, **more)

    sockets.deliver = twice  # type: ignore[method-assign]
    view = await committee.open(FIRST, request, "pvo.approve")
    assert "still needs 1 approval" in said(await committee.submit(view))
    await committee.office.until(lambda: "approved by <@U0APPROVER>" in json.dumps(request.blocks))
    assert len((await committee.of(request)).approvals) == 1
    assert await committee.rows("refused") == []
    assert committee.office.whispers(FIRST) == []


async def test_two_modals_of_one_person_decide_once(committee: Committee) -> None:
    request = await committee.request()
    await committee.open(FIRST, request, "pvo.approve")
    assert "still needs 1 approval" in said(await committee.decide(FIRST, request))
    assert len((await committee.of(request)).approvals) == 1


async def test_a_message_that_was_rewritten_changes_nothing_in_the_modal(committee: Committee) -> None:
    request = await committee.request()
    client = AsyncWebClient(committee.office.workspace.bot_token, base_url=committee.office.workspace.api_url)
    harmless = {"type": "section", "text": {"type": "mrkdwn", "text": "Only `version` is sent."}}
    await client.chat_update(
        channel="C0OPS", ts=request.ts, text="Harmless", blocks=[harmless, request.blocks[-1]]
    )
    view = await committee.open(FIRST, request, "pvo.approve")
    assert "OUTBOUND" in said(view)
    assert "Only `version` is sent" not in said(view)


@pytest.mark.parametrize("needed", [1, 2])
async def test_two_at_the_same_moment(committee: Committee, needed: int) -> None:
    committee.plan = committee.plan.model_copy(update={"approvals": needed})
    request = await committee.request()
    views = [await committee.open(user, request, "pvo.approve") for user in (FIRST, SECOND)]
    ends = [said(view) for view in await asyncio.gather(*(committee.submit(view) for view in views))]
    after = await committee.of(request)
    assert (after.state, len(after.approvals)) == (State.QUEUED, needed)
    told = ("It is approved already, by <@U0SECOND>", "Ya está aprobada, por <@U0APPROVER>")
    late = [end for end in ends if any(words in end for words in told)]
    assert len(late) == 2 - needed == len(await committee.rows("refused"))


async def test_a_request_that_is_too_old(committee: Committee) -> None:
    request = await committee.request()
    view = await committee.open(FIRST, request, "pvo.approve")
    committee.clock.ahead = dt.timedelta(minutes=31)
    assert "requested more than 30 minutes ago" in said(await committee.submit(view))
    assert "se hizo hace más de 30 minutos" in said(await committee.decide(SECOND, request, "pvo.reject"))
    await committee.put(await committee.of(request), state=State.EXPIRED, until=None, reason="Too late.")
    await committee.office.until(lambda: "expired" in request.text)
    assert "pvo.approve" not in json.dumps(request.blocks)
    assert len(await committee.rows("refused")) == 2


@pytest.mark.parametrize("channel", ["C0OPS", "C0INCIDENTS"])
@pytest.mark.parametrize("action", ["pvo.approve", "pvo.reject"])
async def test_a_forged_card_is_worth_nothing(committee: Committee, channel: str, action: str) -> None:
    request = await committee.request()
    await committee.of(request)
    forged = await committee.copy(request, channel)
    assert "Only the buttons on the message that the request itself" in said(
        await committee.decide(FIRST, forged, action)
    )
    assert [(row.actor, row.channel) for row in await committee.rows("refused")] == [(FIRST, channel)]
    after = await committee.of(request)
    assert (after.state, after.approvals) == (State.REQUESTED, ())


async def test_a_forged_home_tab_is_worth_nothing(committee: Committee) -> None:
    request = await committee.request()
    client = AsyncWebClient(committee.office.workspace.bot_token, base_url=committee.office.workspace.api_url)
    buttons = {key: part for key, part in request.blocks[-1].items() if key != "block_id"}
    await client.views_publish(user_id=FIRST, view={"type": "home", "blocks": [buttons]})
    home = committee.office.workspace.state.views.homes[FIRST]
    await committee.office.workspace.people.press_in_view(home.id, Touch("pvo.approve"))
    await committee.office.until(
        lambda: committee.stack(FIRST) != [] and "/invite" in said(committee.stack(FIRST)[-1])
    )
    assert [(row.actor, row.channel) for row in await committee.rows("refused")] == [(FIRST, None)]


async def test_a_button_of_a_request_that_nobody_knows(committee: Committee) -> None:
    request = await committee.request()
    unknown = json.loads(json.dumps(request.blocks).replace((await committee.of(request)).id, "01NOTHING"))
    request.blocks = unknown
    assert "no such remediation any more" in said(await committee.decide(FIRST, request))
    assert "Esa corrección ya no existe" in said(await committee.decide(SECOND, request, "pvo.reject"))
    rows = await committee.rows("refused")
    assert [(row.request, row.actor, row.channel) for row in rows] == [
        ("01NOTHING", user, "C0OPS") for user in (FIRST, SECOND)
    ]
    assert {row.reason for row in rows} == {"There is no such remediation any more."}
    assert "Guests may not use this bot" in said(await committee.decide(GUEST, request))
    assert [row.actor for row in await committee.rows("refused") if row.request == "01NOTHING"][-1] == GUEST


async def test_an_approver_who_is_none_any_more_when_he_submits(committee: Committee) -> None:
    request = await committee.request()
    view = await committee.open(FIRST, request, "pvo.approve")
    committee.office.inventory = inventory_with(SECOND)
    assert "U0APPROVER is not an approver of site-a" in said(await committee.submit(view))
    assert (await committee.of(request)).approvals == ()


async def test_a_user_group_counts_for_those_who_were_in_it_when_it_was_asked_for(
    committee: Committee,
) -> None:
    committee.office.inventory = inventory_with("S0MAILADMINS")
    groups = committee.office.workspace.state.groups
    groups["S0MAILADMINS"] = [FIRST]
    request = await committee.request()
    groups["S0MAILADMINS"] = [FIRST, SECOND]
    assert "still needs 1 approval" in said(await committee.decide(FIRST, request))
    assert "no estaba" in said(
        await committee.decide(SECOND, request)
    ) or "was not in the user group" in said(committee.stack(SECOND)[-1])
    (approval,) = (await committee.of(request)).approvals
    assert (approval.user, approval.group) == (FIRST, "S0MAILADMINS")


async def test_rejecting_says_by_whom_when_and_why(committee: Committee) -> None:
    request = await committee.request()
    open_modal = await committee.open(SECOND, request, "pvo.approve")
    assert "Nothing was sent" in said(await committee.decide(FIRST, request, "pvo.reject", "not on a Friday"))
    await committee.office.until(lambda: "rejected" in request.text)
    for words in ("rejected by <@U0APPROVER>", "not on a Friday"):
        assert words in json.dumps(request.blocks)
    assert "pvo.approve" not in json.dumps(request.blocks)
    assert "La rechazó <@U0APPROVER>: no se envía nada." in said(await committee.submit(open_modal))
    (row,) = await committee.rows("rejected")
    assert (row.actor, row.reason) == (FIRST, "not on a Friday")
    assert (await committee.of(request)).state is State.REJECTED


async def test_the_requester_may_take_it_back(committee: Committee) -> None:
    request = await committee.request()
    await committee.decide(OPERATOR, request, "pvo.reject", "it was the wrong one")
    await committee.office.until(lambda: "rejected by <@U0OPERATOR>" in json.dumps(request.blocks))


async def test_a_press_is_held_until_the_message_of_the_request_is_known(committee: Committee) -> None:
    office = committee.office
    card = await committee.card()
    await office.settled(card)
    before = len(office.cards())
    with capture_logs() as logs:
        office.workspace.weather.set(resets_after_storing=1)
        await committee.ask(card)
        await office.until(lambda: len(office.cards()) > before)
        request = office.cards()[-1]
        assert request.metadata
        remediation = request.metadata["event_payload"]["request"]
        found = await committee.remedies.get(remediation)
        assert found
        assert found.message is None
        view = await committee.open(FIRST, request, "pvo.approve")
    assert "OUTBOUND" in said(view)
    assert "still needs 1 approval" in said(await committee.submit(view))
    assert [line["seconds"] for line in logs if line["event"] == "request.later"] == [1.0]
    assert await committee.rows("refused") == []
    assert len(office.cards()) == before + 1
    message = (await committee.of(request)).message
    assert message
    assert (message.channel, message.ts) == ("C0OPS", request.ts)


async def test_whoever_asked_cannot_approve_by_another_id(office: Office) -> None:
    give_second_id(office.workspace, OPERATOR, "U0OLIVIA", "W0OLIVIA")
    async with committee_in(office, inventory_with(FIRST, "U0OLIVIA")) as committee:
        request = await committee.request()
        view = await committee.decide("U0OLIVIA", request)
        assert "Whoever asked for it cannot approve it" in said(view)
        assert (await committee.of(request)).approvals == ()
        assert [row.actor for row in await committee.rows("refused")] == ["U0OLIVIA"]
        assert "Nothing was sent" in said(await committee.decide("U0OLIVIA", request, "pvo.reject"))


async def test_two_ids_of_one_approver_are_one_approval(office: Office) -> None:
    give_second_id(office.workspace, FIRST, "U0AMIR", "W0AMIR")
    async with committee_in(office, inventory_with("W0AMIR", SECOND, "U0AMIR")) as committee:
        request = await committee.request()
        assert "still needs 1 approval" in said(await committee.decide(FIRST, request))
        assert "Your approval is already there" in said(await committee.decide("U0AMIR", request))
        (approval,) = (await committee.of(request)).approvals
        assert (approval.user, approval.person) == (FIRST, "W0AMIR")
        await committee.decide(SECOND, request)
        assert (await committee.of(request)).state is State.QUEUED
