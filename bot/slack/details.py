"""The modal of a run, pure: every finding with its evidence and its steps."""

from bot.model.report import Report
from bot.slack import blocks as kit
from bot.slack.blocks import Json
from bot.slack.texts import say
from bot.slack.thread import Room, fit, render_finding

CALLBACK, TITLE = "pvo.details", 24
ROOM = Room(blocks=96, weight=100_000)


def render_notice(text: str) -> Json:
    """The modal with one sentence in it."""
    return _modal([kit.section(text)])


def render_details(report: Report) -> Json:
    """The modal with all findings, causes first as the report orders them."""
    findings = sorted(report.findings, key=lambda finding: finding.role != "cause")
    shown = fit(map(render_finding, findings), len(findings), ROOM, "details.more")
    return _modal(shown or [kit.section(say("details.none"))])


def _modal(blocks: list[Json]) -> Json:
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": kit.plain(say("details.title"), TITLE),
        "close": kit.plain(say("details.close"), TITLE),
        "blocks": blocks,
    }
