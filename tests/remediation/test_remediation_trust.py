"""Write access to Redis, or a stolen bot token, is not enough: the worker sends nothing, and says why."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.jobs.presence import RedisPresence
from bot.jobs.redis import Client
from bot.lab.appliances import Lab, LabSettings
from bot.model.errors import NotAllowed
from bot.model.presence import RHYTHM
from bot.model.remediation import Approval, Remediation, RemediationState
from bot.probes.live import LiveDoors
from bot.remediation.seal import Seal
from tests.remediation.theatre import CHANNEL, FIRST, RESUME, SECOND, TS, Theatre, press_of

QUIET = LabSettings(message_interval=0, release_interval=0, retry_interval=0.5)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with Lab(tmp_path, ["sma-suspended"], QUIET) as running:
        yield running


async def overwrite(theatre: Theatre, remediation: Remediation, **changes: Any) -> Remediation:
    """What somebody with write access to Redis can do: any record, whatever the rules say."""
    forged = remediation.model_copy(update=changes)
    await theatre.client.hset(f"pvo:remedy:{remediation.id}", "text", forged.model_dump_json())  # type: ignore[misc]
    return await theatre.get(remediation)


def approval_of(remediation: Remediation, user: str = FIRST, seal: str = "") -> Approval:
    assert remediation.request
    at, digest = dt.datetime.now(dt.UTC), remediation.request.digest
    shown = remediation.request.shown
    return Approval(user=user, digest=digest, shown=shown, channel=CHANNEL, ts=TS, at=at, seal=seal)


async def expect_nothing_sent(theatre: Theatre, remediation: Remediation, words: str) -> None:
    ended = await theatre.run(remediation)
    assert ended.state is RemediationState.REFUSED
    assert words in (ended.reason or "")
    assert "resume" not in theatre.typed("sma-a")
    assert (await theatre.rows(ended))[-1].event == "refused"
    assert await theatre.trail.find_break() is None


@pytest.mark.parametrize("seal", ["", "f" * 64, "é"])
async def test_an_approval_written_into_redis(theatre: Theatre, seal: str) -> None:
    request = await theatre.request(RESUME)
    forged = await overwrite(
        theatre, request, approvals=(approval_of(request, seal=seal),), state=RemediationState.QUEUED
    )
    await expect_nothing_sent(theatre, forged, "A signature does not hold")


async def test_a_whole_remediation_written_into_redis_with_another_key(theatre: Theatre) -> None:
    request = await theatre.request(RESUME)
    thief = Seal(b"the key of somebody else, long enough")
    assert request.request
    assert request.message
    resealed = request.model_copy(update={"request": thief.sign_request(request, request.request)})
    resealed = resealed.model_copy(update={"message": thief.sign_message(resealed, request.message)})
    approval = thief.sign_approval(resealed, approval_of(request))
    forged = await overwrite(
        theatre,
        request,
        request=resealed.request,
        message=resealed.message,
        approvals=(approval,),
        state=RemediationState.QUEUED,
    )
    await expect_nothing_sent(theatre, forged, "A signature does not hold")


async def test_a_requester_who_hides_behind_another_name(theatre: Theatre) -> None:
    """He writes somebody else into the request, so that he may approve it himself."""
    theatre.change_inventory(lambda data: data["access"]["approvers"].append("U0OPERATOR"))
    request = await theatre.request(RESUME)
    assert request.request
    forged = await overwrite(theatre, request, request=request.request.model_copy(update={"user": SECOND}))
    with pytest.raises(NotAllowed, match="signature does not hold"):
        await theatre.app.approve(forged.id, press_of("U0OPERATOR"))


async def test_a_plan_that_says_something_else_than_it_does(theatre: Theatre) -> None:
    """What approvers are shown comes from Redis; what they sign is the digest of the plan that was asked for."""
    planned = await theatre.plan(RESUME)
    assert planned.plan
    harmless = planned.plan.model_copy(update={"effect": "Nothing at all.", "approvals": 1})
    swapped = await overwrite(theatre, planned, plan=harmless)
    with pytest.raises(NotAllowed, match="signature does not hold"):
        await theatre.ask_for(swapped)
    swapped = await overwrite(theatre, planned, **dict(theatre.seal.sign_record(swapped)))
    queued = await theatre.approve(await theatre.ask_for(swapped), FIRST)
    await expect_nothing_sent(theatre, queued, "not the one that would be carried out")


async def test_a_plan_exchanged_after_it_was_asked_for(theatre: Theatre) -> None:
    request = await theatre.request(RESUME)
    assert request.plan
    await overwrite(theatre, request, plan=request.plan.model_copy(update={"effect": "Nothing at all."}))
    with pytest.raises(NotAllowed, match="signature does not hold"):
        await theatre.approve(request, FIRST)


async def test_a_press_on_a_forged_card_of_a_stolen_bot_token(theatre: Theatre) -> None:
    request = await theatre.request(RESUME)
    with pytest.raises(NotAllowed, match="Only the buttons on the message"):
        await theatre.app.approve(request.id, press_of(FIRST, ts="1700000000.666666"))
    refused = (await theatre.rows(request))[-1]
    assert (refused.event, refused.actor) == ("refused", FIRST)
    assert (await theatre.get(request)).approvals == ()


async def test_a_forged_card_made_the_requests_own_in_redis(theatre: Theatre) -> None:
    request = await theatre.request(RESUME)
    assert request.message
    moved = request.message.model_copy(update={"ts": "1700000000.666666"})
    await overwrite(theatre, request, message=moved)
    with pytest.raises(NotAllowed, match="signature does not hold"):
        await theatre.app.approve(request.id, press_of(FIRST, ts="1700000000.666666"))


@pytest.mark.parametrize("same_worker", [True, False])
async def test_a_finished_remediation_put_back_into_the_queue(theatre: Theatre, same_worker: bool) -> None:
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    ended = await theatre.run(queued)
    assert ended.state is RemediationState.VERIFIED
    await theatre.lab.inject("sma-suspended")
    if not same_worker:
        theatre.surgeon.begun.clear()
    await overwrite(theatre, ended, **dict(queued))
    again = await theatre.run(ended)
    assert "begun before" in (again.reason or "")
    assert theatre.typed("sma-a").count("resume") == 1


def drop_approver(data: dict[str, Any]) -> None:
    data["access"]["approvers"].remove(FIRST)


def drop_operator(data: dict[str, Any]) -> None:
    data["access"]["operators"].clear()


def only_observe(data: dict[str, Any]) -> None:
    data["sites"]["site-a"]["mode"] = "observe"


def open_window(data: dict[str, Any]) -> None:
    data["sites"]["site-a"]["maintenance"] = [{"cron": "* * * * *", "minutes": 90}]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (drop_approver, "U0APPROVER is not an approver of site-a"),
        (drop_operator, "not among the operators"),
        (only_observe, "only observes"),
        (open_window, "maintenance window"),
    ],
)
async def test_the_workers_own_inventory_decides(
    theatre: Theatre, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    theatre.change_inventory(change)
    await expect_nothing_sent(theatre, queued, words)


@pytest.mark.parametrize(
    ("trouble", "words"),
    [({"strange": 1, "connections": 3, "apps": 2}, "3 connections"), ({"at": 0}, "could count")],
)
async def test_somebody_else_may_listen(theatre: Theatre, trouble: dict[str, int], words: str) -> None:
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    await RedisPresence(theatre.state).take_count(RHYTHM)
    await theatre.client.hset("pvo:headcount", mapping=trouble)  # type: ignore[misc]
    await expect_nothing_sent(theatre, queued, words)


async def test_approved_too_long_ago(theatre: Theatre) -> None:
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    theatre.clock.ahead = dt.timedelta(minutes=11)
    ended = await theatre.run(queued)
    assert ended.state is RemediationState.LAPSED
    assert (await theatre.rows(ended))[-1].event == "expired"
    assert "resume" not in theatre.typed("sma-a")


async def test_a_request_that_nobody_decides_expires(theatre: Theatre) -> None:
    request = await theatre.request(RESUME)
    assert await theatre.attend(request) is None
    assert (await theatre.get(request)).state is RemediationState.REQUESTED
    theatre.clock.ahead = dt.timedelta(minutes=31)
    ended = await theatre.run(request)
    assert ended.state is RemediationState.EXPIRED
    assert (await theatre.rows(ended))[-1].event == "expired"


async def test_a_plan_that_nobody_asks_for_goes(theatre: Theatre) -> None:
    planned = await theatre.plan(RESUME)
    theatre.clock.ahead = dt.timedelta(minutes=31)
    assert (await theatre.run(planned)).state is RemediationState.EXPIRED
    assert await theatre.rows(planned) == []


async def test_without_a_key_it_works_and_the_plan_says_so(
    client: Client, lab: Lab, doors: LiveDoors
) -> None:
    theatre = Theatre(client, lab, doors, Seal())
    request = await theatre.request(RESUME)
    assert request.plan
    assert any("PVO_APPROVAL_KEY" in note for note in request.plan.notes)
    ended = await theatre.run(await theatre.approve(request, FIRST))
    assert ended.state is RemediationState.VERIFIED
