"""Where everything stands in the picture of the paths: ESAs on the left, the SMA on the right, arrows between."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.knowledge.voice import Voice
from bot.model.report import PathStatus, Report, ReportedPath
from bot.render.blame import blame
from bot.render.picture.shapes import Area, Box, Label, Picture, Shape, Stroke, fit, measure
from bot.render.words import moment

WIDTH, MARGIN, HEAD, FOOT = 1000, 24, 64, 52
NODE, LANE, ROW_PADDING, GAP = 170, 34, 8, 14
ROWS = 12
"""So many ESAs are drawn one by one; of more, only those in trouble, and a row of its own counts the others."""
INK, PAPER, FAINT = "#1f2328", "#ffffff", "#57606a"
COLOURS: dict[PathStatus, str] = {"ok": "#1a7f37", "failed": "#cf222e", "unknown": "#6e7781"}
DASHES: dict[PathStatus, tuple[float, float]] = {"ok": (0, 0), "failed": (12, 7), "unknown": (2, 6)}
LEFT, RIGHT = MARGIN + NODE, WIDTH - MARGIN - NODE
TEXT = 13
FINE = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One ESA with its paths, or several that are only counted: then it has a `note` and no paths."""

    name: str
    paths: tuple[ReportedPath, ...] = ()
    note: str = ""

    @property
    def height(self) -> int:
        return max(1, len(self.paths)) * LANE + 2 * ROW_PADDING

    @property
    def worst(self) -> int:
        """0 when a path failed, 1 when one is unknown, FINE when all is well."""
        order: list[PathStatus] = ["failed", "unknown", "ok"]
        return min((order.index(path.status) for path in self.paths), default=FINE)


def lay_out(report: Report) -> Picture:
    """The picture of a report, in its language."""
    voice = Voice(report.language)
    rows = _choose(list(_rows(report)), voice)
    middle = sum(row.height for row in rows) + GAP * max(0, len(rows) - 1)
    height = HEAD + middle + FOOT
    title = f"{report.site}: {voice.say(f'verdict.{report.verdict}')}"
    shapes: list[Shape] = [Box(0, 0, WIDTH, height, PAPER, PAPER)]
    shapes += _head(report, title)
    shapes += _draw_rows(report, rows, voice)
    if rows:
        shapes += _node(RIGHT, HEAD, middle, _sma(report), "SMA")
    shapes += _legend(height - FOOT / 2, voice)
    return Picture(WIDTH, height, title, tuple(shapes))


def _rows(report: Report) -> Iterator[Row]:
    """One row an ESA, in the order of the report."""
    sma = _sma(report)
    grouped: dict[str, list[ReportedPath]] = {}
    for path in report.paths:
        grouped.setdefault(path.receiver if path.sender == sma else path.sender, []).append(path)
    return (Row(name, tuple(paths)) for name, paths in grouped.items())


def _sma(report: Report) -> str:
    """Quarantine paths end there, the others begin there."""
    return next((path.receiver if path.kind == "quarantine" else path.sender for path in report.paths), "")


def _choose(rows: list[Row], voice: Voice) -> list[Row]:
    if len(rows) <= ROWS:
        return rows
    troubled = sorted((row for row in rows if row.worst < FINE), key=lambda row: row.worst)
    drawn = troubled[: ROWS - 1]
    counted = [row for row in rows if row not in drawn]
    statuses = [path.status for row in counted for path in row.paths]
    told = ", ".join(
        f"{statuses.count(status)} {voice.say(f'path.{status}')}" for status in COLOURS if status in statuses
    )
    more = voice.count("more-esas" if drawn else "esas", len(counted))
    return [*drawn, Row(more, note=f"{voice.say('paths')}: {told}")]


def _head(report: Report, title: str) -> Iterator[Shape]:
    yield Label(MARGIN, 32, fit(title, 20, 560), INK, 20, bold=True)
    yield Label(WIDTH - MARGIN, 32, moment(report.started), FAINT, TEXT, anchor="end")


def _draw_rows(report: Report, rows: list[Row], voice: Voice) -> Iterator[Shape]:
    top = HEAD
    for row in rows:
        yield from _node(MARGIN, top, row.height, row.name, "ESA" if row.paths else "")
        if row.note:
            yield Label((LEFT + RIGHT) / 2, top + row.height / 2, row.note, FAINT, anchor="middle")
        for lane, path in enumerate(row.paths):
            yield from _arrow(report, path, top + ROW_PADDING + (lane + 0.5) * LANE, voice)
        top += row.height + GAP


def _node(x: float, top: float, height: float, name: str, product: str) -> Iterator[Shape]:
    yield Box(x, top, NODE, height, "#f6f8fa", "#8c959f")
    centre, middle = x + NODE / 2, top + height / 2
    offset = 9 if product else 0
    yield Label(centre, middle - offset, fit(name, 15, NODE - 16), INK, 15, bold=True, anchor="middle")
    if product:
        yield Label(centre, middle + 11, product, FAINT, 12, anchor="middle")


def _arrow(report: Report, path: ReportedPath, y: float, voice: Voice) -> Iterator[Shape]:
    colour = COLOURS[path.status]
    start, end = (LEFT, RIGHT) if path.kind == "quarantine" else (RIGHT, LEFT)
    ahead = 1 if end > start else -1
    line, text = y + 11, fit(_tell(report, path, voice), TEXT, RIGHT - LEFT - 60)
    yield Stroke(((start, line), (end - 11 * ahead, line)), colour, 2.5, DASHES[path.status])
    yield Area(((end, line), (end - 13 * ahead, line - 6), (end - 13 * ahead, line + 6)), colour)
    yield from _sign(path.status, LEFT + 26, y - 4)
    yield Label(LEFT + 38, y - 4, text, colour, TEXT, bold=path.status == "failed")


def _tell(report: Report, path: ReportedPath, voice: Voice) -> str:
    """What the path is for and, where it does not work, what stops it."""
    kind = voice.say(f"kind.{path.kind}")
    if path.status == "ok":
        return kind
    causes = list(dict.fromkeys(cause.id for cause in blame(report, path)))
    more = f" +{len(causes) - 1}" if len(causes) > 1 else ""
    return f"{kind}: {causes[0]}{more}" if causes else f"{kind}: {voice.say(f'path.{path.status}')}"


def _sign(status: PathStatus, x: float, y: float) -> Iterator[Shape]:
    """A tick, a cross or a question mark, drawn, for a font may lack them."""
    colour = COLOURS[status]
    if status == "ok":
        yield Stroke(((x - 5, y), (x - 1.5, y + 4), (x + 5, y - 5)), colour, 2.5)
    elif status == "failed":
        yield Stroke(((x - 4.5, y - 4.5), (x + 4.5, y + 4.5)), colour, 3)
        yield Stroke(((x - 4.5, y + 4.5), (x + 4.5, y - 4.5)), colour, 3)
    else:
        yield Label(x, y, "?", colour, 15, bold=True, anchor="middle")


def _legend(y: float, voice: Voice) -> Iterator[Shape]:
    x = float(MARGIN)
    for status, colour in COLOURS.items():
        word = voice.say(f"path.{status}")
        yield Stroke(((x, y), (x + 46, y)), colour, 2.5, DASHES[status])
        yield from _sign(status, x + 60, y)
        yield Label(x + 74, y, word, colour, TEXT)
        x += 74 + measure(word, TEXT) + 36
