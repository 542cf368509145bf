"""Plans, requests and decisions as they are shown: two judges take them, no sign of a line is left out."""

import datetime as dt
import json
from typing import Any

import pytest

from bot.lab.workspace.judge import judge_blocks, judge_view
from bot.model.remediation import Approval, Plan, PlannedLine, Remediation, RemediationState, Sighting
from bot.remediation.seal import Seal
from bot.slack.handlers.approving import Pressed, render_decision
from bot.slack.handlers.fixing import render_fix
from bot.slack.handlers.home import render_closed, render_home
from bot.slack.handlers.pending import tell_waiting
from bot.slack.texts import Voice, languages, tell
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Json, Post
from bot.slack.views.card import Setting, render_card
from bot.slack.views.outcomes import tell_outcome
from bot.slack.views.plan import MOST, fits, render_plan
from bot.slack.views.request import render_request
from tests.remediation.make import FIRST, GROUP, NOW, SECOND, plan_of, requested
from tests.slack import make
from tests.slack.block_kit import complain, complain_view
from tests.slack.test_slack_rendering import HOSTILE

LATER = NOW + dt.timedelta(minutes=4)
STATES = [
    state for state in RemediationState if state not in (RemediationState.PROPOSED, RemediationState.PLANNED)
]

TICKET = "what the modal carries"


def accept(post: Post) -> None:
    assert [*complain(post.blocks), *judge_blocks(post.blocks)] == []
    assert 0 < len(post.text) <= 4000
    assert kit.weigh(post.blocks) <= 13_000


def accept_view(view: Json) -> None:
    assert [*complain_view(view), *judge_view(view)] == []


def longest(language: str, fill: str) -> Plan:
    """A plan in which everything is as long and as hostile as it may be."""
    lines = tuple(PlannedLine(text="A" * (MOST // 2 - 1000)) for _ in range(2))
    return plan_of(
        language=language,
        title=fill[:200],
        lines=lines,
        undo=("suspend", "", "B" * 1000),
        effect=fill[:600],
        notes=(fill[:300], fill[:300]),
        sites=tuple(f"site-{n}" for n in range(20)),
        mode="machine",
        seen=Sighting(at=NOW, others=tuple(f"admin{n} (10.0.0.{n})" for n in range(10))),
    )


def waiting(plan: Plan, **more: Any) -> Remediation:
    """A request with that plan."""
    base = requested(Seal(), until=NOW + dt.timedelta(minutes=30), plan=plan, **more)
    assert base.request
    approval = Approval(user=FIRST, digest=plan.digest, channel="C0OPS", ts="1.1", at=LATER)
    return base.model_copy(update={"approvals": (approval,)})


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("fill", ["x", "long " * 400, HOSTILE * 10])
@pytest.mark.parametrize("state", STATES)
def test_slack_takes_requests_in_every_state(state: RemediationState, fill: str, language: str) -> None:
    for plan in (longest(language, fill), plan_of(language=language)):
        remediation = waiting(plan, state=state, reason=fill, ended=LATER, rejected_by=SECOND)
        accept(render_request(remediation, fill[:150], [FIRST, SECOND, GROUP] * 20))
        outcome = tell_outcome([remediation] * 6, Voice(language))
        report = make.report(make.finding(language=language), language=language)
        accept(render_card(make.run(report=report, language=language), Setting("Site A", outcome=outcome)))


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("fill", ["x", "long " * 400, HOSTILE * 10])
def test_slack_takes_the_modals(fill: str, language: str) -> None:
    voice = Voice(language)
    for plan in (longest(language, fill), plan_of(), plan_of(undo=(), seen=Sighting(at=NOW, others=()))):
        remediation = waiting(plan)
        accept_view(render_fix(remediation, voice, LATER, TICKET))
        for decision in ("approve", "reject"):
            pressed = Pressed(decision, remediation.id, FIRST, "C0OPS", "1.1")
            accept_view(render_decision(remediation, pressed, voice, LATER, TICKET))


@pytest.mark.parametrize("language", languages())
def test_slack_takes_what_waits(language: str) -> None:
    voice, inventory = Voice(language), make.inventory()
    remediation = waiting(longest(language, HOSTILE))
    lines = [tell_waiting(remediation, inventory, "http://127.0.0.1/x", voice)] * 300
    accept_view(render_home([], NOW, voice, lines))
    accept_view(render_closed(tell("home.store"), voice, lines))


def shown_lines(blocks: list[Json]) -> list[str]:
    """The text of each pre-formatted piece, as it stands there."""
    return [
        element["elements"][0]["text"]
        for block in blocks
        for element in block.get("elements", [])
        if element.get("type") == "rich_text_preformatted"
    ]


def test_no_sign_of_a_line_is_left_out() -> None:
    ciphers = ":".join(f"SUITE{n}" for n in range(500))
    plan = plan_of(
        lines=(PlannedLine(text="sslconfig"), PlannedLine(text=ciphers), PlannedLine(text="")), undo=()
    )
    text = "".join(shown_lines(render_plan(plan, Voice("en"), NOW)))
    assert text == f"sslconfig\n{ciphers}\n(Enter)"


def test_signs_that_nobody_sees_are_written_out() -> None:
    plan = plan_of(lines=(PlannedLine(text="HIGH\u202e:aNULL\x1b[8m"),), undo=())
    assert shown_lines(render_plan(plan, Voice("en"), NOW)) == ["'HIGH\\u202e:aNULL\\x1b[8m'"]


def test_what_is_too_long_to_be_shown_does_not_fit() -> None:
    assert fits(plan_of())
    assert not fits(plan_of(lines=(PlannedLine(text="A" * (MOST + 1)),), undo=()))


def test_the_decision_shows_the_age_of_the_evidence_and_carries_its_ticket() -> None:
    remediation = waiting(plan_of())
    pressed = Pressed("approve", remediation.id, FIRST, "C0OPS", "1.1")
    view = render_decision(remediation, pressed, Voice("en"), LATER, TICKET)
    assert "at 2026-11-24 03:00 UTC (4 min ago)" in json.dumps(view)
    assert view["private_metadata"] == TICKET


def test_the_requester_is_not_mentioned_among_those_who_may_approve() -> None:
    remediation = waiting(plan_of())
    assert remediation.request
    post = render_request(remediation, "Site A", [remediation.request.user, FIRST, GROUP])
    waits = json.dumps(post.blocks[-2])
    assert f"<!subteam^{GROUP}>" in waits
    assert f"<@{FIRST}>" in waits
    assert remediation.request.user not in waits


def test_only_the_latest_fix_that_was_carried_out_stands_in_the_header() -> None:
    verified = waiting(plan_of(), state=RemediationState.VERIFIED)
    rejected = waiting(plan_of(), state=RemediationState.REJECTED)
    assert tell_outcome([rejected, verified], Voice("en")).word == " – fix verified"
    assert tell_outcome([verified, rejected], Voice("en")).word == " – fix verified"
    assert tell_outcome([rejected], Voice("en")).word is None
    assert tell_outcome([requested(Seal(), request=None)], Voice("en")).lines == ()
