"""What can go wrong on the appliance: nothing half done is left there, and what is said is true."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.jobs.operate import RedisLedger, Tempo
from bot.model.errors import NotAllowed
from bot.model.remediation import AuditRow, Remediation, RemediationState
from tests.remediation.theatre import CIPHER_LINES, CIPHERS, FIRST, RESUME, SECOND, Theatre


async def weaken(theatre: Theatre) -> None:
    await theatre.lab.inject("anonymous-cipher")
    await theatre.lab.settle()


async def test_an_unexpected_question_stops_and_clears(theatre: Theatre) -> None:
    await weaken(theatre)
    queued = await theatre.approve(await theatre.request(CIPHERS), FIRST, SECOND)
    esa = theatre.lab.appliances["esa-a2"]
    question = "Somebody else committed meanwhile. Merge?"
    esa.manners = replace(esa.manners, commit_question=question)
    before = len(theatre.typed("esa-a2"))
    ended = await theatre.run(queued)

    assert ended.state is RemediationState.NOT_RESOLVED
    assert "Merge?" in (ended.reason or "")
    assert "cleared again; nothing was committed" in (ended.reason or "")
    received = theatre.typed("esa-a2", before)
    assert received[received.index("OUTBOUND") - 1 :][:6] == list(CIPHER_LINES[:6])
    [typing] = [lines for lines in esa.received_by_session if "commit" in lines]
    assert [line for line in typing[typing.index("commit") :] if line not in ("showchanges", "status")] == [
        *("commit", "^C", "clear", "Y", "exit")
    ]
    assert esa.configuration["ssl_outbound_ciphers"] == "HIGH:MEDIUM"
    assert (await theatre.rows(ended))[-1].event == "not-resolved"


async def test_a_clear_that_asks_something_else_is_not_answered(theatre: Theatre) -> None:
    await weaken(theatre)
    queued = await theatre.approve(await theatre.request(CIPHERS), FIRST, SECOND)
    esa = theatre.lab.appliances["esa-a2"]
    esa.manners = replace(
        esa.manners, commit_question="Merge?", clear_question="Clear the changes of every administrator?"
    )
    ended = await theatre.run(queued)

    assert ended.state is RemediationState.NOT_RESOLVED
    assert "may be pending" in (ended.reason or "")
    [typing] = [lines for lines in esa.received_by_session if "commit" in lines]
    assert [line for line in typing[typing.index("commit") :] if line not in ("showchanges", "status")] == [
        *("commit", "^C", "clear", "^C", "exit", "Y")
    ]
    sent = [row.lines for row in await theatre.rows(ended) if row.event == "sent"]
    assert sent[-2:] == [("commit",), ("clear",)]


class Meddling(RedisLedger):
    """A ledger of a worker; `meddle` happens on the appliance right before it gets the line."""

    def __init__(self, theatre: Theatre, line: str, meddle: Callable[[], None]) -> None:
        super().__init__(theatre.state, theatre.trail, Tempo())
        self._line, self._meddle = line, meddle

    async def put(self, after: Remediation, *rows: AuditRow) -> Remediation:
        written = await super().put(after, *rows)
        if any(row.event == "sent" and row.lines == (self._line,) for row in rows):
            self._meddle()
        return written


def forbid(theatre: Theatre, appliance: str, command: str) -> Callable[[], None]:
    """Takes the command away from the role."""
    here = theatre.lab.appliances[appliance]

    def meddle() -> None:
        here.manners = replace(here.manners, forbidden=frozenset({command}))

    return meddle


async def test_nothing_is_cleared_where_nothing_was_entered(theatre: Theatre) -> None:
    await weaken(theatre)
    queued = await theatre.approve(await theatre.request(CIPHERS), FIRST, SECOND)
    before = len(theatre.typed("esa-a2"))
    ledger = Meddling(theatre, "sslconfig", forbid(theatre, "esa-a2", "sslconfig"))
    await theatre.surgeon.attend(queued, ledger)
    ended = await theatre.run(queued)

    received = theatre.typed("esa-a2", before)
    assert "showchanges" in received[received.index("sslconfig") :]
    assert not {"OUTBOUND", "commit", "clear"} & set(received)
    assert "stopped after 1 of" in (ended.reason or "")
    assert "cleared" not in (ended.reason or "")
    assert "pending" not in (ended.reason or "")


async def test_a_fix_that_enters_no_change_clears_nobody_elses(theatre: Theatre) -> None:
    await theatre.lab.inject("sma-suspended")
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    sma, before = theatre.lab.appliances["sma-a"], len(theatre.typed("sma-a"))
    sma.foreign_changes["ssl_gui_method"] = "tlsv1.2"
    await theatre.surgeon.attend(queued, Meddling(theatre, "resume", forbid(theatre, "sma-a", "resume")))
    ended = await theatre.run(queued)

    assert "stopped after 1 of 1" in (ended.reason or "")
    assert not {"clear", "Y"} & set(theatre.typed("sma-a", before))
    assert sma.foreign_changes


async def test_changes_of_somebody_else_are_never_committed(theatre: Theatre) -> None:
    await weaken(theatre)
    queued = await theatre.approve(await theatre.request(CIPHERS), FIRST, SECOND)
    theatre.lab.appliances["esa-a2"].foreign_changes["ssl_gui_method"] = "tlsv1.2"
    ended = await theatre.run(queued)

    assert ended.state is RemediationState.REFUSED
    assert "nobody has committed" in (ended.reason or "")
    assert not {"OUTBOUND", "commit", "clear"} & set(theatre.typed("esa-a2"))


async def test_a_fix_that_needs_a_commit_is_manual_while_changes_are_pending(theatre: Theatre) -> None:
    await weaken(theatre)
    theatre.lab.appliances["esa-a2"].foreign_changes["ssl_gui_method"] = "tlsv1.2"
    refused = await theatre.plan(CIPHERS)
    assert refused.state is RemediationState.REFUSED
    assert "nobody has committed" in (refused.reason or "")


async def test_evidence_that_vanished(theatre: Theatre) -> None:
    await theatre.lab.inject("sma-suspended")
    queued = await theatre.approve(await theatre.request(RESUME), FIRST)
    await theatre.lab.mend("sma-suspended")
    with capture_logs() as logs:
        ended = await theatre.run(queued)
    assert ended.state is RemediationState.REFUSED
    named = [(line["run"], line["site"]) for line in logs if line["event"].startswith("remediation.")]
    assert set(named) == {("01RUN", "site-a")}
    assert "no longer stands" in (ended.reason or "")
    assert "resume" not in theatre.typed("sma-a")


async def test_evidence_that_changed(theatre: Theatre) -> None:
    await weaken(theatre)
    queued = await theatre.approve(await theatre.request(CIPHERS), FIRST, SECOND)
    theatre.lab.appliances["esa-a2"].configuration["ssl_outbound_ciphers"] = "MEDIUM:HIGH"
    ended = await theatre.run(queued)
    assert ended.state is RemediationState.REFUSED
    assert "has changed since it was approved" in (ended.reason or "")
    assert "OUTBOUND" not in theatre.typed("esa-a2")


async def test_deliver_now_waits_for_the_cause_to_go(theatre: Theatre) -> None:
    await theatre.lab.inject("sma-suspended")
    await theatre.lab.settle()
    proposal = RESUME.model_copy(
        update={
            "finding": "queue.quarantine.stalled",
            "subject": "esa-a1 -> sma-a",
            "fix": "deliver-now",
        }
    )
    refused = await theatre.plan(proposal)
    assert refused.state is RemediationState.REFUSED
    assert "setup.service.sma-suspended" in (refused.reason or "")


async def test_a_fix_is_taken_back_as_a_request_of_its_own(theatre: Theatre) -> None:
    await theatre.lab.inject("sma-suspended")
    done = await theatre.run(await theatre.approve(await theatre.request(RESUME), FIRST))
    undo = await theatre.request(RESUME.model_copy(update={"undoes": done.id}))
    assert undo.plan
    assert undo.plan.commands == ("suspend", "")
    assert undo.plan.undoes
    with pytest.raises(NotAllowed, match="cannot approve"):
        await theatre.approve(undo, RESUME.user)
    ended = await theatre.run(await theatre.approve(undo, FIRST))
    assert ended.state is RemediationState.VERIFIED
    assert theatre.lab.active_faults == ("sma-suspended",)
    assert not ended.undoable


async def test_who_else_is_logged_in_and_which_sites_it_serves_stand_in_the_plan(theatre: Theatre) -> None:
    def add_site(data: dict[str, object]) -> None:
        sites = data["sites"]
        assert isinstance(sites, dict)
        sites["site-b"] = sites["site-a"] | {"title": "Site B"}

    theatre.change_inventory(add_site)
    await theatre.lab.inject("sma-suspended")
    planned = await theatre.plan(RESUME)
    assert planned.plan
    assert planned.plan.sites == ("site-b",)
    assert planned.plan.seen.others == ()
    assert any("backup" in note for note in planned.plan.notes)


async def test_proof_that_does_not_come_is_not_told(theatre: Theatre) -> None:
    await weaken(theatre)
    queued = await theatre.approve(await theatre.request(CIPHERS), FIRST, SECOND)
    await theatre.lab.inject("firewall-esa-to-sma")
    theatre.lab.network.drop("10.10.20.2", ("10.10.10.1", 7025))
    pause = await theatre.attend(queued)
    waiting = await theatre.get(queued)
    assert waiting.state is RemediationState.WAITING, waiting.reason
    assert pause
    assert "next attempt" in (waiting.reason or "")
    theatre.clock.ahead = dt.timedelta(minutes=16)
    ended = await theatre.run(waiting)
    assert ended.state is RemediationState.COULD_NOT_TELL
    assert "did not come within 15 minutes" in (ended.reason or "")
