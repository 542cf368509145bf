"""What a document is made of: headings, prose, lists, code, tables and signs; a writer knows nothing else.

What only one kind of reader gets is marked as for a `screen` (a terminal) or for `print` (a ticket, a page).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Literal, NamedTuple

from bot.model.finding import Severity, Status
from bot.model.report import PathStatus, Verdict

Media = Literal["screen", "print"]
Tone = Literal["", "good", "poor", "bad", "open", "note", "off", "typed"]
Kind = Literal["text", "prose", "code", "strong", "aside"]


class Sign(NamedTuple):
    """A sign and its twin for screens without Unicode; it never stands for its word, nor a colour for either."""

    sign: str
    ascii: str
    tone: Tone


_GOOD, _POOR, _BAD = Sign("✔", "+", "good"), Sign("▲", "!", "poor"), Sign("✖", "x", "bad")
_OPEN, _NOTE, _OFF = Sign("?", "?", "open"), Sign("i", "i", "note"), Sign("-", "-", "off")
VERDICT: dict[Verdict, Sign] = {"healthy": _GOOD, "degraded": _POOR, "broken": _BAD, "unknown": _OPEN}
SEVERITY = {Severity.CRITICAL: _BAD, Severity.WARNING: _POOR, Severity.INFO: _NOTE}
PATH: dict[PathStatus, Sign] = {"ok": _GOOD, "failed": _BAD, "unknown": _OPEN}
STATUS = {Status.PASSED: _GOOD, Status.FAILED: _BAD, Status.ERROR: _OPEN, Status.SKIPPED: _OFF}


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text on one line.

    `text` is shown as it is, `prose` is a sentence of ours with its two marks, `code` a name or a command, `strong`
    a word that stands out, `aside` prose of less weight. `look` and `tone` are how a screen sets it apart.
    """

    text: str
    kind: Kind = "text"
    look: Literal["", "bold", "dim"] = ""
    tone: Tone = ""
    media: Media | None = None


Cell = Sign | Span | tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A title with an optional sign; `level` counts from 1. A screen shows it `indent` columns to the right."""

    level: int
    spans: tuple[Span, ...]
    sign: Sign | None = None
    indent: int = 0
    apart: bool = True


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph; `apart` = below an empty line on a screen, `whole` = never broken over lines there."""

    spans: tuple[Span, ...]
    indent: int = 2
    apart: bool = False
    sign: Sign | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Sentences one below the other, `numbered` or not."""

    items: tuple[tuple[Span, ...], ...]
    numbered: bool = False
    indent: int = 2


@dataclass(frozen=True, slots=True)
class Code:
    """Lines exactly as they are printed or typed."""

    lines: tuple[str, ...]
    indent: int = 4
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the first of them a `head` where there is one."""

    rows: tuple[tuple[Cell, ...], ...]
    head: tuple[str, ...] = ()
    indent: int = 2


@dataclass(frozen=True, slots=True)
class Only:
    """Parts that one kind of reader gets."""

    media: Media
    parts: tuple["Part", ...]


Part = Heading | Prose | Listing | Code | Table | Only


def visible(parts: Iterable[Part], media: Media) -> Iterator[Heading | Prose | Listing | Code | Table]:
    """The parts that this kind of reader gets."""
    for part in parts:
        if not isinstance(part, Only):
            yield part
        elif part.media == media:
            yield from visible(part.parts, media)


def line(*spans: Span | str) -> tuple[Span, ...]:
    """Spans, text alone being one too."""
    return tuple(Span(span) if isinstance(span, str) else span for span in spans)


def weave(template: str, **spans: Span) -> tuple[Span, ...]:
    """A sentence whose placeholders are spans."""
    pieces = Formatter().parse(template)
    woven = (part for text, name, _, _ in pieces for part in (Span(text), *([spans[name]] if name else [])))
    return tuple(span for span in woven if span.text)
