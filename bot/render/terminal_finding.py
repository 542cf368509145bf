"""One finding for a terminal: what is wrong, the evidence, and every fix with its lines and its source."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bot.model.finding import Evidence
from bot.model.report import Fix, ReportedFinding
from bot.render.indent import Indented
from bot.render.prose import Look
from bot.render.signs import SEVERITY
from bot.render.words import tell_explanation, tell_line

LINES_SHOWN = 6


def show_cause(finding: ReportedFinding, look: Look, verbose: bool) -> Iterator[RenderableType]:
    """A finding in full; without `verbose` only the last LINES_SHOWN lines of each answer."""
    yield _title(finding, look)
    yield Indented(_identity(finding, look), 2)
    yield Indented(look.prose(finding.why), 2)
    for evidence in finding.evidence:
        yield from _show_evidence(evidence, look, verbose)
    for fix in finding.fixes:
        yield from show_fix(fix, finding.subject, look)


def show_consequence(
    finding: ReportedFinding, causes: tuple[ReportedFinding, ...], look: Look, verbose: bool
) -> Iterator[RenderableType]:
    """A finding in two lines, the second of which says what explains it; `verbose` adds why and evidence."""
    yield Indented(_title(finding, look), 2)
    because = look.phrase("because", "dim", finding=finding.id, causes=tell_explanation(finding, causes))
    yield Indented(because, 4)
    if verbose:
        yield Indented(look.prose(finding.why), 4)
        for evidence in finding.evidence:
            yield from _show_evidence(evidence, look, verbose)


def _title(finding: ReportedFinding, look: Look) -> Text:
    return Text.assemble(look.sign(SEVERITY[finding.severity]), " ", look.prose(finding.title, "bold"))


def _identity(finding: ReportedFinding, look: Look) -> Text:
    state = look.verbatim(look.words.state(finding), SEVERITY[finding.severity].style)
    return Text.assemble(state, "  ", look.verbatim(f"{finding.id}  {finding.subject}", "dim"))


def _show_evidence(evidence: Evidence, look: Look, verbose: bool) -> Iterator[RenderableType]:
    """The end of an answer says most: the outcome of a dialogue, the newest lines of a log."""
    lines = evidence.excerpt.splitlines()
    shown = lines if verbose else lines[-LINES_SHOWN:]
    asked = look.verbatim(f"{evidence.appliance}> {evidence.command}", "dim")
    yield Indented(asked, 2, apart=True)
    if len(shown) < len(lines):
        before = look.words.count("lines-before", len(lines) - len(shown))
        yield Indented(look.verbatim(before, "dim"), 4)
    yield Indented(look.verbatim("\n".join(shown)), 4)


def show_fix(fix: Fix, subject: str, look: Look) -> Iterator[RenderableType]:
    """A fix in full, for a finding at `subject`."""
    title = Text.assemble(look.phrase("fix", "bold green"), look.prose(fix.title, "bold"))
    yield Indented(title, 2, apart=True)
    yield Indented(look.verbatim(look.words.way(fix), "dim"), 4)
    if fix.because:
        yield Indented(look.prose(fix.because), 4)
    if fix.steps:
        yield Indented(_numbered(fix.steps, look), 4)
    yield from _show_lines(fix, subject, look)
    if fix.effect:
        yield Indented(Text.assemble(look.phrase("effect", "bold"), look.prose(fix.effect)), 4)
    yield Indented(Text.assemble(look.phrase("source", "bold"), look.verbatim(fix.source)), 4)


def _numbered(steps: tuple[str, ...], look: Look) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for number, step in enumerate(steps, start=1):
        table.add_row(Text(f"{number}."), look.prose(step))
    return table


def _show_lines(fix: Fix, subject: str, look: Look) -> Iterator[RenderableType]:
    if fix.commands:
        yield Indented(look.verbatim(f"{look.words.lines(fix, subject)}:", "bold"), 4)
        yield Indented(look.verbatim("\n".join(tell_line(line) for line in fix.commands), "cyan"), 6)
    if fix.undo:
        undo = look.verbatim(" | ".join(tell_line(line) for line in fix.undo))
        yield Indented(Text.assemble(look.phrase("undo", "bold"), (": ", "bold"), undo), 4)
