"""Fixes on their whole way against the simulated site: planned, approved, typed once, proven, on the record."""

from bot.model.remediation import RemediationState
from tests.remediation.theatre import CIPHER_LINES, CIPHERS, FIRST, RESUME, SECOND, Theatre


async def test_cipher_list_is_repaired_once_and_proven(theatre: Theatre) -> None:
    await theatre.lab.inject("anonymous-cipher")
    await theatre.lab.settle()
    requested = await theatre.request(CIPHERS)
    assert requested.plan is not None
    assert requested.plan.commands == CIPHER_LINES
    assert requested.plan.approvals == 2
    before = len(theatre.typed("esa-a2"))

    queued = await theatre.approve(requested, FIRST, SECOND)
    assert queued.state is RemediationState.QUEUED
    ended = await theatre.run(queued)

    assert ended.state is RemediationState.VERIFIED, ended.reason
    received = theatre.typed("esa-a2", before)
    at = received.index("OUTBOUND") - 1
    assert tuple(received[at : at + len(CIPHER_LINES)]) == CIPHER_LINES
    assert received.count("OUTBOUND") == received.count("commit") == 1
    assert theatre.lab.active_faults == ()
    rows = await theatre.rows(ended)
    assert [row.event for row in rows if row.event not in ("sent", "answered")] == [
        *("requested", "approved", "approved", "started", "verified")
    ]
    assert tuple(row.lines[0] for row in rows if row.event == "sent") == CIPHER_LINES
    assert await theatre.trail.find_break() is None


async def test_sma_is_resumed_after_one_approval(theatre: Theatre) -> None:
    await theatre.lab.inject("sma-suspended")
    await theatre.lab.settle()
    ended = await theatre.run(await theatre.approve(await theatre.request(RESUME), FIRST))

    assert ended.state is RemediationState.VERIFIED, ended.reason
    assert theatre.typed("sma-a").count("resume") == 1
    assert ended.undoable
