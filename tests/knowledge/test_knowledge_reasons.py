"""Every reason that the code raises has a text in every language, and the text has what the code supplies."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot
from bot.knowledge import load
from bot.knowledge.placeholders import names
from bot.model.errors import Unusable

SUPPLIED_BY_DIAGNOSIS = {"needs": {"check", "appliance"}, "bug": {"error"}}
LANGUAGES = load().languages


def raised() -> Iterator[tuple[str, str, set[str]]]:
    """Where a check ends without a judgement or with a remark, for which reason, and with which details."""
    root = Path(bot.__file__).parent
    for file in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if isinstance(node, ast.Call) and called in ("Skipped", "CouldNotTell", "Remark"):
                [reason] = node.args
                assert isinstance(reason, ast.Constant), f"{file}:{node.lineno}: the reason must be a literal"
                details = {keyword.arg or "**" for keyword in node.keywords}
                yield f"{file.relative_to(root)}:{node.lineno}", str(reason.value), details


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_raised_reason_has_a_text_that_its_details_fill(language: str) -> None:
    reasons = load().texts[language].reasons
    for where, reason, details in raised():
        assert reason in reasons, f"{where}: {reason} has no text in {language}"
        assert names(reasons[reason]) == details, f"{where}: {reason}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_a_reason_is_left_over(language: str) -> None:
    supplied = SUPPLIED_BY_DIAGNOSIS | {reason: details for _, reason, details in raised()}

    assert {key: names(text) for key, text in load().texts[language].reasons.items()} == supplied


@pytest.mark.parametrize("language", LANGUAGES)
def test_reasons_are_parts_of_a_list(language: str) -> None:
    assert [text for text in load().texts[language].reasons.values() if text.endswith(".")] == []


def test_a_reason_is_told_with_its_details() -> None:
    assert load().explain("en", "no-mail-log", {"appliance": "esa-a1"}) == "esa-a1 has no text mail log"


def test_a_reason_in_no_language_is_refused() -> None:
    with pytest.raises(Unusable, match="no texts in 'xx'"):
        load().explain("xx", "no-mail-log", {})
