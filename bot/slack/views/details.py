"""The modal of a run, pure: every finding with its evidence and its steps."""

from functools import partial

from bot.model.report import Report
from bot.slack.texts import Told, Voice
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Json
from bot.slack.views.thread import Room, fit, render_finding

CALLBACK, TITLE = "pvo.details", 24
ROOM = Room(blocks=96, weight=100_000)


def render_notice(told: Told, voice: Voice, title: str = "details.title") -> Json:
    """A modal with one sentence in it; `title` is the key of its title."""
    return _modal([kit.section(told(voice))], voice, title)


def render_details(report: Report) -> Json:
    """The modal with all findings in the language of the report, causes first as the report orders them."""
    voice = Voice(report.language)
    findings = sorted(report.findings, key=lambda finding: finding.role != "cause")
    shown = fit(
        (render_finding(finding, voice) for finding in findings),
        len(findings),
        ROOM,
        partial(voice.say, "details.more"),
    )
    return _modal(shown or [kit.section(voice.say("details.none"))], voice)


def _modal(blocks: list[Json], voice: Voice, title: str = "details.title") -> Json:
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": kit.plain(voice.say(title), TITLE),
        "close": kit.plain(voice.say("details.close"), TITLE),
        "blocks": blocks,
    }
