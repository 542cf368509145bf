"""Workers killed in the middle: nothing is sent twice, and what is said in the end is true."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.lab.appliances import Lab, LabSettings
from bot.model.remediation import Remediation, RemediationState
from tests.remediation import dying_worker
from tests.remediation.theatre import FIRST, PLANS, SECOND, Theatre

STARTED, LINE = 4, 6
"""Steps of permission and start, and of each line: written down, typed, answer written down, each begun and done."""
QUIET = LabSettings(retry_interval=0.5, connect_timeout=0.5, telnet_timeout=1.0, reboot_time=1.0)
UNTOLD = (RemediationState.NOT_RESOLVED, RemediationState.COULD_NOT_TELL)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with Lab(tmp_path, settings=QUIET) as running:
        yield running


@asynccontextmanager
async def worker(
    redis_url: str, lab: Lab, step: int = 0, blow: int = signal.SIGKILL
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker process that dies at a step, or what else the signal does to it."""
    root = str(Path(__file__).parents[2])
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            dying_worker.__name__,
            redis_url,
            str(lab.inventory),
            str(step),
            str(int(blow)),
        ),
        cwd=root,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def approved(theatre: Theatre, name: str) -> tuple[Remediation, int]:
    """A remediation that waits for a worker, and how many lines its appliance had received before."""
    fault, proposal, _ = PLANS[name]
    await theatre.lab.inject(fault)
    await theatre.lab.settle()
    requested = await theatre.request(proposal)
    assert requested.plan
    before = len(theatre.typed(requested.plan.appliance))
    approvers = (FIRST, SECOND)[: requested.plan.approvals]
    return await theatre.approve(requested, *approvers), before


async def ended(theatre: Theatre, remediation: Remediation, within: float = 90.0) -> Remediation:
    async with asyncio.timeout(within):
        while not (current := await theatre.get(remediation)).state.final:  # noqa: ASYNC110 — other processes change it
            await asyncio.sleep(0.1)
        return current


async def reached(theatre: Theatre, remediation: Remediation, state: RemediationState) -> Remediation:
    async with asyncio.timeout(60):
        while (current := await theatre.get(remediation)).state is not state:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return current


def changing(theatre: Theatre, remediation: Remediation, before: int) -> list[str]:
    """What the appliance received of the plan: checks type the first line and Enter too, so these do not count."""
    assert remediation.plan
    telling = {line for line in remediation.plan.commands if line not in ("sslconfig", "", "1")}
    return [line for line in theatre.typed(remediation.plan.appliance, before) if line in telling]


async def expect_unused(theatre: Theatre, remediation: Remediation, before: int) -> None:
    """The worker ended between its permission and its first word about it: nobody may use the approval again."""
    assert remediation.state is RemediationState.REFUSED
    assert "used before" in (remediation.reason or "")
    assert changing(theatre, remediation, before) == []
    assert "started" not in [row.event for row in await theatre.rows(remediation)]


async def expect_truth(theatre: Theatre, remediation: Remediation, before: int) -> None:
    plan = remediation.plan
    assert plan
    planned = [line for line in plan.commands if line not in ("sslconfig", "", "1")]
    received = changing(theatre, remediation, before)
    assert received == planned[: len(received)], "a prefix of the plan, and nothing twice"
    rows = await theatre.rows(remediation)
    sent = [row.lines[0] for row in rows if row.event == "sent"]
    assert sent == list(plan.commands[: len(sent)])
    assert [row.event for row in rows].count("started") == 1
    assert rows[-1].event == remediation.state.value
    assert await theatre.trail.find_break() is None
    if remediation.state is RemediationState.VERIFIED:
        assert theatre.lab.active_faults == (), remediation.reason
    else:
        assert remediation.state in UNTOLD, remediation.reason
    if remediation.state is RemediationState.NOT_RESOLVED:
        assert theatre.lab.active_faults, remediation.reason


async def kill_at(theatre: Theatre, redis_url: str, name: str, step: int) -> None:
    """One worker dies at the step, the next one finds out what happened and says so."""
    queued, before = await approved(theatre, name)
    async with worker(redis_url, theatre.lab, step) as first:
        code = await asyncio.wait_for(first.wait(), 60)
    assert code == -signal.SIGKILL
    expect = expect_unused if step in (2, 3) else expect_truth
    async with worker(redis_url, theatre.lab):
        await expect(theatre, await ended(theatre, queued), before)


@pytest.mark.parametrize("name", [name for name in PLANS if name != "reboot"])
async def test_killed_after_the_last_line_was_sent(theatre: Theatre, redis_url: str, name: str) -> None:
    """The worst moment: the line is out, and nobody wrote down what the appliance said to it."""
    lines = PLANS[name][2]
    count = len(lines) - (name == "resumedel")  # its last line is optional, and not asked for here
    await kill_at(theatre, redis_url, name, STARTED + LINE * (count - 1) + 4)


def every_step() -> list[tuple[str, int]]:
    return [
        (name, step)
        for name, (_, _, lines) in PLANS.items()
        for step in range(1, STARTED + LINE * (len(lines) - (name == "resumedel")) + 3)
    ]


@pytest.mark.soak
@pytest.mark.parametrize(("name", "step"), every_step())
async def test_killed_at_every_step(theatre: Theatre, redis_url: str, name: str, step: int) -> None:
    await kill_at(theatre, redis_url, name, step)


async def test_a_worker_that_stops_finishes_the_lines_in_hand(theatre: Theatre, redis_url: str) -> None:
    queued, before = await approved(theatre, "ciphers")
    async with worker(redis_url, theatre.lab) as first:
        async with asyncio.timeout(30):
            while (await theatre.get(queued)).state is RemediationState.QUEUED:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        first.terminate()
        assert await asyncio.wait_for(first.wait(), 30) == 0
    assert changing(theatre, await theatre.get(queued), before).count("commit") == 1
    async with worker(redis_url, theatre.lab):
        final = await ended(theatre, queued)
    assert final.state is RemediationState.VERIFIED, final.reason
    await expect_truth(theatre, final, before)


async def test_a_paused_worker_does_not_send_its_line(theatre: Theatre, redis_url: str) -> None:
    """It stops right after the line was written down, loses its lease, and wakes up when all is over."""
    queued, before = await approved(theatre, "resume")
    async with worker(redis_url, theatre.lab, STARTED + 2, signal.SIGSTOP) as paused:
        async with asyncio.timeout(30):
            while "sent" not in [row.event for row in await theatre.rows(queued)]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        async with worker(redis_url, theatre.lab):
            waiting = await reached(theatre, queued, RemediationState.WAITING)
            assert "may still have sent the line" in (waiting.reason or "")
            final = await ended(theatre, queued)
        paused.send_signal(signal.SIGCONT)
        await asyncio.sleep(1.0)
        paused.terminate()
        assert await asyncio.wait_for(paused.wait(), 30) == 0
    assert final.state is RemediationState.NOT_RESOLVED
    assert "may still" not in (final.reason or "")
    assert changing(theatre, final, before) == []
    assert await theatre.get(queued) == final


async def test_two_workers_send_every_line_once(theatre: Theatre, redis_url: str) -> None:
    queued, before = await approved(theatre, "ciphers")
    async with worker(redis_url, theatre.lab), worker(redis_url, theatre.lab):
        final = await ended(theatre, queued)
    assert final.state is RemediationState.VERIFIED, final.reason
    await expect_truth(theatre, final, before)
