"""From the button to the appliance and back: the worker has the last word, and people are told how it ended."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.lab.appliances import Lab, LabSettings
from bot.lab.workspace import Touch
from bot.lab.workspace.messages import Message
from bot.model.remediation import RemediationState
from tests.remediation.theatre import CIPHER_LINES, Theatre, opened_doors
from tests.slack import make
from tests.slack.committee import BUSY, FIRST, OPERATOR, SECOND, Committee, committee_in, said
from tests.slack.office import Office

State = RemediationState
CLEARED = ("clear", "Y")


@dataclass
class Clinic:
    """The committee, with appliances and a worker that carries out what it decides."""

    committee: Committee
    theatre: Theatre

    async def request(self) -> tuple[Message, Message]:
        """The card of a run that found the weak list, and the request to repair it."""
        committee, office = self.committee, self.committee.office
        card = await office.check()
        finding = make.finding(subject="esa-a2")
        await office.finish(card, make.report(finding))
        await office.until(lambda: bool(committee.fixes(card)))
        await office.workspace.people.press(OPERATOR, committee.fixes(card)[0].ts, Touch("pvo.fix"))
        await self.theatre.attend(await committee.proposed())
        await office.until(lambda: BUSY not in said(committee.stack(OPERATOR)[-1]))
        view = committee.stack(OPERATOR)[-1]
        assert "HIGH:MEDIUM:-aNULL" in said(view)
        await committee.submit(view, "mail is stuck")
        await office.until(lambda: len(office.cards()) == 2)
        await committee.of(office.cards()[1])
        return card, office.cards()[1]


@pytest.fixture
async def clinic(office: Office, tmp_path: Path) -> AsyncIterator[Clinic]:
    async with Lab(tmp_path, ["anonymous-cipher"], LabSettings(retry_interval=0.5)) as lab:
        with opened_doors() as doors:
            theatre = Theatre(office.redis, lab, doors)
            async with committee_in(office, theatre.inventory) as committee:
                await lab.settle()
                yield Clinic(committee, theatre)


async def nothing(theatre: Theatre) -> None:
    """All goes as planned."""


async def remove_approver(theatre: Theatre) -> None:
    def change(data: dict[str, Any]) -> None:
        data["access"]["approvers"] = [FIRST]

    theatre.change_inventory(change)


async def serve_another_site(theatre: Theatre) -> None:
    def change(data: dict[str, Any]) -> None:
        data["sites"]["site-b"] = data["sites"]["site-a"] | {"title": "Site B"}

    theatre.change_inventory(change)


async def observe_only(theatre: Theatre) -> None:
    def change(data: dict[str, Any]) -> None:
        data["sites"]["site-a"]["mode"] = "observe"

    theatre.change_inventory(change)


async def change_list(theatre: Theatre) -> None:
    theatre.lab.appliances["esa-a2"].configuration["ssl_outbound_ciphers"] = "MEDIUM:HIGH"


async def repair_by_hand(theatre: Theatre) -> None:
    await theatre.lab.mend("anonymous-cipher")


async def leave_changes(theatre: Theatre) -> None:
    theatre.lab.appliances["esa-a2"].foreign_changes["ssl_gui_method"] = "tlsv1.2"


async def ask_something_else(theatre: Theatre) -> None:
    esa = theatre.lab.appliances["esa-a2"]
    esa.manners = replace(esa.manners, commit_question="Somebody else committed meanwhile. Merge?")


@pytest.mark.parametrize(
    ("disturb", "state", "word", "why", "lines"),
    [
        (nothing, State.VERIFIED, "verified", "is gone from what esa-a2 says", CIPHER_LINES),
        (remove_approver, State.REFUSED, "refused", "U0SECOND is not an approver of site-a", ()),
        (observe_only, State.REFUSED, "refused", "only observes site-a", ()),
        (serve_another_site, State.REFUSED, "refused", "is not the one that would be carried out now", ()),
        (change_list, State.REFUSED, "refused", "has changed since it was approved", ()),
        (repair_by_hand, State.REFUSED, "refused", "no longer stands", ()),
        (leave_changes, State.REFUSED, "refused", "nobody has committed", ()),
        (ask_something_else, State.NOT_RESOLVED, "not resolved", "Merge?", (*CIPHER_LINES[:6], *CLEARED)),
    ],
)
async def test_how_an_approved_fix_ends(
    clinic: Clinic,
    disturb: Callable[[Theatre], Awaitable[None]],
    state: RemediationState,
    word: str,
    why: str,
    lines: tuple[str, ...],
) -> None:
    committee, theatre = clinic.committee, clinic.theatre
    card, request = await clinic.request()
    await committee.decide(FIRST, request)
    await committee.decide(SECOND, request)
    await disturb(theatre)
    ended = await theatre.run(await committee.of(request))

    assert ended.state is state, ended.reason
    assert why in (ended.reason or "")
    await committee.office.until(lambda: f"*{word}*: " in json.dumps(card.blocks))
    await committee.office.until(lambda: request.text.endswith(f"– {word}"))
    for message in (card, request):
        assert why in json.dumps(message.blocks)
    assert ("fix " + word in card.text) is bool(lines)
    rows = await committee.rows("sent")
    assert tuple(row.lines[0] for row in rows) == lines
