"""CPQ deliveries, failures and the growth of the queue over time, as a picture: SVG, or PNG through Pillow."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.knowledge.voice import Voice
from bot.render.picture.draw import write_png, write_svg
from bot.render.picture.shapes import Area, Label, Picture, Point, Shape, Stroke

WIDTH, HEIGHT, MARGIN, HEAD, FOOT = 1000, 520, 70, 64, 70
GAP = 44
INK, FAINT, GRID = "#1f2328", "#57606a", "#d0d7de"
DONE, FAILED, WAITING = "#1a7f37", "#cf222e", "#0969da"
TICKS = 6

Steps = Mapping[dt.datetime, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class _Panel:
    """Where values are drawn: from `top` to `bottom`, between two moments."""

    top: float
    bottom: float
    first: dt.datetime
    last: dt.datetime
    most: int

    def x(self, at: dt.datetime) -> float:
        whole = (self.last - self.first).total_seconds() or 1.0
        return MARGIN + (WIDTH - 2 * MARGIN) * (at - self.first).total_seconds() / whole

    def y(self, value: float) -> float:
        return self.bottom - (self.bottom - self.top) * value / self.most

    def frame(self) -> list[Shape]:
        left, right = float(MARGIN), float(WIDTH - MARGIN)
        lines: list[Shape] = []
        for value in {0, self.most // 2, self.most}:
            lines.append(Stroke(((left, self.y(value)), (right, self.y(value))), GRID, 1.0))
            lines.append(Label(left - 8, self.y(value), f"{value:,}", FAINT, 12, anchor="end"))
        return lines


def draw_series(steps: Steps, minutes: int, language: str, *, png: bool) -> bytes:
    """The file's bytes; `steps` counts `done`, `failed`, `enqueued`, `bounced` from each moment on, `minutes` long.

    `Unusable` for a PNG where Pillow is not installed.
    """
    picture = lay_out_series(steps, minutes, Voice(language))
    return write_png(picture) if png else write_svg(picture).encode()


def lay_out_series(steps: Steps, minutes: int, voice: Voice) -> Picture:
    """Deliveries and failures above, the queue's growth below; the legend tells them apart by words, too."""
    shapes: list[Shape] = [
        Area(((0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)), "#ffffff"),
        Label(MARGIN, 24, voice.say("logs.plot"), INK, 16, bold=True),
    ]
    if not steps:
        shapes.append(Label(MARGIN, 60, voice.say("logs.plot.empty"), FAINT))
        return Picture(WIDTH, HEIGHT, voice.say("logs.plot"), tuple(shapes))
    moments = _moments(steps, minutes)
    waiting = _growth(steps, moments)
    middle = (HEAD + HEIGHT - FOOT) / 2
    step = dt.timedelta(minutes=minutes)
    most = max(max(steps.get(at, {}).get(kind, 0) for at in moments) for kind in ("done", "failed"))
    above = _Panel(HEAD, middle - GAP / 2, moments[0], moments[-1] + step, max(1, most))
    below = _Panel(middle + GAP / 2, HEIGHT - FOOT, moments[0], moments[-1] + step, max(1, *waiting))
    shapes += [*above.frame(), *below.frame()]
    for kind, colour, dash in (("done", DONE, (0.0, 0.0)), ("failed", FAILED, (0.0, 0.0))):
        values = [steps.get(at, {}).get(kind, 0) for at in moments]
        shapes.append(
            Stroke(_stairs(above, moments, values, step), colour, 2.0 if kind == "done" else 3.0, dash)
        )
    shapes.append(Stroke(_stairs(below, moments, waiting, step), WAITING))
    shapes += _times(below)
    shapes += _legend(voice, minutes)
    return Picture(WIDTH, HEIGHT, voice.say("logs.plot"), tuple(shapes))


def _moments(steps: Steps, minutes: int) -> list[dt.datetime]:
    """Every step between the first and the last, also those in which nothing happened; few of them."""
    step = dt.timedelta(minutes=minutes)
    known = sorted(steps)
    moments: list[dt.datetime] = []
    for at, following in zip(known, [*known[1:], known[-1] + step], strict=True):
        moments.append(at)
        if following - at > step:
            moments.append(at + step)
    return moments


def _growth(steps: Steps, moments: Sequence[dt.datetime]) -> list[int]:
    """How many more messages wait than at the beginning; never less than none."""
    waiting, growth = 0, []
    for at in moments:
        counts = steps.get(at, {})
        waiting = max(
            0, waiting + counts.get("enqueued", 0) - counts.get("done", 0) - counts.get("bounced", 0)
        )
        growth.append(waiting)
    return growth


def _stairs(
    panel: _Panel, moments: Sequence[dt.datetime], values: Sequence[int], step: dt.timedelta
) -> tuple[Point, ...]:
    points: list[Point] = []
    ends = [*moments[1:], moments[-1] + step]
    for at, end, value in zip(moments, ends, values, strict=True):
        points += [(panel.x(at), panel.y(value)), (panel.x(end), panel.y(value))]
    return tuple(points)


def _times(panel: _Panel) -> list[Shape]:
    whole = panel.last - panel.first
    return [
        Label(panel.x(at), panel.bottom + 18, f"{at:%b %d %H:%M}", FAINT, 12, anchor="middle")
        for at in (panel.first + whole * number / TICKS for number in range(TICKS + 1))
    ]


def _legend(voice: Voice, minutes: int) -> list[Shape]:
    shapes: list[Shape] = [
        Label(
            WIDTH - MARGIN, HEIGHT - 16, voice.say("logs.plot.step", minutes=minutes), FAINT, 12, anchor="end"
        )
    ]
    x = float(MARGIN)
    for kind, colour in (("done", DONE), ("failed", FAILED), ("waiting", WAITING)):
        text = voice.say(f"logs.plot.{kind}")
        shapes += [Stroke(((x, 46), (x + 24, 46)), colour, 3.0), Label(x + 32, 46, text, INK)]
        x += 60 + 7.5 * len(text)
    return shapes
