"""Every plan on its whole way against the simulated site: planned, approved, typed once, proven, on the record."""

import pytest

from bot.knowledge import load
from bot.model.remediation import RemediationState
from bot.remediation.recipes import RECIPES
from tests.remediation.theatre import FIRST, PLANS, SECOND, Theatre


@pytest.mark.parametrize("name", PLANS)
async def test_a_plan_is_typed_once_and_proven(theatre: Theatre, name: str) -> None:
    fault, proposal, lines = PLANS[name]
    await theatre.lab.inject(fault)
    await theatre.lab.settle()
    requested = await theatre.request(proposal)
    assert requested.plan is not None
    assert requested.plan.commands == lines
    before = len(theatre.typed(requested.plan.appliance))

    approvers = (FIRST, SECOND)[: requested.plan.approvals]
    queued = await theatre.approve(requested, *approvers)
    assert queued.state is RemediationState.QUEUED
    ended = await theatre.run(queued)

    # Mail that piles up faster than it leaves is not cured by hurrying it: that is what must be said.
    expected = RemediationState.NOT_RESOLVED if name == "delivernow" else RemediationState.VERIFIED
    assert ended.state is expected, ended.reason
    lines = tuple(line.text for line in requested.plan.lines if not line.optional or name == "ciphers")
    received = theatre.typed(requested.plan.appliance, before)
    at = received.index(lines[0]) if name != "ciphers" else received.index("OUTBOUND") - 1
    assert tuple(received[at : at + len(lines)]) == lines
    for line in {lines[0], lines[-2:][0]} - {"sslconfig", "1"}:
        assert received.count(line) == 1
    rows = await theatre.rows(ended)
    assert [row.event for row in rows if row.event not in ("sent", "answered")] == [
        *("requested", *["approved"] * len(approvers), "started", expected.value)
    ]
    assert tuple(row.lines[0] for row in rows if row.event == "sent") == lines
    assert {row.digest for row in rows} == {requested.plan.digest}
    assert await theatre.trail.find_break() is None


def test_every_plan_has_its_way_here() -> None:
    offered = {fix.id for entry in load().entries.values() for fix in entry.fixes if fix.kind == "approval"}
    assert offered == set(RECIPES) == {proposal.fix for _, proposal, _ in PLANS.values()}
