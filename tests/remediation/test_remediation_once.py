"""One approval is used once, whatever state Redis goes back to, and however late the line would be."""

import asyncio
import datetime as dt
from contextlib import suppress
from typing import Any

import pytest

from bot.jobs.operate import RedisLedger
from bot.jobs.permissions import RedisPermissions
from bot.jobs.redis import Client
from bot.jobs.state import State
from bot.model.errors import NotAllowed
from bot.model.remediation import Ask, AuditRow, Permission, Progress, Remediation, RemediationState
from bot.model.remediation_ports import Superseded
from bot.remediation import permission
from bot.remediation.permission import LASTS, Permit, ticks
from bot.remediation.seal import Seal
from tests.jobs.snapshots import Snapshot, put_back, take_snapshot
from tests.remediation.theatre import (
    CIPHERS,
    FIRST,
    PLANS,
    RESUME,
    SECOND,
    Theatre,
    make_surgeon,
    opened_doors,
    press_of,
)


class PhotographedLedger(RedisLedger):
    """A ledger with a snapshot of Redis before and after each of its steps."""

    album: list[Snapshot]

    async def put(self, after: Remediation, *rows: AuditRow) -> Remediation:
        self.album.append(await take_snapshot(self._state._client))
        written = await super().put(after, *rows)
        self.album.append(await take_snapshot(self._state._client))
        return written

    async def permission(self, ask: Ask) -> Permission | None:
        found = await super().permission(ask)
        self.album.append(await take_snapshot(self._state._client))
        return found


async def run_again(theatre: Theatre, remediation: Remediation) -> Remediation:
    """By a worker that was not there before."""
    with opened_doors() as doors:
        theatre.surgeon = make_surgeon(lambda: theatre.inventory, doors, theatre.seal, theatre.clock)
        return await theatre.run(remediation)


async def expect_once(theatre: Theatre, name: str) -> None:
    """Carries out a plan, then puts Redis back to each moment of it; nothing is typed again."""
    fault, proposal, _ = PLANS[name]
    await theatre.lab.inject(fault)
    await theatre.lab.settle()
    requested = await theatre.request(proposal)
    assert requested.plan
    appliance, telling = requested.plan.appliance, [*filter(None, requested.plan.commands)][-1]
    queued = await theatre.approve(requested, *(FIRST, SECOND)[: requested.plan.approvals])
    PhotographedLedger.album = [await take_snapshot(theatre.client)]
    theatre.open_ledger = PhotographedLedger
    assert (await theatre.run(queued)).state is RemediationState.VERIFIED
    theatre.open_ledger = RedisLedger
    typed = theatre.typed(appliance).count(telling)
    album = PhotographedLedger.album
    assert len(album) > 6
    for snapshot in album[:-1]:  # after the last step it is over
        await theatre.lab.inject(fault)
        await put_back(theatre.client, snapshot)
        ended = await run_again(theatre, queued)
        assert ended.state is not RemediationState.VERIFIED, ended.reason
        assert theatre.typed(appliance).count(telling) == typed


async def test_redis_goes_back_to_every_step(theatre: Theatre) -> None:
    await expect_once(theatre, "resume")


@pytest.mark.soak
@pytest.mark.parametrize("name", [name for name in PLANS if name not in ("resume", "reboot")])
async def test_redis_goes_back_to_every_step_of_every_plan(theatre: Theatre, name: str) -> None:
    await expect_once(theatre, name)


async def test_two_workers_that_believe_they_are_alone(theatre: Theatre, client: Client) -> None:
    """After Redis went back both hold what they need, and both ask at the same moment: one is first."""
    await theatre.lab.inject("sma-suspended")
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    asks = [Ask(remediation=queued.id, worker=f"W{n}", question=f"Q{n}") for n in range(5)]
    answers = await asyncio.gather(*(RedisPermissions(State(client)).ask(ask, 5.0) for ask in asks))
    assert sorted(answer.granted for answer in answers if answer) == [False] * 4 + [True]


async def test_where_the_witness_is_away_nothing_is_typed(theatre: Theatre) -> None:
    await theatre.lab.inject("sma-suspended")
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    theatre.witness.away = True
    assert await theatre.attend(queued) is not None
    assert (await theatre.get(queued)).state is RemediationState.QUEUED
    assert "resume" not in theatre.typed("sma-a")
    theatre.witness.away = False
    assert (await theatre.run(queued)).state is RemediationState.VERIFIED


async def test_two_attempts_of_one_worker(theatre: Theatre) -> None:
    """The lease is lost while a permission is waited for, and the same worker takes the remediation again."""
    await theatre.lab.inject("sma-suspended")
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    before = await take_snapshot(theatre.client)
    granted = asyncio.Event()

    class Late(RedisLedger):
        async def permission(self, ask: Ask) -> Permission | None:
            found = await super().permission(ask)
            if not granted.is_set():
                granted.set()
                await theatre.client.delete("pvo:hold:sma-a")
                await theatre.run(queued)
                await theatre.lab.inject("sma-suspended")
                await put_back(theatre.client, before)
            return found

    theatre.open_ledger = Late
    with suppress(Superseded):
        await theatre.attend(queued)
    assert theatre.typed("sma-a").count("resume") == 1


async def test_an_answer_to_another_question(theatre: Theatre, client: Client) -> None:
    """A real, signed permission, kept by whoever can write to Redis, for the next time."""
    await theatre.lab.inject("sma-suspended")
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)

    class Replayed(RedisLedger):
        async def permission(self, ask: Ask) -> Permission | None:
            earlier = ask.model_copy(update={"question": "earlier"})
            return await super().permission(earlier)

    theatre.open_ledger = Replayed
    ended = await theatre.run(queued)
    assert ended.state is RemediationState.REFUSED
    assert "signature does not hold" in (ended.reason or "")
    assert "resume" not in theatre.typed("sma-a")


async def test_the_permission_ran_out_while_the_line_was_written_down(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    await theatre.lab.inject("sma-suspended")
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)

    class Slow(RedisLedger):
        async def put(self, after: Remediation, *rows: AuditRow) -> Remediation:
            written = await super().put(after, *rows)
            if "sent" in [row.event for row in rows]:
                monkeypatch.setattr(permission, "ticks", lambda: ticks() + LASTS)
            return written

    theatre.open_ledger = Slow
    ended = await theatre.run(queued)
    assert "permission to send the first line had expired" in (ended.reason or "")
    assert "resume" not in theatre.typed("sma-a")


async def test_the_app_signs_nothing_that_it_did_not_write(theatre: Theatre) -> None:
    """A forged record without a message: recording the message must not sign the rest."""
    await theatre.lab.inject("sma-suspended")
    requested = await theatre.request(RESUME)
    forged = requested.model_copy(
        update={"state": RemediationState.STARTED, "message": None, "progress": Progress(done=True)}
    )
    await write(theatre, forged)
    with pytest.raises(NotAllowed, match="signature does not hold"):
        await theatre.app.posted(requested.id, "C0OPS", "1.1")


async def test_a_permission_written_by_somebody_else(theatre: Theatre, client: Client) -> None:
    """Whoever can write to Redis answers before the app does."""
    await theatre.lab.inject("sma-suspended")
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    theatre.witness.away = True

    class Bribed(RedisLedger):
        async def permission(self, ask: Ask) -> Permission | None:
            now, about = dt.datetime.now(dt.UTC), ask.model_dump()
            forged = Permission(granted=True, used_at=now, **about)
            await RedisPermissions(State(client)).answer(
                Seal(b"the key of somebody else").sign_permission(forged)
            )
            return await super().permission(ask)

    theatre.open_ledger = Bribed
    ended = await theatre.run(queued)
    assert ended.state is RemediationState.REFUSED
    assert "signature does not hold" in (ended.reason or "")
    assert "resume" not in theatre.typed("sma-a")


def test_a_permission_lasts_for_seconds() -> None:
    assert Permit().lasts
    assert not Permit(ticks() - LASTS).lasts


async def test_the_first_line_came_too_late(theatre: Theatre) -> None:
    """All was in time until the line was written down, which took Redis eleven minutes."""
    await theatre.lab.inject("sma-suspended")
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)

    class Slow(RedisLedger):
        async def put(self, after: Remediation, *rows: AuditRow) -> Remediation:
            written = await super().put(after, *rows)
            if "sent" in [row.event for row in rows]:
                theatre.clock.ahead = dt.timedelta(minutes=11)
            return written

    theatre.open_ledger = Slow
    ended = await theatre.run(queued)
    assert ended.state is RemediationState.NOT_RESOLVED
    assert "more than 10 minutes old" in (ended.reason or "")
    assert ended.progress
    assert ended.progress.sent == 0
    assert "resume" not in theatre.typed("sma-a")
    assert [row.event for row in await theatre.rows(ended)][-4:] == [
        *("started", "sent", "refused", "not-resolved")
    ]


@pytest.mark.parametrize(
    "state", [RemediationState.STARTED, RemediationState.WAITING, RemediationState.REQUESTED]
)
async def test_what_redis_says_was_begun_or_asked(theatre: Theatre, state: RemediationState) -> None:
    """A remediation of which no person knows is not followed, proven or put on the record."""
    await theatre.lab.inject("sma-suspended")
    planned = await theatre.plan(RESUME)
    await theatre.lab.mend("sma-suspended")
    progress = Progress(sent=1, answered=1, done=True)
    until = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)
    forged = planned.model_copy(update={"state": state, "progress": progress, "until": until})
    await write(theatre, forged)
    theatre.clock.ahead = dt.timedelta(minutes=31)
    assert (await theatre.run(planned)).state is RemediationState.REFUSED
    assert await theatre.rows(planned) == []


async def test_what_was_approved_and_never_begun(theatre: Theatre) -> None:
    """The approvals are real; that its lines were sent is not."""
    await theatre.lab.inject("sma-suspended")
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    await theatre.lab.mend("sma-suspended")
    progress = Progress(sent=1, answered=1, done=True)
    await write(theatre, queued.model_copy(update={"state": RemediationState.STARTED, "progress": progress}))
    assert (await theatre.run(queued)).state is RemediationState.REFUSED
    assert "verified" not in [row.event for row in await theatre.rows(queued)]


async def write(theatre: Theatre, forged: Remediation) -> None:
    """What somebody with write access to Redis can do."""
    await theatre.client.hset(f"pvo:remedy:{forged.id}", "text", forged.model_dump_json())  # type: ignore[misc]


@pytest.mark.parametrize("signed", [True, False])
async def test_a_plan_swapped_between_reading_and_pressing(theatre: Theatre, signed: bool) -> None:
    """Also without a key: what was read is not what stands there."""
    await theatre.lab.inject("sma-suspended")
    requested = await theatre.request(RESUME)
    assert requested.plan
    seen = requested.plan.seen.model_copy(update={"others": ("nobody",)})
    swapped: dict[str, Any] = {"plan": requested.plan.model_copy(update={"seen": seen})}
    if not signed:  # what one can do who has the key, or where there is none
        assert requested.request
        request = requested.request.model_copy(update={"shown": swapped["plan"].shown})
        swapped["request"] = theatre.seal.sign_request(requested, request)
    forged = requested.model_copy(update=swapped)
    await write(theatre, forged if signed else theatre.seal.sign_record(forged))
    read = press_of(FIRST).model_copy(update={"shown": requested.plan.shown})
    words = "signature does not hold" if signed else "not the one that you read"
    with pytest.raises(NotAllowed, match=words):
        await theatre.app.approve(requested.id, read)


async def test_another_host_key_is_another_plan(theatre: Theatre) -> None:
    """What answers at run time is not what answered when people said yes."""
    await theatre.lab.inject("anonymous-cipher")
    await theatre.lab.settle()
    requested = await theatre.request(CIPHERS)
    assert requested.plan
    assert requested.plan.endpoint
    queued = await theatre.approve(requested, FIRST, SECOND)

    def move(data: dict[str, Any]) -> None:
        data["appliances"]["esa-a2"]["host"] = "localhost"

    theatre.change_inventory(move)
    ended = await theatre.run(queued)
    assert ended.state is RemediationState.REFUSED
    assert "not the one that would be carried out" in (ended.reason or "")
    assert "OUTBOUND" not in theatre.typed("esa-a2")
