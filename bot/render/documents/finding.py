"""One finding: what is wrong, the evidence, and every fix with its lines and its source."""

from collections.abc import Iterator

from bot.knowledge.voice import Voice
from bot.model.finding import Evidence
from bot.model.report import Fix, ReportedFinding
from bot.render.tree import SEVERITY, Code, Heading, Listing, Only, Part, Prose, Span, line, weave
from bot.render.words import (
    format_time,
    tell_explanation,
    tell_line,
    tell_state,
    tell_way,
    tell_where,
)

LINES_SHOWN = 6


def tell_finding(finding: ReportedFinding, voice: Voice, verbose: bool, apart: bool) -> Iterator[Part]:
    """A finding in full; without `verbose` a screen gets the last LINES_SHOWN lines of each answer."""
    sign, state = SEVERITY[finding.severity], tell_state(finding, voice)
    yield Heading(3, (Span(finding.title, "prose", "bold"),), sign, apart=apart)
    yield Prose(
        (
            Span(state, tone=sign.tone, media="screen"),
            Span("  ", media="screen"),
            Span(f"{finding.id}  {finding.subject}", look="dim", media="screen"),
            Span(finding.id, "code", media="print"),
            Span(f", {state}, ", media="print"),
            Span(finding.subject, "code", media="print"),
        )
    )
    yield Prose((Span(finding.why, "prose"),))
    for evidence in finding.evidence:
        yield from _tell_evidence(evidence, voice, verbose)
    for fix in finding.fixes:
        yield from tell_fix(fix, finding.subject, voice)


def tell_consequences(
    findings: tuple[ReportedFinding, ...],
    causes: tuple[ReportedFinding, ...],
    voice: Voice,
    verbose: bool,
) -> Iterator[Part]:
    """On a screen two lines each, the second saying what explains it; `verbose` adds why and evidence."""
    for finding in findings:
        title = Span(finding.title, "prose", "bold")
        because = voice.say("because", finding=finding.id, causes=tell_explanation(finding, causes))
        yield Prose((title,), sign=SEVERITY[finding.severity])
        yield Prose((Span(because, look="dim"),), indent=4)
        if verbose:
            yield Prose((Span(finding.why, "prose"),), indent=4)
            for evidence in finding.evidence:
                yield from _tell_evidence(evidence, voice, verbose)


def list_consequences(
    findings: tuple[ReportedFinding, ...], causes: tuple[ReportedFinding, ...], voice: Voice
) -> Iterator[Part]:
    """In print one item each."""
    template = voice.template("because").split("{finding}", 1)
    yield Listing(
        tuple(
            (
                *line(template[0], Span(finding.title, "prose"), " (", Span(finding.id, "code"), ")"),
                *weave(template[1], causes=Span(tell_explanation(finding, causes), "code")),
            )
            for finding in findings
        )
    )


def _tell_evidence(evidence: Evidence, voice: Voice, verbose: bool) -> Iterator[Part]:
    """The end of an answer says most: the outcome of a dialogue, the newest lines of a log."""
    lines = tuple(evidence.excerpt.splitlines())
    shown = lines if verbose else lines[-LINES_SHOWN:]
    asked = weave(
        voice.template("evidence.asked"),
        command=Span(evidence.command, "code"),
        appliance=Span(evidence.appliance, "code"),
        time=Span(format_time(evidence.at)),
    )
    yield Only("print", (Prose(asked), Code(lines)))
    screen: list[Part] = [Prose((Span(f"{evidence.appliance}> {evidence.command}", look="dim"),), apart=True)]
    if hidden := len(lines) - len(shown):
        screen.append(Prose((Span(voice.count("lines-before", hidden), look="dim"),), indent=4))
    yield Only("screen", (*screen, Code(shown)))


def tell_fix(fix: Fix, subject: str, voice: Voice) -> Iterator[Part]:
    """A fix in full, for a finding at `subject`."""
    label = Span(voice.say("fix"), look="bold", tone="good")
    yield Heading(4, (label, Span(fix.title, "prose", "bold")), indent=2)
    yield Prose((Span(tell_way(fix, voice), look="dim"), Span(".", media="print")), indent=4)
    if fix.because:
        yield Prose((Span(fix.because, "prose"),), indent=4)
    yield Listing(tuple((Span(step, "prose"),) for step in fix.steps), numbered=True, indent=4)
    yield from _tell_lines(fix, subject, voice)
    if fix.effect:
        label = Span(voice.say("effect"), look="bold", media="screen")
        yield Prose((label, Span(fix.effect, "prose")), indent=4)
    yield Prose((Span(voice.say("source"), look="bold"), Span(fix.source)), indent=4)


def _tell_lines(fix: Fix, subject: str, voice: Voice) -> Iterator[Part]:
    if fix.commands:
        yield Prose((Span(f"{tell_where(fix, subject, voice)}:", look="bold"),), indent=4)
        yield Code(tuple(map(tell_line, fix.commands)), indent=6, tone="typed")
    if fix.undo:
        label, undo = Span(f"{voice.say('undo')}:", look="bold"), tuple(map(tell_line, fix.undo))
        yield Only("screen", (Prose(line(label, " ", " | ".join(undo)), indent=4),))
        yield Only("print", (Prose((label,)), Code(undo)))
