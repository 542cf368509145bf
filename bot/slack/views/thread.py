"""The thread below a card, pure: one reply an area that has something to say, causes first."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain

from bot.model.finding import Evidence, Severity, Status
from bot.model.remediation import digest_of
from bot.model.report import Fix, Report, ReportedCheck, ReportedFinding
from bot.slack.texts import EMOJI, Voice
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Json, Post, escape

AREAS = ("connectivity", "setup", "tls", "queue", "log")
EXCHANGES = 3
FIX = "pvo.fix"


@dataclass(frozen=True, slots=True)
class Room:
    """How many blocks, and how many characters in them, a message or a modal holds."""

    blocks: int
    weight: int


MESSAGE = Room(blocks=46, weight=11_000)


Offer = Callable[[Report, ReportedFinding, Voice, Fix], list[Json]]
"""What stands below a fix that the bot may do."""


def render_thread(report: Report) -> dict[str, Post]:
    """Replies in the language of the report, by the key under which each is posted once (`area:tls`), in order."""
    return {f"area:{area}": _render_area(report, area, _button) for area in _areas(report)}


def render_later(report: Report, areas: set[str]) -> dict[str, Post]:
    """As above for some areas of a later report than the card's own: its fixes are asked for after a new check."""
    return {f"area:{area}": _render_area(report, area, _hint) for area in _areas(report) if area in areas}


def _areas(report: Report) -> list[str]:
    """Areas with something to say: those of causes, of consequences, of notes, of checks that could not tell."""
    ranked = sorted(report.findings, key=_rank)
    open_areas = (area_of(check.id) for check in _open(report))
    return list(dict.fromkeys([*(finding.area for finding in ranked), *open_areas]))


def area_of(identifier: str) -> str:
    """`tls` of `tls.ciphers` and of `tls.ciphers.admit-anonymous`."""
    return identifier.split(".", 1)[0]


def _rank(finding: ReportedFinding) -> int:
    if finding.severity is Severity.INFO:
        return 2
    return 0 if finding.role == "cause" else 1


def _open(report: Report) -> list[ReportedCheck]:
    return [check for check in report.checks if check.status is Status.ERROR]


def _render_area(report: Report, area: str, offer: Offer) -> Post:
    voice = Voice(report.language)
    findings = sorted((finding for finding in report.findings if finding.area == area), key=_rank)
    unasked = [check for check in _open(report) if area_of(check.id) == area]
    name = voice.say(f"area.{area}") if area in AREAS else area
    rendered = chain(
        (render_finding(finding, voice, partial(offer, report, finding, voice)) for finding in findings),
        ([_render_open(check, voice)] for check in unasked),
    )
    said = [voice.count("finding", len(findings))] if findings else []
    said += [voice.count("open", len(unasked))] if unasked else []
    title = voice.say("thread.text", area=name, findings=", ".join(said))
    shown = fit(rendered, len(findings) + len(unasked), MESSAGE, partial(voice.say, "thread.more"))
    return Post(escape(title), [kit.header(title), *shown])


def fit(items: Iterable[list[Json]], total: int, room: Room, ending: Callable[..., str]) -> list[Json]:
    """The blocks of as many of `total` items as there is room for, parted by dividers, then how many are missing.

    `ending` says so, given their `count`.
    Of a first item that is too large, as much as fits is shown. Items are rendered only as far as they are shown.
    """
    kept: list[Json] = []
    weight = 0
    for index, item in enumerate(items):
        wanted = [kit.divider(), *item] if kept else item
        weight += kit.weigh(wanted)
        if len(kept) + len(wanted) >= room.blocks or weight > room.weight:
            kept = kept or _beginning(item, room)
            return [*kept, kit.context(ending(count=total - index))]
        kept += wanted
    return kept


def _beginning(blocks: list[Json], room: Room) -> list[Json]:
    most = min(len(blocks), room.blocks - 1)
    return blocks[: next(n for n in range(most, -1, -1) if kit.weigh(blocks[:n]) <= room.weight)]


def render_finding(
    finding: ReportedFinding, voice: Voice, offer: Callable[[Fix], list[Json]] = lambda fix: []
) -> list[Json]:
    """A cause with why, evidence and fixes, each with what `offer` adds; a consequence short, with its causes."""
    if finding.role == "consequence":
        return [
            kit.rich_text(*_title(finding, voice), _explained(finding, voice)),
            *_evidence(finding.evidence[:1], voice),
        ]
    blocks = [kit.rich_text(*_title(finding, voice), kit.paragraph(*kit.marked(finding.why)))]
    blocks += _evidence(finding.evidence[:EXCHANGES], voice)
    for fix in finding.fixes:
        blocks += [*render_fix(fix, voice), *offer(fix)]
    return blocks


def _button(report: Report, finding: ReportedFinding, voice: Voice, fix: Fix) -> list[Json]:
    if fix.applicability != "approval":
        return []
    label = voice.say("fix.button.label", subject=finding.subject, title=fix.title)
    named = name_fix(report.id, finding, fix)
    return [kit.actions(kit.button(FIX, named, voice.say("fix.button"), label))]


def _hint(report: Report, finding: ReportedFinding, voice: Voice, fix: Fix) -> list[Json]:
    return [kit.context(voice.say("fix.later"))] if fix.applicability == "approval" else []


def name_fix(run: str, finding: ReportedFinding, fix: Fix) -> str:
    """The id of a fix beside its finding in the report of a run: `RUN DIGEST`."""
    return f"{run} {digest_of([finding.id, finding.subject, fix.id])[:32]}"


def _title(finding: ReportedFinding, voice: Voice) -> Iterator[Json]:
    """Two lines: how bad it is and what; which finding it is and on what."""
    role = "note" if finding.severity is Severity.INFO else finding.role
    marks = [voice.say(f"thread.{finding.severity}")]
    marks += [voice.say("thread.planned")] if finding.planned else []
    marks += [voice.say("thread.accepted")] if finding.accepted else []
    yield kit.paragraph(
        kit.emoji(_sign(finding)),
        kit.words(f" {voice.say(f'thread.{role}')} ({', '.join(marks)}): "),
        *kit.marked(finding.title, bold=True),
    )
    yield kit.paragraph(
        kit.words(finding.id, code=True), kit.words(voice.say("card.on", subject=finding.subject))
    )


def _sign(finding: ReportedFinding) -> str:
    if finding.role == "consequence":
        return "link"
    signs = {Severity.CRITICAL: "red_circle", Severity.WARNING: "warning", Severity.INFO: "bulb"}
    return signs[finding.severity]


def _explained(finding: ReportedFinding, voice: Voice) -> Json:
    runs = [kit.words(voice.say("thread.explained"))]
    for index, cause in enumerate(finding.explained_by):
        runs += [kit.words(", ")] if index else []
        runs += [kit.words(cause.id, code=True), kit.words(voice.say("card.on", subject=cause.subject))]
    return kit.paragraph(*runs)


def _evidence(evidence: Iterable[Evidence], voice: Voice) -> Iterator[Json]:
    for exchange in evidence:
        time = exchange.at.astimezone(dt.UTC)
        caption = voice.say(
            "thread.evidence",
            appliance=exchange.appliance,
            command=f"`{kit.clean(exchange.command).replace('`', 'ˋ')}`",
            time=format(time, "%Y-%m-%d %H:%M:%S"),
        )
        yield kit.rich_text(
            kit.paragraph(*kit.marked(caption)), kit.preformatted(exchange.excerpt, voice.say("thread.cut"))
        )


def render_fix(fix: Fix, voice: Voice) -> Iterator[Json]:
    """Steps, lines to type, effect, risk and source of one fix."""
    title = voice.say("thread.fix", title=fix.title)
    parts = [kit.paragraph(kit.emoji("wrench"), kit.words(" "), *kit.marked(title, bold=True))]
    if fix.steps:
        parts.append(kit.numbered(fix.steps))
    for name, lines in (("commands", fix.commands), ("undo", fix.undo)):
        if lines:
            parts.append(kit.paragraph(kit.words(voice.say(f"thread.{name}"))))
            parts.append(kit.preformatted(_typed(lines, voice), voice.say("thread.cut")))
    yield kit.rich_text(*parts, *(kit.paragraph(*kit.marked(line)) for line in _remarks(fix, voice)))


def _typed(lines: Iterable[str], voice: Voice) -> str:
    """Every line that is typed; an empty one is the Enter key."""
    return "\n".join(line or voice.say("thread.enter") for line in lines)


def _remarks(fix: Fix, voice: Voice) -> Iterator[str]:
    if fix.effect:
        yield voice.say("thread.effect", effect=fix.effect)
    yield voice.say("thread.risk", risk=voice.say(f"thread.risk.{fix.risk}"))
    if fix.because:
        yield fix.because
    yield voice.say("thread.source", source=fix.source)


def _render_open(check: ReportedCheck, voice: Voice) -> Json:
    reason = check.reason or voice.say("thread.open.unexplained")
    text = voice.say("thread.open", check=f"`{check.id}`", subject=check.subject, reason=reason)
    return kit.rich_text(kit.paragraph(kit.emoji(EMOJI["open"]), kit.words(" "), *kit.marked(text)))
