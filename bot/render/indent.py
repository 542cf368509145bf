"""Indented blocks for a terminal that leave no blanks at the ends of lines: reports are piped and pasted."""

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment


@dataclass(frozen=True, slots=True)
class Indented:
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
