"""The card, pure: one message that shows where a run stands, and in the end its verdict and its causes."""

import datetime as dt
from collections.abc import Iterator

from bot.model.finding import Status
from bot.model.report import Impact, Report, ReportedFinding, ReportedPath
from bot.model.run import Run, RunState
from bot.slack import blocks as kit
from bot.slack.blocks import Json, Post, escape
from bot.slack.texts import EMOJI, count, say

RECHECK, DETAILS = "pvo.recheck", "pvo.details"
CAUSES, LINES, TITLE = 4, 6, 300
KINDS = ("quarantine", "release", "command")


def render_card(run: Run, title: str, before: str | None = None) -> Post:
    """The card of a run; the verdict stands in its text too.

    `title` is the site's, `before` the permalink of the card from which it was asked for again.
    """
    origin = [*_origin(run), *([say("card.repeats", url=before)] if before else [])]
    if run.state is RunState.DONE and run.report is not None:
        return _render_report(run, run.report, title, origin)
    name, state, body = _describe(run)
    blocks = [_header(name, title, state), kit.section(body), kit.context(*origin)]
    if run.state.final:
        blocks.append(kit.actions(_again(run, title)))
    return Post(say("card.text", title=escape(title), state=state), blocks)


def _describe(run: Run) -> tuple[str, str, str]:
    """Emoji name, word and sentence of a run without a report."""
    if run.state is RunState.RUNNING:
        counts = {"done": run.checks_done, "total": run.checks_total}
        state = say("card.running.counted", **counts) if run.checks_total else say("card.running")
        return "running", state, say("card.running.body")
    if run.state is RunState.REFUSED:
        return "refused", say("card.refused"), escape(run.reason or say("card.refused"))
    if run.state.final:
        reason = escape(run.reason) if run.reason else say("card.lost.unexplained")
        return "lost", say("card.lost"), say("card.lost.body", reason=reason)
    return "queued", say("card.queued"), say("card.queued.body")


def _render_report(run: Run, report: Report, title: str, origin: list[str]) -> Post:
    state = say(f"verdict.{report.verdict}")
    blocks = [_header(report.verdict, title, state)]
    blocks += _causes(report) or [kit.section(_causeless(report))]
    blocks += _paths(report)
    if unasked := open_checks(report):
        text = say("card.open", checks=count("check", len(unasked)))
        blocks.append(kit.context(f"{EMOJI['open']} {text}"))
    blocks.append(kit.context(*_impact(report.impact), *origin, _took(report)))
    blocks.append(kit.actions(_again(run, title), _details(run, title)))
    return Post(_headline(report, title, state), blocks)


def open_checks(report: Report) -> list[str]:
    """The ids of the checks that could not tell, each once."""
    return list(dict.fromkeys(check.id for check in report.checks if check.status is Status.ERROR))


def acted_on(report: Report) -> list[ReportedFinding]:
    """The causes that mean something is wrong, worst first: what a person must act on."""
    return [finding for finding in report.causes if finding.counts]


def _headline(report: Report, title: str, state: str) -> str:
    causes = acted_on(report)
    if not causes:
        return say("card.text", title=escape(title), state=state)
    first = f"{escape(kit.cut(causes[0].title, TITLE))} ({causes[0].id})"
    more = say("card.cause.more", count=len(causes) - 1) if len(causes) > 1 else ""
    named = f"{first}, {more}" if more else first
    return kit.cut(say("card.text.causes", title=escape(title), state=state, causes=named), kit.TEXT)


def _header(name: str, title: str, state: str) -> Json:
    return kit.header(say("card.header", emoji=EMOJI[name], title=kit.clean(title), state=state))


def _causes(report: Report) -> list[Json]:
    causes = acted_on(report)
    if not causes:
        return []
    number = say("card.cause.one") if len(causes) == 1 else say("card.cause.many", count=len(causes))
    parts = [kit.paragraph(kit.words(number, bold=True))]
    parts.append(_bullets(causes[:CAUSES]))
    if len(causes) > CAUSES:
        parts.append(kit.paragraph(kit.words(say("card.cause.more", count=len(causes) - CAUSES))))
    explained = sum(finding.role == "consequence" for finding in report.findings)
    thread = (
        say("card.explains", findings=count("consequence", explained)) if explained else say("card.thread")
    )
    parts.append(kit.paragraph(kit.words(thread)))
    return [kit.rich_text(*parts)]


def _bullets(causes: list[ReportedFinding]) -> Json:
    lines = [
        kit.paragraph(
            *kit.marked(kit.cut(finding.title, TITLE)),
            kit.words(_place(finding) + " "),
            kit.words(finding.id, code=True),
        )
        for finding in causes
    ]
    return {"type": "rich_text_list", "style": "bullet", "elements": lines}


def _place(finding: ReportedFinding) -> str:
    """Where it is, unless the title says so."""
    ends = finding.subject.split(" -> ")
    return "" if all(end in finding.title for end in ends) else say("card.on", subject=finding.subject)


def _causeless(report: Report) -> str:
    if report.verdict == "unknown":
        return say("card.unknown.body")
    if report.verdict != "healthy":
        return say("card.explained.body")
    passed = count("check", sum(check.status is Status.PASSED for check in report.checks))
    if report.findings:
        findings = count("finding", len(report.findings))
        return say("card.healthy.notes", checks=passed, findings=findings)
    return say("card.healthy.body", checks=passed)


def _paths(report: Report) -> list[Json]:
    columns = [
        f"*{say(f'path.{kind}')}*\n" + "\n".join(_lines([path for path in report.paths if path.kind == kind]))
        for kind in KINDS
        if any(path.kind == kind for path in report.paths)
    ]
    return [kit.fields(columns)] if columns else []


def _lines(paths: list[ReportedPath]) -> Iterator[str]:
    """Every path of a small site; of a large one what does not work, and how many do."""
    if len(paths) <= LINES:
        yield from (_line(path) for path in paths)
        return
    bad = [path for path in paths if path.status != "ok"]
    yield from (_line(path) for path in bad[:LINES])
    if len(bad) > LINES:
        yield say("path.more", count=len(bad) - LINES)
    if good := len(paths) - len(bad):
        yield say("path.others-ok" if bad else "path.all-ok", emoji=EMOJI["ok"], count=good)


def _line(path: ReportedPath) -> str:
    return say(
        "path.line",
        emoji=EMOJI["open"] if path.status == "unknown" else EMOJI[path.status],
        sender=escape(path.sender),
        receiver=escape(path.receiver),
        status=say(f"path.{path.status}"),
    )


def _impact(impact: Impact) -> Iterator[str]:
    if impact.waiting:
        yield say("card.waiting", count=impact.waiting)
    if impact.oldest_minutes:
        yield say("card.oldest", minutes=impact.oldest_minutes)
    if impact.bounces_at:
        yield say("card.bounces", time=format(impact.bounces_at.astimezone(dt.UTC), "%Y-%m-%d %H:%M"))


def _origin(run: Run) -> Iterator[str]:
    yield say("card.asked-by", user=run.request.user)
    if run.request.areas:
        yield say("card.areas", areas=", ".join(escape(area) for area in run.request.areas))


def _took(report: Report) -> str:
    return say("card.took", seconds=format(report.seconds, ".1f"))


def _again(run: Run, title: str) -> Json:
    return kit.button(RECHECK, run.id, say("card.again"), say("card.again.label", title=title))


def _details(run: Run, title: str) -> Json:
    return kit.button(DETAILS, run.id, say("card.details"), say("card.details.label", title=title))
