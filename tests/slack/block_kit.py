"""An independent judge of Block Kit: Slack's own types as JSON Schema, lengths from their comments, and the rules.

It shares nothing with the workspace's judge, so that one misreading of Slack's documentation cannot hide in both.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

SCHEMA = Path(__file__).parent / "slack_types" / "block-kit.json"
TEXTS = {"PlainTextElement", "MrkdwnElement", "TextObject"}
ON_MODAL_ONLY, ON_MESSAGE_ONLY = {"alert"}, {"markdown", "table", "data_table", "file", "plan", "task_card"}

_LENGTH = re.compile(
    r"maximum length (?:[^.]*? )?(?:is|of) ([\d,]+)(?: char|\.|$)|limit ([\d,]+) characters", re.I
)
_ITEMS = re.compile(
    r"max(?:imum)? (?:of|number of (?:items|options|option groups) is)? ?(\d+)"
    r"(?: (?:elements|options|items|blocks|rows|cards)|\.)|up to (\d+) \{",
    re.I,
)
_EACH = re.compile(r"text in each item is (\d+)")


def complain(blocks: list[dict[str, Any]], surface: str = "message") -> list[str]:
    """Everything wrong with the blocks of a message, a modal or a home tab."""
    limit = 50 if surface == "message" else 100
    found = [f"{len(blocks)} blocks"] if len(blocks) > limit else []
    for index, block in enumerate(blocks):
        found += [f"/{index} {problem}" for problem in _judged(json.dumps(block), surface)]
    names = [block["block_id"] for block in blocks if "block_id" in block]
    return found + (["block_id twice"] if len(set(names)) < len(names) else [])


def complain_view(view: dict[str, Any]) -> list[str]:
    """Everything wrong with a modal or a home tab."""
    name = {"modal": "ModalView", "home": "HomeView"}[view["type"]]
    shell = {key: value for key, value in view.items() if key != "blocks"} | {"blocks": []}
    found = _validate(name, shell)
    found += [
        f"{key} too long"
        for key in ("title", "submit", "close")
        if len(view.get(key, {}).get("text", "")) > 24
    ]
    if view["type"] == "modal" and any(block["type"] == "input" for block in view["blocks"]):
        found += [] if "submit" in view else ["an input without submit"]
    return found + complain(view["blocks"], view["type"])


@lru_cache(maxsize=10_000)
def _judged(block: str, surface: str) -> tuple[str, ...]:
    """The problems of a block as JSON; most stand in more than one message."""
    return tuple(_judge(json.loads(block), surface))


def _judge(block: dict[str, Any], surface: str) -> Iterator[str]:
    kinds = _blocks()
    if block.get("type") not in kinds:
        yield f"{block.get('type')} is no block"
        return
    yield from _validate(kinds[block["type"]], block)
    yield from _rules(block)
    if block["type"] in (ON_MODAL_ONLY if surface == "message" else ON_MESSAGE_ONLY):
        yield f"{block['type']} cannot stand in a {surface}"


def _rules(block: dict[str, Any]) -> Iterator[str]:
    if block["type"] == "section" and not block.get("text") and not block.get("fields"):
        yield "a section without text and fields"
    if "elements" in block and not block["elements"]:
        yield "no elements"
    elements = [element for element in block.get("elements", []) if isinstance(element, dict)]
    names = [element["action_id"] for element in elements if "action_id" in element]
    if len(set(names)) < len(names):
        yield "action_id twice"
    if sum(element.get("style") == "primary" for element in elements) > 1:
        yield "two primary buttons"
    for text in _texts(block):
        if not text:
            yield "an empty text"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") in ("plain_text", "mrkdwn", "text"):
            yield str(value.get("text", ""))
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _validate(definition: str, value: object) -> list[str]:
    return [f"{error.json_path} {error.message[:200]}" for error in _validator(definition).iter_errors(value)]


@lru_cache
def _validator(definition: str) -> Draft7Validator:
    return Draft7Validator({"$ref": f"#/definitions/{definition}", "definitions": _definitions()})


@lru_cache
def _definitions() -> dict[str, Any]:
    definitions: dict[str, Any] = json.loads(SCHEMA.read_text())["definitions"]
    return {name: _strengthen(definition) for name, definition in definitions.items()}


@lru_cache
def _blocks() -> dict[str, str]:
    """The definition of each block by its type."""
    definitions = _definitions()
    named = [part["$ref"].rpartition("/")[2] for part in definitions["KnownBlock"]["anyOf"]]
    return {_type(definitions[name]): name for name in named}


def _type(definition: dict[str, Any]) -> str:
    one = definition if "properties" in definition else definition["anyOf"][0]
    return str(one["properties"]["type"]["const"])


def _strengthen(node: Any) -> Any:
    """The node with the limits of its descriptions as keywords; a `$ref` has no neighbours in draft 07."""
    if isinstance(node, list):
        return [_strengthen(part) for part in node]
    if not isinstance(node, dict):
        return node
    changed = {key: _strengthen(value) for key, value in node.items()}
    description = " ".join(str(node.get("description", "")).replace("`", "").split())
    limits = list(_limits(node, description))
    if not limits:
        return changed
    return {"allOf": [changed, *limits]}


def _limits(node: dict[str, Any], description: str) -> Iterator[dict[str, Any]]:
    if each := _EACH.search(description):
        yield {"items": {"properties": {"text": {"maxLength": int(each[1])}}}}
    elif length := _LENGTH.search(description):
        most = int((length[1] or length[2]).replace(",", ""))
        if node.get("type") == "string":
            yield {"maxLength": most}
        elif _is_text(node):
            yield {"properties": {"text": {"maxLength": most}}}
    if node.get("type") == "array" and (items := _ITEMS.search(description)):
        yield {"maxItems": int(items[1] or items[2])}


def _is_text(node: dict[str, Any]) -> bool:
    parts = [node, *node.get("anyOf", [])]
    return any(str(part.get("$ref", "")).rpartition("/")[2] in TEXTS for part in parts)
