"""Every sentence is used, every sentence that is used exists, and in every language."""

import re
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest

from bot.knowledge.voice import Voice, sentences
from bot.model.languages import languages
from bot.model.report import Verdict


def table(language: str) -> dict[str, str]:
    """What is said in Slack."""
    return {
        key: sentence
        for file in ("slack", "slack_sites", "slack_fixes")
        for key, sentence in sentences(language, file).items()
    }


ENGLISH = table("en")

SOURCE = "".join(
    path.read_text() for path in Path(str(files("bot.slack"))).rglob("*.py") if path.name != "texts.py"
)
BUILT = ("verdict.", "path.", "area.", "thread.", "count.", "fix.state.")
"""Keys that are put together from an id."""


def test_every_sentence_that_is_said_exists() -> None:
    said = set(re.findall(r'(?:say|tell|_unknown)\(\s*"([a-z.-]+)"', SOURCE))
    assert said
    assert {key for key in said if not Voice("en").knows(key)} == set()


def test_every_sentence_is_said_somewhere() -> None:
    assert [
        key
        for key in ENGLISH
        if f'"{key}"' not in SOURCE and not key.startswith(BUILT) and key != "nearest.or"
    ] == []


def _shape(sentence: str) -> tuple[set[str], int, set[str]]:
    """Placeholders, lines, and the commands that people type, which no translation touches."""
    return (
        set(re.findall(r"\{(\w+)\}", sentence)),
        sentence.count("\n"),
        set(re.findall(r"`(/[^`]+)`", sentence)),
    )


@pytest.mark.parametrize("language", languages())
def test_languages_have_the_same_sentences_of_the_same_shape(language: str) -> None:
    told = table(language)

    assert list(told) == list(ENGLISH)
    assert {key: _shape(told[key]) for key in told} == {key: _shape(ENGLISH[key]) for key in ENGLISH}


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_the_english_verdict_is_said_in_every_language(verdict: Verdict) -> None:
    for language in languages():
        assert re.search(rf"\b{verdict}\b", Voice(language).say(f"verdict.{verdict}"))


@pytest.mark.parametrize("language", languages())
def test_buttons_and_titles_fit_what_slack_allows(language: str) -> None:
    voice = Voice(language)

    short = (
        "details.title",
        "details.close",
        "share.title",
        "share.submit",
        "share.close",
        "start.title",
        "start.submit",
        *("fix.title", "fix.submit", "fix.close"),
        *("approve.title", "approve.submit", "reject.title", "reject.submit"),
    )
    assert [key for key in short if len(voice.say(key)) > 24] == []
    assert max(len(voice.say(key)) for key in ("card.again", "card.details", "card.share")) <= 75
