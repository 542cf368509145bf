"""Small shapes that JSON values must have; each yields what is wrong and where."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.lab.workspace.errors import Json


@dataclass(frozen=True)
class Problem:
    """One violation: a JSON pointer, Slack's code, a sentence, and the constraint that was broken."""

    pointer: str
    message: str
    code: str = "failed_constraint"
    constraint: Json | None = None

    def to_json(self) -> Json:
        problem: Json = {"pointer": self.pointer, "code": self.code, "message": self.message}
        return problem | ({"constraint": self.constraint} if self.constraint else {})


Problems = Iterator[Problem]
Shape = Callable[[object, str], Problems]


def _outside(pointer: str, unit: str, size: int, least: int, most: int | None) -> Problems:
    if size < least:
        constraint = {"type": f"min_{unit}", "expected": least, "got": size}
        yield Problem(pointer, f"must have at least {least} {_plain(unit)}", constraint=constraint)
    if most is not None and size > most:
        constraint = {"type": f"max_{unit}", "expected": most, "got": size}
        yield Problem(pointer, f"must have no more than {most} {_plain(unit)}", constraint=constraint)


def _plain(unit: str) -> str:
    return "characters" if unit == "length" else unit


def _mistyped(pointer: str, expected: str) -> Problem:
    return Problem(pointer, f"must provide {expected}", constraint={"type": "type", "expected": expected})


def string(most: int | None = None, least: int = 0) -> Shape:
    """A string of `least` to `most` characters."""

    def check(value: object, pointer: str) -> Problems:
        if not isinstance(value, str):
            yield _mistyped(pointer, "a string")
        else:
            yield from _outside(pointer, "length", len(value), least, most)

    return check


def choice(*words: str) -> Shape:
    """One of the given words."""

    def check(value: object, pointer: str) -> Problems:
        if value not in words:
            constraint = {"type": "enum", "expected": list(words)}
            yield Problem(pointer, f"must be one of {', '.join(words)}", constraint=constraint)

    return check


def boolean(value: object, pointer: str) -> Problems:
    """True or false."""
    if not isinstance(value, bool):
        yield _mistyped(pointer, "a boolean")


def number(value: object, pointer: str) -> Problems:
    """An integer."""
    if not isinstance(value, int) or isinstance(value, bool):
        yield _mistyped(pointer, "a number")


def anything(value: object, pointer: str) -> Problems:
    """Whatever it is."""
    return iter(())


def array(item: Shape, least: int = 0, most: int | None = None) -> Shape:
    """A list of `least` to `most` items of one shape."""

    def check(value: object, pointer: str) -> Problems:
        if not isinstance(value, list):
            yield _mistyped(pointer, "an array")
            return
        yield from _outside(pointer, "items", len(value), least, most)
        for index, entry in enumerate(value):
            yield from item(entry, f"{pointer}/{index}")

    return check


def record(required: dict[str, Shape], optional: dict[str, Shape] | None = None) -> Shape:
    """An object with all required, any optional and no other properties."""
    known = required | (optional or {})

    def check(value: object, pointer: str) -> Problems:
        if not isinstance(value, dict):
            yield _mistyped(pointer, "an object")
            return
        for name in required:
            if value.get(name) is None:
                yield Problem(pointer, f"missing required field: {name}", code="missing_field")
        for name, entry in value.items():
            if name not in known:
                yield Problem(f"{pointer}/{name}", f"invalid additional property: {name}")
            elif entry is not None:
                yield from known[name](entry, f"{pointer}/{name}")

    return check


def tagged(shapes: dict[str, Shape], thing: str) -> Shape:
    """An object whose `type` says which of the shapes it has."""

    def check(value: object, pointer: str) -> Problems:
        if not isinstance(value, dict):
            yield _mistyped(pointer, "an object")
            return
        kind = value.get("type")
        if not isinstance(kind, str):
            yield Problem(pointer, "missing required field: type", code="missing_field")
        elif kind not in shapes:
            yield Problem(f"{pointer}/type", f"unsupported type of {thing} here: {kind}")
        else:
            yield from shapes[kind](value, pointer)

    return check


def both(*shapes: Shape) -> Shape:
    """Everything that any of the shapes complains about."""

    def check(value: object, pointer: str) -> Problems:
        for shape in shapes:
            yield from shape(value, pointer)

    return check


def pick(shapes: dict[str, Shape], names: Iterable[str]) -> dict[str, Shape]:
    """The named part of a catalogue."""
    return {name: shapes[name] for name in names}
