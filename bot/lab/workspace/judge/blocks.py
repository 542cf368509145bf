"""The blocks of Block Kit, and which of them may stand on which surface."""

from bot.lab.workspace.judge.elements import ELEMENTS, IN_ACTIONS, IN_INPUT, IN_SECTION
from bot.lab.workspace.judge.objects import IDENTIFIER, URL, any_text, plain_text
from bot.lab.workspace.judge.richtext import RICH_TEXT
from bot.lab.workspace.judge.shapes import (
    Problem,
    Problems,
    Shape,
    anything,
    array,
    boolean,
    both,
    choice,
    record,
    string,
    tagged,
)

_COMMON: dict[str, Shape] = {"type": string(), "block_id": IDENTIFIER}
_CONTEXT_TEXT = any_text(3000)


def _context_element(value: object, pointer: str) -> Problems:
    image = isinstance(value, dict) and value.get("type") == "image"
    yield from ELEMENTS["image"](value, pointer) if image else _CONTEXT_TEXT(value, pointer)


def _says_something(value: object, pointer: str) -> Problems:
    if isinstance(value, dict) and not value.get("text") and not value.get("fields"):
        yield Problem(pointer, "must have text or fields", code="missing_field")


_TASK = record(
    {
        "task_id": string(least=1),
        "title": string(least=1),
        "status": choice("pending", "in_progress", "complete", "error"),
    },
    _COMMON | {"details": RICH_TEXT, "output": RICH_TEXT, "sources": array(anything)},
)

_CELL = tagged(
    {
        "raw_text": record({"text": string(least=1)}, {"type": string()}),
        "raw_number": record({"value": anything}, {"type": string(), "text": string()}),
        "rich_text": RICH_TEXT,
    },
    "table cell",
)
_COLUMN = record({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean})

BLOCKS: dict[str, Shape] = {
    "section": both(
        record(
            {},
            _COMMON
            | {
                "text": any_text(3000),
                "fields": array(any_text(2000), least=1, most=10),
                "accessory": tagged(IN_SECTION, "accessory"),
                "expand": boolean,
            },
        ),
        _says_something,
    ),
    "header": record({"text": plain_text(150)}, _COMMON),
    "divider": record({}, _COMMON),
    "context": record({"elements": array(_context_element, least=1, most=10)}, _COMMON),
    "actions": record({"elements": array(tagged(IN_ACTIONS, "element"), least=1, most=25)}, _COMMON),
    "input": record(
        {"label": plain_text(2000), "element": tagged(IN_INPUT, "input element")},
        _COMMON | {"hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "image": record(
        {"image_url": URL, "alt_text": string(2000, least=1)}, _COMMON | {"title": plain_text(2000)}
    ),
    "rich_text": RICH_TEXT,
    "markdown": record({"text": string(12_000, least=1)}, _COMMON),
    "table": record(
        {"rows": array(array(_CELL, least=1, most=20), least=1, most=100)},
        _COMMON | {"column_settings": array(_COLUMN, most=20)},
    ),
    "task_card": _TASK,
    "plan": record({"title": string(least=1)}, _COMMON | {"tasks": array(_TASK)}),
    "alert": record(
        {"text": any_text(3000)},
        _COMMON | {"level": choice("default", "info", "warning", "error", "success")},
    ),
}

_MESSAGE_ONLY = {"markdown", "table", "task_card", "plan"}

ON_MESSAGE = tagged({name: shape for name, shape in BLOCKS.items() if name != "alert"}, "block")
ON_MODAL = tagged({name: shape for name, shape in BLOCKS.items() if name not in _MESSAGE_ONLY}, "block")
ON_HOME = tagged(
    {name: shape for name, shape in BLOCKS.items() if name not in _MESSAGE_ONLY | {"alert"}}, "block"
)
