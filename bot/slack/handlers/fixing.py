"""Asking for a fix: a worker draws the plan, the asker reads it and says why, then others are asked to approve."""

import asyncio
import datetime as dt

from slack_bolt.app.async_app import AsyncApp

from bot.model.errors import NotAllowed
from bot.model.remediation import Asking, Proposal, Remediation, RemediationState, Ticket
from bot.model.report import Fix, Report, ReportedFinding
from bot.remediation.approve import Denied, approvers_of
from bot.slack.access import Refusal
from bot.slack.desk import Ack, Body, Desk, user_of
from bot.slack.handlers.failures import explain
from bot.slack.handlers.modals import WHY, ask, ask_reason, busy, conclude, fill, open_loading, reason_of
from bot.slack.handlers.tickets import read_ticket, refuse_modal, write_ticket
from bot.slack.texts import DEFAULT, Told, Voice, tell
from bot.slack.views.blocks import Json
from bot.slack.views.details import render_notice
from bot.slack.views.plan import fits, plan_of, render_plan
from bot.slack.views.request import UNDO
from bot.slack.views.thread import FIX, name_fix

TITLE = "fix.title"
LOADING = tell("fix.loading")
LOOK_EVERY, PATIENCE = 0.25, 120.0
"""Seconds between looks for a plan, and until it is given up."""


def register_fixing(app: AsyncApp, desk: Desk) -> None:
    """Binds the buttons that ask for a fix or for its undo, and the submission of their modal."""

    async def press(ack: Ack, body: Body) -> object:
        desk.follow_up(body, open_fix(desk, body))
        return await ack()

    async def submit(ack: Ack, body: Body) -> object:
        voice = desk.people.known_voice(user_of(body)) or DEFAULT
        if not reason_of(body):
            return await ack({"response_action": "errors", "errors": {WHY: voice.say("fix.why-missing")}})
        desk.follow_up(body, _submit(desk, body))
        return await ack(busy(tell("fix.busy"), voice, TITLE))

    app.action(FIX)(press)
    app.action(UNDO)(press)
    app.view(FIX)(submit)


async def first_press(desk: Desk, body: Body) -> bool:
    """Whether this press was not seen before, however often it is delivered; raises `StateUnavailable`."""
    return await desk.stores.watches.first(f"press:{body['trigger_id']}")


async def open_fix(desk: Desk, body: Body) -> None:
    """Opens the modal at once, and shows the plan when a worker has drawn it; raises `Refusal`."""
    if not await first_press(desk, body):
        return
    opened = await open_loading(desk, body, LOADING, TITLE)
    voice = await desk.voice(body)
    try:
        view = await _propose(desk, body, voice)
    except Exception as error:  # whatever it was, nobody must be left with a modal that loads for ever
        view = render_notice(explain(error), voice, TITLE)
    await fill(desk, opened, view)


async def _propose(desk: Desk, body: Body, voice: Voice) -> Json:
    channel = str((body.get("channel") or {}).get("id") or "")
    await desk.people.admit_operator(user_of(body), channel)
    pressed = body["actions"][0]
    read = _read_undo if pressed.get("action_id") == UNDO else _read_fix
    proposal = await read(desk, str(pressed.get("value")), user_of(body), channel)
    proposal = proposal.model_copy(update={"language": voice.language})
    await _refuse_second(desk, proposal)
    made = await desk.stores.remediations.propose(f"fix:{body['trigger_id']}", proposal)
    if made is None:
        raise Refusal(tell("fix.gone"))
    drawn = await _await_plan(desk, made)
    if drawn.state is not RemediationState.PLANNED or drawn.plan is None:
        raise NotAllowed(drawn.reason or voice.say("fix.gone"))
    now = dt.datetime.now(dt.UTC)
    ticket = Ticket(purpose="fix", remediation=drawn.id, user=user_of(body), shown=drawn.plan.shown, at=now)
    return render_fix(drawn, voice, now, write_ticket(desk, ticket))


async def _refuse_second(desk: Desk, proposal: Proposal) -> None:
    """Raises `Refusal` when the same fix waits already."""
    wanted = _same(proposal)
    for waiting in await desk.stores.remediations.pending():
        if _same(waiting.proposal) == wanted:
            channel = waiting.request.channel if waiting.request else waiting.proposal.channel
            raise Refusal(tell("fix.waits", channel=channel))


def _same(proposal: Proposal) -> tuple[str | None, ...]:
    return (proposal.site, proposal.finding, proposal.subject, proposal.fix, proposal.undoes)


async def _read_fix(desk: Desk, value: str, user: str, channel: str) -> Proposal:
    """What the button stands beside, looked up in the run; raises `Refusal`."""
    run_id = value.partition(" ")[0]
    # A value can be guessed: only what was posted in this channel can be asked for in it.
    card = await desk.stores.outbox.find(run_id, channel)
    run = await desk.stores.runs.get(run_id) if card else None
    found = _find_fix(run_id, run.report, value) if run and run.report else None
    if run is None or run.report is None or found is None:
        raise Refusal(tell("fix.gone"))
    finding, fix = found
    return Proposal(
        run=run_id,
        site=run.report.site,
        finding=finding.id,
        subject=finding.subject,
        fix=fix.id,
        user=user,
        channel=channel,
    )


def _find_fix(run: str, report: Report, value: str) -> tuple[ReportedFinding, Fix] | None:
    """What a button of this value stands beside."""
    for finding in report.findings:
        for fix in finding.fixes:
            if fix.applicability == "approval" and name_fix(run, finding, fix) == value:
                return finding, fix
    return None


async def _read_undo(desk: Desk, value: str, user: str, channel: str) -> Proposal:
    """The fix that is to be taken back, asked for where it or its request stands; raises `Refusal`."""
    original = await desk.stores.remediations.get(value)
    places = {original.proposal.channel, original.request and original.request.channel} if original else set()
    if original is None or channel not in places:
        raise Refusal(tell("fix.gone"))
    return original.proposal.model_copy(update={"undoes": original.id, "user": user})


async def _await_plan(desk: Desk, made: Remediation) -> Remediation:
    """The remediation once a worker has drawn its plan, or said why there is none; raises `Refusal`."""
    end = asyncio.get_running_loop().time() + PATIENCE
    current: Remediation | None = made
    while current is not None and current.state is RemediationState.PROPOSED:
        if asyncio.get_running_loop().time() > end:
            raise Refusal(tell("fix.no-worker"))
        await asyncio.sleep(LOOK_EVERY)
        current = await desk.stores.remediations.get(made.id)
    if current is None:
        raise Refusal(tell("fix.gone"))
    return current


def render_fix(remediation: Remediation, voice: Voice, now: dt.datetime, ticket: str) -> Json:
    """The modal with the plan; it asks for the reason, unless not all of the plan can be shown."""
    plan = plan_of(remediation)
    if not fits(plan):
        return render_notice(tell("fix.too-long"), voice, TITLE)
    words = (voice.say(TITLE), voice.say("fix.submit"), voice.say("fix.close"))
    blocks = render_plan(plan, voice, now)
    blocks.append(ask_reason(voice.say("fix.why"), voice.say("fix.why.hint")))
    return ask(FIX, words, ticket, blocks)


async def _submit(desk: Desk, body: Body) -> None:
    try:
        told = await ask_for_approval(desk, body)
    except Denied as denied:
        told = await refuse_modal(desk, body, denied)
    except Exception as error:  # as above
        told = explain(error)
    await conclude(desk, body, told, TITLE)


async def ask_for_approval(desk: Desk, body: Body) -> Told:
    """Makes the plan that was shown a request; raises `Refusal`, `Denied`, `NotAllowed` or `StateUnavailable`."""
    user, ticket = user_of(body), read_ticket(desk, body, "fix")
    planned = await desk.stores.remediations.get(ticket.remediation)
    if planned is None or planned.proposal.user != user:
        raise Refusal(tell("fix.gone"))
    if not await desk.stores.watches.first(f"request:{planned.id}"):
        raise Refusal(tell("fix.twice"))
    site, inventory = planned.proposal.site, desk.inventory()
    await desk.people.admit_operator(user, planned.proposal.channel)
    channel = inventory.access.approvals_channel or planned.proposal.channel
    await _admit_place(desk, channel)
    listed = {*inventory.access.operators, *inventory.access.approvers}
    listed |= set(approvers_of(inventory, site)) if site in inventory.sites else set()
    members = await desk.people.members_of(listed)
    asking = Asking(
        user=user,
        person=await desk.people.person_of(user),
        reason=reason_of(body),
        channel=channel,
        members=members,
        shown=ticket.shown,
    )
    await desk.stores.remediations.request(planned.id, asking)
    return tell("fix.requested", channel=channel)


async def _admit_place(desk: Desk, channel: str) -> None:
    try:
        await desk.people.admit_place(channel)
    except Refusal as refusal:
        reason = refusal.told
        raise Refusal(lambda voice: voice.say("fix.place", channel=channel, reason=reason(voice))) from None
