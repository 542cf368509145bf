"""The picture of a site's paths, as SVG and as PNG: readable without colour, for signs and lines differ too."""

import contextlib
import io
import unicodedata
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from bot.model.errors import Unusable
from bot.model.report import Report
from bot.render.neutral import neutralise
from bot.render.picture.layout import lay_out
from bot.render.picture.shapes import Area, Box, Label, Picture, Point, Shape, Stroke

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

FONTS = "DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif"
FACES = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf", "Verdana.ttf")
POOR = "Aileron"
SCALE, SMOOTH, COLOURS = 2, 2, 64
"""A PNG has SCALE pixels for each of the layout; it is drawn SMOOTH times larger, so that edges are smooth."""


def draw_svg(report: Report) -> str:
    """The paths of a report as an SVG document without scripts, links and fonts of its own."""
    return write_svg(lay_out(report))


def draw_png(report: Report) -> bytes:
    """The paths of a report as a PNG file; `Unusable` where Pillow is not installed."""
    return write_png(lay_out(report))


def write_svg(picture: Picture) -> str:
    """An SVG document without scripts, links and fonts of its own."""
    size = f'width="{picture.width}" height="{picture.height}" viewBox="0 0 {picture.width} {picture.height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{FONTS}">',
        f"<title>{_plain(picture.title)}</title>",
        *(_element(shape) for shape in picture.shapes),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def expect_pillow() -> None:
    """`Unusable` where no PNG can be drawn."""
    try:
        import PIL  # noqa: F401
    except ModuleNotFoundError:
        raise Unusable(
            "A PNG needs Pillow: install pvo with its extra 'pictures', or ask for a .svg file."
        ) from None


def write_png(picture: Picture) -> bytes:
    """A PNG file; `Unusable` where Pillow is not installed."""
    expect_pillow()
    from PIL import Image, ImageDraw

    factor = SCALE * SMOOTH
    image = Image.new("RGB", (picture.width * factor, picture.height * factor), "white")
    pen = _Pen(ImageDraw.Draw(image), factor)
    for shape in picture.shapes:
        pen.draw(shape)
    file = io.BytesIO()
    image.reduce(SMOOTH).quantize(COLOURS).save(file, "PNG", optimize=True)
    return file.getvalue()


def _element(shape: Shape) -> str:
    match shape:
        case Stroke():
            dash = f' stroke-dasharray="{shape.dash[0]:g} {shape.dash[1]:g}"' if shape.dash[0] else ""
            style = f'fill="none" stroke="{shape.colour}" stroke-width="{shape.width:g}"{dash}'
            return f'<polyline points="{_points(shape.points)}" {style}/>'
        case Area():
            return f'<polygon points="{_points(shape.points)}" fill="{shape.fill}"/>'
        case Box():
            place = f'x="{shape.x:g}" y="{shape.y:g}" width="{shape.width:g}" height="{shape.height:g}"'
            style = f'fill="{shape.fill}" stroke="{shape.border}" stroke-width="{shape.thickness:g}"'
            return f'<rect {place} rx="6" {style}/>'
        case Label():
            weight = ' font-weight="bold"' if shape.bold else ""
            place = (
                f'x="{shape.x:g}" y="{shape.y:g}" text-anchor="{shape.anchor}" dominant-baseline="central"'
            )
            style = f'font-size="{shape.size}" fill="{shape.colour}"{weight}'
            return f"<text {place} {style}>{_plain(shape.text)}</text>"


def _points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _plain(text: str) -> str:
    return escape(neutralise(text))


class _Pen:
    """Draws shapes on an image of Pillow's, `factor` times as large."""

    def __init__(self, canvas: "ImageDraw", factor: int) -> None:
        self._canvas, self._factor = canvas, factor
        self._fonts: dict[int, FreeTypeFont] = {}

    def draw(self, shape: Shape) -> None:
        match shape:
            case Stroke():
                self._stroke(shape)
            case Area():
                self._canvas.polygon(self._scaled(shape.points), fill=shape.fill)
            case Box():
                corners = ((shape.x, shape.y), (shape.x + shape.width, shape.y + shape.height))
                radius, width = 6 * self._factor, round(shape.thickness * self._factor)
                self._canvas.rounded_rectangle(
                    self._scaled(corners), radius, fill=shape.fill, outline=shape.border, width=width
                )
            case Label():
                self._label(shape)

    def _stroke(self, shape: Stroke) -> None:
        width = round(shape.width * self._factor)
        for piece in _dashes(shape):
            self._canvas.line(self._scaled(piece), fill=shape.colour, width=width, joint="curve")

    def _label(self, shape: Label) -> None:
        anchor = {"start": "lm", "middle": "mm", "end": "rm"}[shape.anchor]
        (place,) = self._scaled(((shape.x, shape.y),))
        weight = round(self._factor * 0.25) if shape.bold else 0
        font, text = self._font(shape.size), neutralise(shape.text)
        if font.getname()[0] == POOR:
            text = _without_accents(text)
        self._canvas.text(place, text, shape.colour, font, anchor, stroke_width=weight)

    def _font(self, size: int) -> "FreeTypeFont":
        if size not in self._fonts:
            self._fonts[size] = _load_font(size * self._factor)
        return self._fonts[size]

    def _scaled(self, points: tuple[Point, ...]) -> list[Point]:
        return [(x * self._factor, y * self._factor) for x, y in points]


def _load_font(size: int) -> "FreeTypeFont":
    """A font of this machine, else the one of Pillow, which has ASCII alone."""
    from PIL import ImageFont

    for name in FACES:
        with contextlib.suppress(OSError):
            return ImageFont.truetype(name, size)
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont), "with a size, the font is one of outlines"
    return font


def _without_accents(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text)
    bare = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return bare.encode("ascii", "replace").decode("ascii")


def _dashes(stroke: Stroke) -> list[tuple[Point, ...]]:
    """The strokes of a dashed horizontal line; the whole line where it is not dashed."""
    on, off = stroke.dash
    if not on:
        return [stroke.points]
    (begin, y), (end, _) = stroke.points
    left, right = sorted((begin, end))
    pieces: list[tuple[Point, ...]] = []
    while left < right:
        pieces.append(((left, y), (min(left + on, right), y)))
        left += on + off
    return pieces
