"""For programs: the data of a document as JSON."""

import datetime as dt
import json

from pydantic import BaseModel

from bot.render.neutral import escape_json
from bot.render.words import format_time

LEFT_OUT = {"areas", "because", "left_out", "unknown", "followed"}
"""Keys that reports have only where they say something."""


def write_json(document: object) -> str:
    """One indented document in JSON's own types; harmless to a terminal, no final newline.

    Keys have the public names and their order. Times are UTC to the second, `2026-11-24T03:00:00Z`; those without a
    zone, an appliance's own, stay without.
    """
    return escape_json(json.dumps(_plain(document), indent=2, ensure_ascii=False, allow_nan=False))


def _plain(value: object) -> object:
    """The value in JSON's own types."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        named = (
            (field.alias or name, getattr(value, name)) for name, field in fields.items() if not field.exclude
        )
        return {name: _plain(inner) for name, inner in named if inner or name not in LEFT_OUT}
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, dt.datetime):
        return format_time(value) if value.tzinfo else value.isoformat()
    return round(value, 3) if isinstance(value, float) else value
