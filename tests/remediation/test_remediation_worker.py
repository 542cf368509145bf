"""`pvo worker` as a process, and appliances of other shapes."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from bot.jobs.redis import Client
from bot.lab.appliances import Lab, LabSettings, Shape
from bot.model.remediation import Remediation, RemediationState
from bot.probes.live import LiveDoors
from tests.remediation.theatre import CIPHERS, FIRST, KEY, RESUME, Theatre, propose


async def test_only_changes_carries_a_remediation_to_its_end(theatre: Theatre, redis_url: str) -> None:
    await theatre.lab.inject("sma-suspended")
    environment = os.environ | {
        "REDIS_URL": redis_url,
        "PVO_INVENTORY": str(theatre.lab.inventory),
        "PVO_APPROVAL_KEY": KEY.decode(),
        "PVO_LOG_FORMAT": "json",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "worker", "--only-changes"),
        cwd=str(Path(__file__).parents[2]),
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        made = await theatre.propose(RESUME)
        planned = await reach(theatre, made.id, RemediationState.PLANNED)
        assert planned.plan
        await theatre.ask_for(planned)
        await theatre.approve(planned, FIRST)
        await reach(theatre, made.id, RemediationState.VERIFIED)
        process.terminate()
        _, logs = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    lines = [line for line in map(json.loads, logs.splitlines()) if "remediation" in line]
    assert [line["event"] for line in lines] == ["remediation.started", "remediation.ended"]
    assert {(line["run"], line["site"]) for line in lines} == {("01RUN", "site-a")}


async def reach(theatre: Theatre, remediation: str, state: RemediationState) -> Remediation:
    async with asyncio.timeout(60):
        while True:
            current = await theatre.app.get(remediation)
            assert current
            if current.state is state:
                return current
            assert not current.state.final, current.reason
            await asyncio.sleep(0.1)


@pytest.fixture
def clustered() -> LabSettings:
    return LabSettings(message_interval=0, release_interval=0, shape=Shape(cluster="Main Cluster"))


async def test_in_a_cluster_the_level_is_for_a_person_to_choose(
    client: Client, doors: LiveDoors, clustered: LabSettings, tmp_path: Path
) -> None:
    async with Lab(tmp_path, ["anonymous-cipher"], clustered) as lab:
        theatre = Theatre(client, lab, doors)
        refused = await theatre.plan(CIPHERS)
        assert refused.state is RemediationState.REFUSED
        assert "which level holds the setting is not known" in (refused.reason or "")
        assert "OUTBOUND" not in theatre.typed("esa-a2")


async def test_in_a_cluster_what_concerns_one_machine_is_done_there(
    client: Client, doors: LiveDoors, clustered: LabSettings, tmp_path: Path
) -> None:
    async with Lab(tmp_path, ["esa-suspended"], clustered) as lab:
        theatre = Theatre(client, lab, doors)
        fix = propose("setup.service.esa-suspended", "esa-a1", "resume-appliance")
        request = await theatre.request(fix)
        assert request.plan
        assert request.plan.mode == "machine"
        ended = await theatre.run(await theatre.approve(request, FIRST, "U0SECOND"))
        assert ended.state is RemediationState.VERIFIED, ended.reason
        assert theatre.typed("esa-a1").count("resume") == 1


async def test_mail_that_waits_for_a_later_attempt_is_hurried(
    client: Client, doors: LiveDoors, tmp_path: Path
) -> None:
    """The SMA was resumed by hand; the ESA would try again in an hour."""
    settings = LabSettings(message_interval=0, release_interval=0, retry_interval=3600.0)
    async with Lab(tmp_path, ["sma-suspended"], settings) as lab:
        sma = lab.appliances["sma-a"]
        sma.set_receiving(sma.listeners, suspended=False)
        sma.set_delivery(suspended=False)
        theatre = Theatre(client, lab, doors)
        request = await theatre.request(propose("queue.quarantine.stalled", "esa-a1 -> sma-a", "deliver-now"))
        assert request.plan
        assert request.plan.commands == ("delivernow", "1", "the.cpq.host")
        ended = await theatre.run(await theatre.approve(request, FIRST))
        assert ended.state is RemediationState.VERIFIED, ended.reason
        assert not ended.undoable
