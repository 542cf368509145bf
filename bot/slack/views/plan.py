"""A plan as people see it before they say yes, pure: exactly the lines that are sent, never cut."""

import datetime as dt
from collections.abc import Iterable, Iterator

from bot.model.remediation import Plan, Remediation
from bot.slack.texts import Voice
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Json, escape
from bot.slack.views.sites import age, clock

PIECE = 2800
MOST = 8000
"""Characters of lines and undo together that a message holds besides everything else."""


def fits(plan: Plan) -> bool:
    """Whether all its lines can be shown; what cannot be shown must not be approved."""
    return len("\n".join((*plan.commands, *plan.undo))) <= MOST


def render_plan(plan: Plan, voice: Voice, now: dt.datetime) -> list[Json]:
    """All that whoever says yes must know: exact lines, undo, effect, risk, remarks, and the age of the evidence."""
    seen = voice.say("plan.seen", time=clock(plan.seen.at), age=age(plan.seen.at, now, voice))
    undo = [_heading(voice.say("thread.undo")), *_verbatim(plan.undo, voice)] if plan.undo else []
    return [*_render(plan, undo, voice), kit.context(seen)]


def render_summary(plan: Plan, voice: Voice) -> list[Json]:
    """The same without undo and age, for a message that stays."""
    return _render(plan, [], voice)


def _render(plan: Plan, undo: list[Json], voice: Voice) -> list[Json]:
    lines = [_heading(voice.say("plan.lines")), *_verbatim(plan.commands, voice)]
    remarks = [kit.paragraph(*kit.marked(line)) for line in _remarks(plan, voice)]
    title = kit.section(voice.say("plan.title", title=escape(plan.title)))
    return [title, _facts(plan, voice), kit.rich_text(*lines, *undo, *remarks)]


def _facts(plan: Plan, voice: Voice) -> Json:
    return kit.fields(
        [
            voice.say("plan.appliance", name=escape(plan.appliance), product=plan.product.upper()),
            voice.say("plan.finding", finding=escape(plan.finding), subject=escape(plan.subject)),
            voice.say("plan.risk", risk=voice.say(f"thread.risk.{plan.risk}")),
            voice.say("plan.approvals", count=plan.approvals),
        ]
    )


def _heading(text: str) -> Json:
    return kit.paragraph(kit.words(text, bold=True))


def _verbatim(lines: Iterable[str], voice: Voice) -> Iterator[Json]:
    """Every character of every line, in as many pieces as they need."""
    text = "\n".join(_shown(line) or voice.say("thread.enter") for line in lines)
    for start in range(0, len(text), PIECE):
        yield {
            "type": "rich_text_preformatted",
            "elements": [{"type": "text", "text": text[start : start + PIECE]}],
        }


def _shown(line: str) -> str:
    """A line with signs that nobody would see is written out."""
    return line if kit.clean(line) == line else repr(line)


def _remarks(plan: Plan, voice: Voice) -> Iterator[str]:
    if not plan.undo:
        yield voice.say("plan.no-undo")
    if plan.effect:
        yield voice.say("thread.effect", effect=plan.effect)
    yield from plan.notes
    if plan.mode:
        yield voice.say("plan.mode", mode=plan.mode)
    if plan.sites:
        yield voice.say("plan.sites", sites=", ".join(plan.sites))
    if plan.endpoint:
        at = plan.endpoint
        yield voice.say("plan.endpoint", host=at.host, port=at.port, key=at.host_key)
    yield _tell_others(plan, voice)
    yield voice.say("thread.source", source=plan.source)


def _tell_others(plan: Plan, voice: Voice) -> str:
    if plan.seen.others is None:
        return voice.say("plan.others-unknown")
    if not plan.seen.others:
        return voice.say("plan.alone")
    return voice.say("plan.others", others=", ".join(plan.seen.others))


def plan_of(remediation: Remediation) -> Plan:
    """The plan of a remediation that has one by its state."""
    assert remediation.plan, "what is planned has a plan"
    return remediation.plan
