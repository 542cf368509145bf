"""For a ticket or a page: Markdown, in which nothing that an appliance printed is markup."""

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.render import marks
from bot.render.neutral import neutralise
from bot.render.tree import Cell, Code, Heading, Listing, Part, Prose, Sign, Span, Table, visible

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&@!])")


def write_markdown(parts: Iterable[Part]) -> str:
    """One document that ends with a newline; its first heading is its title."""
    lines: list[str] = []
    top: int | None = None
    for part in visible(parts, "print"):
        lines.append("")
        match part:
            case Heading():
                top = part.level - 1 if top is None else top
                lines.append(f"{'#' * (part.level - top)} {_spans(part.spans)}")
            case Prose():
                lines.append(_spans(part.spans))
            case Listing():
                marks_ = (f"{number}." if part.numbered else "-" for number in range(1, len(part.items) + 1))
                lines += [f"{mark} {_spans(item)}" for mark, item in zip(marks_, part.items, strict=True)]
            case Code():
                lines += _block(part.lines)
            case Table():
                lines += _table(part)
    return "\n".join(lines[1:]).rstrip() + "\n"


def _spans(spans: Iterable[Span]) -> str:
    return "".join(_span(span) for span in spans if span.media != "screen")


def _span(span: Span) -> str:
    match span.kind:
        case "code":
            return code(span.text)
        case "prose":
            return prose(span.text)
        case "strong":
            return f"**{escape(span.text)}**"
        case "aside":
            return f"*{prose(span.text)}*"
    return escape(span.text)


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(escape, table.head))} |"
    yield "|" + "---|" * len(table.head)
    yield from (f"| {' | '.join(map(_cell, row))} |" for row in table.rows)


def _cell(cell: Cell) -> str:
    if isinstance(cell, Sign):
        return cell.sign
    return _span(cell) if isinstance(cell, Span) else _spans(cell)


def prose(text: str) -> str:
    """A sentence of ours: code stays code, names are emphasised, everything else is escaped."""
    return "".join(_mark(kind, piece) for kind, piece in marks.split_marks(_one_line(text)))


def _mark(kind: marks.Kind, piece: str) -> str:
    if kind == "code":
        return code(piece)
    return f"*{escape(piece)}*" if kind == "name" else escape(piece)


def escape(text: str) -> str:
    """Text on one line, nothing of which is Markdown."""
    return _SPECIAL.sub(r"\\\1", _one_line(text))


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", neutralise(text))


def code(text: str) -> str:
    """Inline code, fenced by more backticks than it holds."""
    line = _one_line(text)
    fence = _fence(line, 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _block(lines: Sequence[str]) -> Iterator[str]:
    fence = _fence("\n".join(lines), 3)
    yield fence
    yield from (neutralise(line) for line in lines)
    yield fence


def _fence(text: str, least: int) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(least, longest + 1 if longest else 0)
