"""The message of an approval request, pure: what is asked for, by whom, who said what, and how it ended."""

import datetime as dt
from collections.abc import Iterable, Iterator

from bot.model.remediation import Remediation, RemediationState
from bot.slack.texts import Voice
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Json, Post, escape
from bot.slack.views.outcomes import sign_of, word_of
from bot.slack.views.plan import plan_of, render_summary
from bot.slack.views.sites import clock

APPROVE, REJECT, UNDO = "pvo.approve", "pvo.reject", "pvo.undo"
MENTIONED = 20


def render_request(remediation: Remediation, title: str, approvers: Iterable[str]) -> Post:
    """The message in the language of the request; `title` is the site's, `approvers` are mentioned while it waits."""
    plan, request = plan_of(remediation), remediation.request
    assert request, "only requests have a message"
    voice, waits = Voice(plan.language), remediation.state is RemediationState.REQUESTED
    values = {"title": escape(plan.title), "appliance": escape(plan.appliance), "site": escape(title)}
    text = voice.say("request.text", state=word_of(remediation, voice), **values)
    head = voice.say(
        "request.header", emoji=sign_of(remediation), site=title, state=word_of(remediation, voice)
    )
    asked = voice.say("request.asked", user=request.user, reason=escape(request.reason))
    blocks = [kit.header(kit.clean(head)), kit.section(asked), *render_summary(plan, voice)]
    if progress := list(_progress(remediation, voice)):
        blocks.append(kit.section("\n".join(progress)))
    if waits:
        blocks.append(kit.context(_wait(remediation, approvers, voice)))
        blocks.append(_buttons(remediation, voice))
    elif remediation.undoable:
        blocks.append(kit.actions(undo_button(remediation.id, plan.title, voice)))
    return Post(kit.cut(text, kit.TEXT), blocks)


def _progress(remediation: Remediation, voice: Voice) -> Iterator[str]:
    """Who said what and when, and where it stands once that is decided."""
    for approval in remediation.approvals:
        yield voice.say("request.approved", user=approval.user, time=clock(approval.at))
    if remediation.rejected_by and remediation.ended:
        yield voice.say("request.rejected", user=remediation.rejected_by, time=clock(remediation.ended))
    if remediation.state is RemediationState.REQUESTED:
        return
    state = voice.say("request.state", emoji=sign_of(remediation), state=word_of(remediation, voice))
    yield f"{state} {escape(remediation.reason)}" if remediation.reason else state


def _wait(remediation: Remediation, approvers: Iterable[str], voice: Voice) -> str:
    request = remediation.request
    assert request, "only requests wait"
    named = [_mention(one) for one in approvers if one not in request.ids][:MENTIONED]
    return voice.say(
        "request.waits",
        approvals=voice.count("approval", remediation.missing),
        approvers=", ".join(named) or "–",
        time=clock(expiry_of(remediation)),
    )


def expiry_of(remediation: Remediation) -> dt.datetime:
    """When the next step is taken without anybody: for a request, when it expires."""
    assert remediation.until, "what waits has an end"
    return remediation.until


def _mention(one: str) -> str:
    return f"<!subteam^{one}>" if one.startswith("S") else f"<@{one}>"


def _buttons(remediation: Remediation, voice: Voice) -> Json:
    title = plan_of(remediation).title
    approve = kit.button(
        APPROVE,
        remediation.id,
        voice.say("request.approve"),
        voice.say("request.approve.label", title=title),
    )
    reject = kit.button(
        REJECT, remediation.id, voice.say("request.reject"), voice.say("request.reject.label", title=title)
    )
    return kit.actions(approve | {"style": "primary"}, reject | {"style": "danger"})


def undo_button(remediation: str, title: str, voice: Voice) -> Json:
    """Offers to take a fix back, as a new request."""
    return kit.button(UNDO, remediation, voice.say("fix.undo"), voice.say("fix.undo.label", title=title))
