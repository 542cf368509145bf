"""For a terminal, through Rich: no blanks at the ends of lines, since what it shows is piped and pasted."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Table as Grid
from rich.text import Text

from bot.render.marks import split_marks
from bot.render.neutral import neutralise
from bot.render.tree import Cell, Code, Heading, Listing, Part, Prose, Sign, Span, Table, Tone, visible

WIDEST = 100
_COLOURS: dict[Tone, str] = {
    "": "",
    "good": "green",
    "poor": "yellow",
    "bad": "red",
    "open": "magenta",
    "note": "blue",
    "off": "dim",
    "typed": "cyan",
}
_MARKS = {"plain": "", "code": "cyan", "name": "italic"}


def write_text(parts: Iterable[Part], console: Console, widest: int = WIDEST) -> None:
    """Prints a document, at most `widest` columns wide; NO_COLOR and a pipe mean no colours."""
    screen = _Screen(console.encoding, console.color_system is not None and not console.no_color)
    for part in visible(parts, "screen"):
        if isinstance(part, Listing | Table | Code) and not _rows(part):
            continue
        if isinstance(part, Prose) and part.whole:
            text = Text(" " * part.indent) + screen.line(part.spans)
            console.print(text, soft_wrap=True)
        else:
            console.print(screen.show(part), width=min(console.width, widest))


def _rows(part: Listing | Table | Code) -> tuple[object, ...]:
    return part.items if isinstance(part, Listing) else part.rows if isinstance(part, Table) else part.lines


@dataclass(frozen=True, slots=True)
class _Indented:
    """A part some `columns` to the right, with an empty line above where `apart`."""

    part: RenderableType
    columns: int
    apart: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.update_width(max(1, options.max_width - self.columns))
        if self.apart:
            yield Segment.line()
        for line in console.render_lines(self.part, room, pad=False):
            yield from _trimmed([Segment(" " * self.columns), *line])
            yield Segment.line()


def _trimmed(line: list[Segment]) -> list[Segment]:
    """The line without blanks at its end."""
    kept = list(line)
    while kept and not (text := kept[-1].text.rstrip()):
        kept.pop()
    return [*kept[:-1], Segment(text, kept[-1].style)] if kept else []


@dataclass(frozen=True, slots=True)
class _Screen:
    """What the terminal can show: its encoding, and colours or not."""

    encoding: str
    colours: bool

    def show(self, part: Heading | Prose | Listing | Code | Table) -> RenderableType:
        match part:
            case Heading():
                text = self.line(part.spans, part.sign, "bold underline" if part.level == 2 else "")
                return _Indented(text, part.indent, part.apart)
            case Prose():
                return _Indented(self.line(part.spans, part.sign), part.indent, part.apart)
            case Listing():
                return _Indented(self._list(part), part.indent)
            case Code():
                text = self._verbatim("\n".join(part.lines), _COLOURS[part.tone])
                return _Indented(text, part.indent)
            case Table():
                return _Indented(self._table(part), part.indent)

    def line(self, spans: Iterable[Span], sign: Sign | None = None, style: str = "") -> Text:
        line = Text.assemble(*((self._sign(sign), " ") if sign else ()))
        for span in spans:
            if span.media != "print":
                line.append_text(self._span(span, style))
        return line

    def _list(self, part: Listing) -> RenderableType:
        if not part.numbered:
            return Text("\n").join(self.line(item) for item in part.items)
        grid = Grid.grid(padding=(0, 1, 0, 0))
        for number, item in enumerate(part.items, start=1):
            grid.add_row(Text(f"{number}."), self.line(item))
        return grid

    def _table(self, part: Table) -> RenderableType:
        grid = Grid.grid(padding=(0, 2, 0, 0))
        if part.head:
            grid.add_row(*(self._verbatim(name, "dim") for name in part.head))
        for row in part.rows:
            grid.add_row(*map(self._cell, row))
        return grid

    def _cell(self, cell: Cell) -> Text:
        if isinstance(cell, Sign):
            return self._sign(cell)
        return self._span(cell) if isinstance(cell, Span) else self.line(cell)

    def _sign(self, sign: Sign) -> Text:
        return Text(sign.sign if self._shows(sign.sign) else sign.ascii, f"bold {_COLOURS[sign.tone]}")

    def _span(self, span: Span, style: str = "") -> Text:
        style = f"{style} {span.look} {_COLOURS[span.tone]}".strip()
        if span.kind not in ("prose", "aside"):
            return self._verbatim(span.text, style)
        told = Text(style=style)
        for kind, piece in split_marks(self._fit(neutralise(span.text))):
            bare = kind == "code" and not self.colours  # backticks stay where no colour sets code apart
            told.append(f"`{piece}`" if bare else piece, style="" if bare else _MARKS[kind])
        return told

    def _verbatim(self, text: str, style: str = "") -> Text:
        """Text of an appliance or a name, as it is."""
        return Text(self._fit(neutralise(text)), style=style)

    def _fit(self, text: str) -> str:
        return text if self._shows(text) else text.encode(self.encoding, "replace").decode(self.encoding)

    def _shows(self, text: str) -> bool:
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True
