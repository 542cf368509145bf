"""Rules between blocks that no single shape can express."""

from collections.abc import Iterator

from bot.lab.workspace.errors import Json
from bot.lab.workspace.judge.shapes import Problem, Problems

MARKDOWN_TOTAL = 12_000


def judge_together(blocks: list[Json], pointer: str) -> Problems:
    """What is wrong with well-formed blocks as a whole: repeated ids, two tables, too much markdown."""
    yield from _repeated(
        ((f"{pointer}/{index}", block.get("block_id")) for index, block in enumerate(blocks)), "block_id"
    )
    for index, block in enumerate(blocks):
        ids = ((where, element.get("action_id")) for where, element in _elements(block, f"{pointer}/{index}"))
        yield from _repeated(ids, "action_id")
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield Problem(pointer, "must have no more than one table")
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > MARKDOWN_TOTAL:
        yield Problem(pointer, f"markdown blocks must have no more than {MARKDOWN_TOTAL} characters together")


def _elements(block: Json, pointer: str) -> Iterator[tuple[str, Json]]:
    for key in ("accessory", "element"):
        if isinstance(block.get(key), dict):
            yield f"{pointer}/{key}", block[key]
    if block["type"] == "actions":
        for index, element in enumerate(block["elements"]):
            yield f"{pointer}/elements/{index}", element


def _repeated(ids: Iterator[tuple[str, str | None]], name: str) -> Problems:
    seen: set[str] = set()
    for where, identifier in ids:
        if identifier is not None and identifier in seen:
            yield Problem(f"{where}/{name}", f"{name} must be unique: {identifier}")
        seen.add(identifier or "")
