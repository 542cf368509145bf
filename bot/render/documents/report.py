"""The report: the verdict, the causes with what to do, what follows from them, what stays open."""

from collections.abc import Iterator

from bot.knowledge.voice import Voice
from bot.model.finding import Status
from bot.model.report import Report, ReportedCheck, ReportedFinding
from bot.render.documents.finding import list_consequences, tell_consequences, tell_finding
from bot.render.documents.sections import Sections, divide_findings, group_by_reason
from bot.render.tree import (
    PATH,
    STATUS,
    VERDICT,
    Cell,
    Heading,
    Listing,
    Only,
    Part,
    Prose,
    Span,
    Table,
    line,
)
from bot.render.words import format_time, tell_checks, tell_impact, tell_meaning


def tell_report(report: Report, verbose: bool = False) -> Iterator[Part]:
    """In the language of the report; `verbose` adds, on a screen, all evidence, reasons and every check."""
    voice = Voice(report.language)
    yield from _head(report, voice)
    yield from tell_findings(divide_findings(report.findings), voice, verbose)
    yield from _paths(report, voice)
    yield from _open_ends(report, voice)
    if verbose:
        rows = tuple(_row(check, voice) for check in report.checks)
        yield Only("screen", (heading(voice.say("checks")), Table(rows)))
    yield Prose((Span(tell_checks(report, voice), look="dim"),), indent=0, apart=True)


def heading(title: str) -> Heading:
    """Of a section."""
    return Heading(2, (Span(title),))


def _head(report: Report, voice: Voice) -> Iterator[Part]:
    sign = VERDICT[report.verdict]
    verdict, meaning = voice.say(f"verdict.{report.verdict}"), tell_meaning(report, voice)
    yield Heading(
        1,
        (
            Span(verdict, look="bold", tone=sign.tone, media="screen"),
            Span("  ", media="screen"),
            Span(f"{report.site}: {meaning}", look="bold", media="screen"),
            Span(f"{report.site}: {verdict}, {meaning}", media="print"),
        ),
        sign,
        apart=False,
    )
    impact = tell_impact(report.impact, voice)
    started = voice.say("started", time=format_time(report.started), run=report.id)
    if impact:
        yield Only("screen", (Prose(line(impact)),))
    yield Only("print", (Prose(line(f"{impact} {started}".strip())),))


def tell_findings(sections: Sections, voice: Voice, verbose: bool) -> Iterator[Part]:
    """Causes, consequences and notes, each below a heading of its own; in print the consequences come last."""
    causes, consequences, notes = sections
    follows = heading(voice.count("consequences", len(consequences)))
    yield from _in_full(voice.count("causes", len(causes)), causes, voice, verbose)
    if consequences:
        yield Only("screen", (follows, *tell_consequences(consequences, causes, voice, verbose)))
    yield from _in_full(voice.say("notes"), notes, voice, verbose)
    if consequences:
        yield Only("print", (follows, *list_consequences(consequences, causes, voice)))


def _in_full(
    title: str, findings: tuple[ReportedFinding, ...], voice: Voice, verbose: bool
) -> Iterator[Part]:
    if findings:
        yield heading(title)
    for number, finding in enumerate(findings):
        yield from tell_finding(finding, voice, verbose, apart=number > 0)


def _paths(report: Report, voice: Voice) -> Iterator[Part]:
    if not report.paths:
        return
    yield heading(voice.say("paths"))
    screen: list[tuple[Cell, ...]] = []
    printed: list[tuple[Cell, ...]] = []
    for path in report.paths:
        sign, kind = PATH[path.status], Span(voice.say(f"kind.{path.kind}"))
        status = Span(voice.say(f"path.{path.status}"), tone=sign.tone)
        screen.append((sign, status, kind, Span(f"{path.sender} -> {path.receiver}")))
        printed.append((kind, Span(path.sender), Span(path.receiver), status))
    yield Only("screen", (Table(tuple(screen)),))
    yield Only("print", (Table(tuple(printed), tuple(voice.say("paths.columns").split(" | "))),))


def _open_ends(report: Report, voice: Voice) -> Iterator[Part]:
    for status, title in ((Status.ERROR, "open"), (Status.SKIPPED, "skipped")):
        checks = [check for check in report.checks if check.status is status]
        if checks:
            yield heading(voice.say(title))
            yield from _list_checks(checks, voice)
    if peers := report.coverage.unlisted_peers:
        yield heading(voice.say("unlisted"))
        yield Only("screen", (Prose(line(", ".join(peers))),))
        yield Only("print", (Listing(tuple((Span(peer, "code"),) for peer in peers)),))


def _list_checks(checks: list[ReportedCheck], voice: Voice) -> Iterator[Part]:
    """A row for each check and reason; a reason that several checks share stands once, with their ids."""
    sign = STATUS[checks[0].status]
    alone: list[tuple[Cell, ...]] = []
    shared: list[tuple[Cell, ...]] = []
    items = []
    for group in group_by_reason(checks):
        reason, ids = Span(group.reason or voice.say("no-reason"), "prose"), ", ".join(group.ids)
        if len(group.ids) == 1:
            alone.append((sign, Span(ids), Span("\n".join(group.subjects)), reason))
            items.append(line(*_codes(group.ids), " (", *_codes(group.subjects), "): ", reason))
        else:
            shared.append((sign, line(reason, ": ", Span(ids, look="dim"))))
            items.append(line(reason, ": ", *_codes(group.ids)))
    yield Only("screen", tuple(Table(tuple(rows)) for rows in (alone, shared) if rows))
    yield Only("print", (Listing(tuple(items)),))


def _codes(names: tuple[str, ...]) -> Iterator[Span]:
    for number, name in enumerate(names):
        yield from line(*([", "] if number else []), Span(name, "code"))


def _row(check: ReportedCheck, voice: Voice) -> tuple[Cell, ...]:
    sign, seconds = STATUS[check.status], Span(f"{check.seconds:.1f} s", look="dim")
    status = Span(voice.say(f"status.{check.status}"), tone=sign.tone)
    return sign, status, Span(check.id), Span(check.subject), seconds
