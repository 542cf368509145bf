"""Every sentence about remediations that the code tells exists, gets the details it names, and none is left over."""

import ast
from collections.abc import Iterator
from pathlib import Path

import bot
from bot.knowledge import load
from bot.knowledge.placeholders import names

ROOT = Path(bot.__file__).parent
FILES = [*(ROOT / "remediation").glob("*.py"), ROOT / "jobs/remedies.py", ROOT / "diagnosis/applicability.py"]
REMARKS = load().texts["en"].remarks


def constants() -> set[str]:
    """Every text in the code of the room."""
    nodes = (node for file in FILES for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def denials() -> Iterator[tuple[str, set[str]]]:
    """The reasons of refusals with the details that they are given."""
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Denied":
                reason = node.args[0]
                literals = [one.value for one in ast.walk(reason) if isinstance(one, ast.Constant)]
                for literal in literals:
                    yield str(literal), {keyword.arg or "" for keyword in node.keywords}


def test_every_refusal_has_its_text_and_its_details() -> None:
    found = list(denials())
    assert len(found) > 20
    for reason, details in found:
        assert reason in REMARKS
        assert names(REMARKS[reason]) <= details, reason


def test_no_text_is_left_over() -> None:
    assert set(REMARKS) - constants() == set()


def test_all_texts_are_sentences() -> None:
    inside = ("manual", "stopped")  # they end with another sentence
    assert [key for key, text in REMARKS.items() if not text.endswith(".") and key not in inside] == []
