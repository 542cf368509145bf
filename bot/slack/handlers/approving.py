"""Approving and rejecting: the modal is rendered from the stored plan, and only its submission decides."""

import asyncio
import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import structlog
from slack_bolt.app.async_app import AsyncApp

from bot.model.remediation import Press, Remediation, RemediationState, Ticket
from bot.model.remediation_ports import Decision
from bot.remediation.approve import Denied, approvers_of
from bot.remediation.rows import LONGEST_ID, about, write_row, write_unknown
from bot.slack.access import Refusal
from bot.slack.desk import Ack, Body, Desk, user_of
from bot.slack.handlers.failures import explain
from bot.slack.handlers.fixing import first_press
from bot.slack.handlers.modals import ask, ask_reason, busy, conclude, fill, open_loading, reason_of
from bot.slack.handlers.tickets import read_ticket, refuse_modal, write_ticket
from bot.slack.texts import DEFAULT, Told, Voice, tell
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Json, escape
from bot.slack.views.details import render_notice
from bot.slack.views.plan import plan_of, render_plan
from bot.slack.views.request import APPROVE, REJECT

log = structlog.get_logger()

TITLES = {"approve": "approve.title", "reject": "reject.title"}
SUBMITS = {"approve": "approve.submit", "reject": "reject.submit"}
LOADING = tell("approve.loading")
LOOK_EVERY, HELD = 0.25, 25.0
"""Seconds between looks for a request's message that was posted and is not known yet, and until it is given up."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """Which button was pressed, by whom, and on which message; channel and ts are empty on no message.

    `shown` is the digest of the plan that was read, once there is a modal.
    """

    decision: Decision
    remediation: str
    user: str
    channel: str
    ts: str
    shown: str = ""

    @property
    def title(self) -> str:
        """The key of the title of its modals."""
        return TITLES[self.decision]


def register_approving(app: AsyncApp, desk: Desk) -> None:
    """Binds both buttons and the submissions of their modals."""
    decisions: dict[str, Decision] = {APPROVE: "approve", REJECT: "reject"}
    for action, decision in decisions.items():
        _register(app, desk, action, decision)


def _register(app: AsyncApp, desk: Desk, action: str, decision: Decision) -> None:
    async def press(ack: Ack, body: Body) -> object:
        desk.follow_up(body, open_decision(desk, body, _read_press(body, decision)))
        return await ack()

    async def submit(ack: Ack, body: Body) -> object:
        voice = desk.people.known_voice(user_of(body)) or DEFAULT
        desk.follow_up(body, _submit(desk, body, decision))
        return await ack(busy(tell("approve.busy"), voice, TITLES[decision]))

    app.action(action)(press)
    app.view(action)(submit)


def _read_press(body: Body, decision: Decision) -> Pressed:
    container = body.get("container") or {}
    return Pressed(
        decision=decision,
        remediation=str(body["actions"][0].get("value")),
        user=user_of(body),
        channel=str(container.get("channel_id") or ""),
        ts=str(container.get("message_ts") or ""),
    )


def _read_submission(desk: Desk, body: Body, decision: Decision) -> Pressed:
    """The press that opened the modal; raises `Denied` when the app opened no such modal for this person."""
    ticket = read_ticket(desk, body, decision)
    return Pressed(decision, ticket.remediation, user_of(body), ticket.channel, ticket.ts, ticket.shown)


async def open_decision(desk: Desk, body: Body, pressed: Pressed) -> None:
    """Opens the modal for somebody whose decision would count, else says why not; raises `Refusal`."""
    if not await first_press(desk, body):
        return
    try:
        opened = await open_loading(desk, body, LOADING, pressed.title)
    except Refusal as refusal:
        await _record_refusal(desk, pressed, refusal)
        raise
    voice = await desk.voice(body)
    try:
        press = await _admit(desk, pressed)
        waiting = await desk.stores.remediations.consider(pressed.remediation, press, pressed.decision)
        ticket = _write_ticket(desk, waiting, pressed)
        view = render_decision(waiting, pressed, voice, dt.datetime.now(dt.UTC), ticket)
    except Exception as error:  # whatever it was, nobody must be left with a modal that loads for ever
        view = render_notice(explain(error), voice, pressed.title)
    await fill(desk, opened, view)


def _write_ticket(desk: Desk, remediation: Remediation, pressed: Pressed) -> str:
    return write_ticket(
        desk,
        Ticket(
            purpose=pressed.decision,
            remediation=remediation.id,
            user=pressed.user,
            channel=pressed.channel,
            ts=pressed.ts,
            shown=plan_of(remediation).shown,
            at=dt.datetime.now(dt.UTC),
        ),
    )


def render_decision(
    remediation: Remediation, pressed: Pressed, voice: Voice, now: dt.datetime, ticket: str
) -> Json:
    """The modal: the stored plan and the age of its evidence; rejecting asks for a reason."""
    plan, request, name = plan_of(remediation), remediation.request, pressed.decision
    assert request, "only requests are decided about"
    words = (voice.say(pressed.title), voice.say(SUBMITS[name]), voice.say("fix.close"))
    asked = voice.say("request.asked", user=request.user, reason=escape(request.reason))
    blocks = [kit.section(asked), *render_plan(plan, voice, now)]
    blocks.append(
        ask_reason(voice.say("fix.why"), voice.say("fix.why.hint"))
        if name == "reject"
        else kit.section(voice.say("approve.meaning"))
    )
    return ask(APPROVE if name == "approve" else REJECT, words, ticket, blocks)


async def _submit(desk: Desk, body: Body, decision: Decision) -> None:
    try:
        if not await desk.stores.watches.first(f"decision:{body['view']['id']}"):
            return
        told = await decide(desk, _read_submission(desk, body, decision), reason_of(body))
    except Denied as denied:
        told = await refuse_modal(desk, body, denied)
    except Exception as error:  # as above
        told = explain(error)
    await conclude(desk, body, told, TITLES[decision])


async def decide(desk: Desk, pressed: Pressed, reason: str) -> Told:
    """Approves or rejects, as far as the rules let him; raises `Refusal`, `NotAllowed` or `StateUnavailable`."""
    press = (await _admit(desk, pressed)).model_copy(update={"reason": reason})
    if pressed.decision == "reject":
        await desk.stores.remediations.reject(pressed.remediation, press)
        return tell("reject.done")
    after = await desk.stores.remediations.approve(pressed.remediation, press)
    if after.state is RemediationState.QUEUED:
        return tell("approve.done")
    return lambda voice: voice.say("approve.more", approvals=voice.count("approval", after.missing))


async def _admit(desk: Desk, pressed: Pressed) -> Press:
    """The press with the user groups that he is in now; raises `Refusal`, on the record."""
    await _hold(desk, pressed)
    try:
        await desk.people.admit_decider(pressed.user, pressed.channel)
        person = await desk.people.person_of(pressed.user)
        groups = await _groups_of(desk, pressed, {pressed.user, person})
    except Refusal as refusal:
        await _record_refusal(desk, pressed, refusal)
        raise
    voice = await desk.people.voice(pressed.user)
    return Press(
        user=pressed.user,
        person=person,
        channel=pressed.channel,
        ts=pressed.ts,
        groups=groups,
        language=voice.language,
        shown=pressed.shown,
    )


async def _hold(desk: Desk, pressed: Pressed) -> None:
    """Waits while the message of the request is not known, because the answer to its post was lost or is late."""
    clock = asyncio.get_running_loop().time
    end = clock() + HELD
    while clock() < end:
        found = await desk.stores.remediations.get(pressed.remediation)
        if found is None or found.state is not RemediationState.REQUESTED or found.message is not None:
            return
        if found.request is None or found.request.channel != pressed.channel:
            return
        await asyncio.sleep(LOOK_EVERY)


async def _groups_of(desk: Desk, pressed: Pressed, ids: Collection[str]) -> tuple[str, ...]:
    inventory = desk.inventory()
    remediation = await desk.stores.remediations.get(pressed.remediation)
    if remediation is None or remediation.proposal.site not in inventory.sites:
        return ()
    members = await desk.people.members_of(approvers_of(inventory, remediation.proposal.site))
    return tuple(group for group, users in members.items() if not set(users).isdisjoint(ids))


async def _record_refusal(desk: Desk, pressed: Pressed, refusal: Refusal) -> None:
    """What Slack says about a person or a place refuses as well as any rule, and is on the record too."""
    found = await desk.stores.remediations.get(pressed.remediation)
    named = about(found) if found else {"remediation": pressed.remediation[:LONGEST_ID]}
    log.warning("decision.refused", user=pressed.user, reason=str(refusal), **named)
    more = {"actor": pressed.user, "channel": pressed.channel or None, "reason": str(refusal)}
    now = dt.datetime.now(dt.UTC)
    row = (
        write_row(found, "refused", now, **more) if found else write_unknown(pressed.remediation, now, **more)
    )
    await desk.stores.audit.append(row)
