"""The card, pure: one message that shows where a run stands, and in the end its verdict and its causes."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from bot.model.finding import Status
from bot.model.report import Impact, Report, ReportedFinding, ReportedPath
from bot.model.run import Run, RunState
from bot.render.words import duration
from bot.slack.texts import EMOJI, Voice
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Json, Post, escape
from bot.slack.views.outcomes import NOTHING, Outcome
from bot.slack.views.plan import plan_of
from bot.slack.views.request import undo_button

RECHECK, DETAILS, SHARE = "pvo.recheck", "pvo.details", "pvo.share"
CAUSES, LINES, TITLE = 4, 6, 300
KINDS = ("quarantine", "release", "command")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a card says besides its run: the site's title, lines on what came before and after, a link back.

    `before` is the permalink of the card from which it was asked for again, `notes` are lines of mrkdwn, `outcome`
    is what became of fixes that were asked for.
    """

    title: str
    before: str | None = None
    notes: tuple[str, ...] = ()
    outcome: Outcome = NOTHING


def render_card(run: Run, setting: Setting) -> Post:
    """The card of a run in the language of its request; the verdict stands in its text too, also in English."""
    voice, title, before = Voice(run.request.language), setting.title, setting.before
    origin = [*_origin(run, voice), *([voice.say("card.repeats", url=before)] if before else [])]
    if run.state is RunState.DONE and run.report is not None:
        return _render_report(run, run.report, setting, origin)
    name, state, body = _describe(run, voice)
    blocks = [render_header(name, title, state, voice), kit.section(body), kit.context(*origin)]
    if run.state.final:
        blocks.append(kit.actions(_again(run, title, voice)))
    return Post(voice.say("card.text", title=escape(title), state=state), blocks)


def _describe(run: Run, voice: Voice) -> tuple[str, str, str]:
    """Emoji name, word and sentence of a run without a report."""
    if run.state is RunState.RUNNING:
        counts = {"done": run.checks_done, "total": run.checks_total}
        state = voice.say("card.running.counted", **counts) if run.checks_total else voice.say("card.running")
        return "running", state, voice.say("card.running.body")
    if run.state is RunState.REFUSED:
        return "refused", voice.say("card.refused"), escape(run.reason or voice.say("card.refused"))
    if run.state.final:
        reason = escape(run.reason) if run.reason else voice.say("card.lost.unexplained")
        return "lost", voice.say("card.lost"), voice.say("card.lost.body", reason=reason)
    return "queued", voice.say("card.queued"), voice.say("card.queued.body")


def _render_report(run: Run, report: Report, setting: Setting, origin: list[str]) -> Post:
    voice, title = Voice(run.request.language), setting.title
    outcome = setting.outcome
    blocks = [_verdict(report, title, outcome, voice)]
    blocks += [kit.section("\n".join(outcome.lines))] if outcome.lines else []
    blocks += tell_causes(report, voice)
    blocks += tell_paths(report, voice)
    blocks += [kit.section("\n".join(setting.notes))] if setting.notes else []
    if unasked := open_checks(report):
        text = voice.say("card.open", checks=voice.count("check", len(unasked)))
        blocks.append(kit.context(f"{EMOJI['open']} {text}"))
    blocks.append(kit.context(*_impact(report.impact, voice), *origin, _took(report, voice)))
    buttons = [_again(run, title, voice), _details(run, title, voice), _share(run, title, voice)]
    if outcome.undo:
        buttons.append(undo_button(outcome.undo.id, plan_of(outcome.undo).title, voice))
    blocks.append(kit.actions(*buttons))
    return Post(headline(report, title, voice, outcome.word), blocks)


def _verdict(report: Report, title: str, outcome: Outcome, voice: Voice) -> Json:
    """The header: the verdict, and what became of the latest fix that was carried out."""
    state = f"{voice.say(f'verdict.{report.verdict}')}{outcome.word or ''}"
    emoji = outcome.emoji or EMOJI[report.verdict]
    return kit.header(voice.say("card.header", emoji=emoji, title=kit.clean(title), state=state))


def open_checks(report: Report) -> list[str]:
    """The ids of the checks that could not tell, each once."""
    return list(dict.fromkeys(check.id for check in report.checks if check.status is Status.ERROR))


def acted_on(report: Report) -> list[ReportedFinding]:
    """The causes that mean something is wrong, worst first: what a person must act on."""
    return [finding for finding in report.causes if finding.counts]


def headline(report: Report, title: str, voice: Voice, outcome: str | None = None) -> str:
    """What notifications and screen readers get: the site, the verdict, how a fix ended, the first cause."""
    state, causes = f"{voice.say(f'verdict.{report.verdict}')}{outcome or ''}", acted_on(report)
    if not causes:
        return voice.say("card.text", title=escape(title), state=state)
    first = f"{escape(kit.cut(causes[0].title, TITLE))} ({causes[0].id})"
    more = voice.say("card.cause.more", count=len(causes) - 1) if len(causes) > 1 else ""
    named = f"{first}, {more}" if more else first
    return kit.cut(voice.say("card.text.causes", title=escape(title), state=state, causes=named), kit.TEXT)


def render_header(name: str, title: str, state: str, voice: Voice) -> Json:
    return kit.header(voice.say("card.header", emoji=EMOJI[name], title=kit.clean(title), state=state))


def tell_causes(report: Report, voice: Voice) -> list[Json]:
    """The causes, worst first; or a sentence on why there are none."""
    causes = acted_on(report)
    if not causes:
        return [kit.section(_causeless(report, voice))]
    number = (
        voice.say("card.cause.one") if len(causes) == 1 else voice.say("card.cause.many", count=len(causes))
    )
    parts = [kit.paragraph(kit.words(number, bold=True))]
    parts.append(_bullets(causes[:CAUSES], voice))
    if len(causes) > CAUSES:
        parts.append(kit.paragraph(kit.words(voice.say("card.cause.more", count=len(causes) - CAUSES))))
    explained = sum(finding.role == "consequence" for finding in report.findings)
    thread = (
        voice.say("card.explains", findings=voice.count("consequence", explained))
        if explained
        else voice.say("card.thread")
    )
    parts.append(kit.paragraph(kit.words(thread)))
    return [kit.rich_text(*parts)]


def _bullets(causes: list[ReportedFinding], voice: Voice) -> Json:
    lines = [
        kit.paragraph(
            *kit.marked(kit.cut(finding.title, TITLE)),
            kit.words(_place(finding, voice) + " "),
            kit.words(finding.id, code=True),
        )
        for finding in causes
    ]
    return {"type": "rich_text_list", "style": "bullet", "elements": lines}


def _place(finding: ReportedFinding, voice: Voice) -> str:
    """Where it is, unless the title says so."""
    ends = finding.subject.split(" -> ")
    return "" if all(end in finding.title for end in ends) else voice.say("card.on", subject=finding.subject)


def _causeless(report: Report, voice: Voice) -> str:
    if report.verdict == "unknown":
        return voice.say("card.unknown.body")
    if report.verdict != "healthy":
        return voice.say("card.explained.body")
    passed = voice.count("check", sum(check.status is Status.PASSED for check in report.checks))
    if report.findings:
        findings = voice.count("finding", len(report.findings))
        return voice.say("card.healthy.notes", checks=passed, findings=findings)
    return voice.say("card.healthy.body", checks=passed)


def tell_paths(report: Report, voice: Voice) -> list[Json]:
    """One column a kind of path."""
    columns = [
        f"*{voice.say(f'path.{kind}')}*\n" + "\n".join(_lines(paths, voice))
        for kind in KINDS
        if (paths := [path for path in report.paths if path.kind == kind])
    ]
    return [kit.fields(columns)] if columns else []


def _lines(paths: list[ReportedPath], voice: Voice) -> Iterator[str]:
    """Every path of a small site; of a large one what does not work, and how many do."""
    if len(paths) <= LINES:
        yield from (_line(path, voice) for path in paths)
        return
    bad = [path for path in paths if path.status != "ok"]
    yield from (_line(path, voice) for path in bad[:LINES])
    if len(bad) > LINES:
        yield voice.say("path.more", count=len(bad) - LINES)
    if good := len(paths) - len(bad):
        yield voice.say("path.others-ok" if bad else "path.all-ok", emoji=EMOJI["ok"], count=good)


def _line(path: ReportedPath, voice: Voice) -> str:
    return voice.say(
        "path.line",
        emoji=EMOJI["open"] if path.status == "unknown" else EMOJI[path.status],
        sender=escape(path.sender),
        receiver=escape(path.receiver),
        status=voice.say(f"path.{path.status}"),
    )


def _impact(impact: Impact, voice: Voice) -> Iterator[str]:
    if impact.waiting:
        yield voice.count("waiting", impact.waiting)
    if impact.oldest_minutes:
        yield voice.say("card.oldest", age=duration(impact.oldest_minutes))
    if impact.bounces_at:
        yield voice.say("card.bounces", time=format(impact.bounces_at.astimezone(dt.UTC), "%Y-%m-%d %H:%M"))


def _origin(run: Run, voice: Voice) -> Iterator[str]:
    user = run.request.user
    yield voice.say("card.asked-by", user=user) if user else voice.say("card.scheduled")
    if run.request.areas:
        yield voice.say("card.areas", areas=", ".join(escape(area) for area in run.request.areas))


def _took(report: Report, voice: Voice) -> str:
    return voice.say("card.took", seconds=format(report.seconds, ".1f"))


def _again(run: Run, title: str, voice: Voice) -> Json:
    return kit.button(RECHECK, run.id, voice.say("card.again"), voice.say("card.again.label", title=title))


def _details(run: Run, title: str, voice: Voice) -> Json:
    return kit.button(
        DETAILS, run.id, voice.say("card.details"), voice.say("card.details.label", title=title)
    )


def _share(run: Run, title: str, voice: Voice) -> Json:
    return kit.button(SHARE, run.id, voice.say("card.share"), voice.say("card.share.label", title=title))
