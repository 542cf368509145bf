"""The JSON Schema of a document that programs read or write."""

from typing import Any, Literal

from pydantic import BaseModel

from bot.render.writers.json import LEFT_OUT, write_json

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def render_schema(model: type[BaseModel], title: str, mode: Literal["read", "written"]) -> str:
    """The schema of what pvo reads, or of what it writes: then every key is there but those it leaves out."""
    schema: dict[str, Any] = model.model_json_schema(
        by_alias=True, mode="validation" if mode == "read" else "serialization"
    )
    if mode == "written":
        for part in (schema, *schema.get("$defs", {}).values()):
            _require(part)
    return write_json({"$schema": DIALECT} | schema | {"title": title})


def _require(part: dict[str, Any]) -> None:
    """Everything that is written is required, and later releases may add to it."""
    if "properties" in part:
        part["required"] = [key for key in part["properties"] if key not in LEFT_OUT]
        part.pop("additionalProperties", None)
