"""The shapes of a picture: what both drawers, SVG and PNG, know how to draw. Lengths are pixels."""

from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points; `dash` is the length of strokes and gaps, 0 = a full line."""

    points: tuple[Point, ...]
    colour: str
    width: float = 2.0
    dash: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Area:
    """A filled polygon without a border."""

    points: tuple[Point, ...]
    fill: str


@dataclass(frozen=True, slots=True)
class Box:
    """A rounded rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    border: str
    thickness: float = 1.5


@dataclass(frozen=True, slots=True)
class Label:
    """One line of text, its middle at the height `y`."""

    x: float
    y: float
    text: str
    colour: str
    size: int = 13
    bold: bool = False
    anchor: Anchor = "start"


Shape = Stroke | Area | Box | Label


@dataclass(frozen=True, slots=True)
class Picture:
    """Shapes in the order in which they are drawn, and a title for those who cannot see it."""

    width: int
    height: int
    title: str
    shapes: tuple[Shape, ...]


def measure(text: str, size: int) -> float:
    """About how wide a text is, rather too much than too little."""
    return 0.6 * size * len(text)


def fit(text: str, size: int, width: float) -> str:
    """The text, its middle left out where it is wider than `width`."""
    room = max(4, int(width / (0.6 * size)))
    if len(text) <= room:
        return text
    half = (room - 3) // 2
    return f"{text[: room - 3 - half]}...{text[len(text) - half :]}"
