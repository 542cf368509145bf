"""What `pvo doctor` says: in every language, with the details that the code gives, and a repair where one is due."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot
from bot.knowledge.agreement import check_sentences
from bot.knowledge.placeholders import names
from bot.knowledge.voice import Voice, sentences
from bot.model.examination import Examined
from bot.render.documents.doctor import REMEDY, tell_examined
from tests.knowledge.test_knowledge_languages import ENGLISH_WORDS

ROOT = Path(bot.__file__).parent
EXAMINERS = ("commands/examine.py", "commands/rights.py", "jobs/examine.py", "slack/wire/doctor.py")
FILES = [*EXAMINERS, "commands/pinning.py", "commands/doctor.py"]
ENGLISH = sentences("en", "doctor")
NOT_WELL = {"warning", "wrong", "untold"}


def trees(files: list[str]) -> Iterator[ast.AST]:
    for file in files:
        yield from ast.walk(ast.parse((ROOT / file).read_text("utf-8")))


def literals(node: ast.AST) -> set[str]:
    found = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return {value for value in found if isinstance(value, str)}


def lines() -> Iterator[tuple[str, str, set[str] | None]]:
    """Key, condition and details of each line that is made in one place; None where details are handed over whole."""
    for node in trees([*EXAMINERS]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_line":
            said = set().union(*(literals(argument) for argument in node.args))
            details = {keyword.arg for keyword in node.keywords}
            (condition,) = said & {"ok", "skipped", *NOT_WELL}
            for key in said & set(ENGLISH):
                given = None if None in details else {name for name in details if name}
                yield key, condition, given


def test_the_languages_say_the_same_with_the_same_details() -> None:
    check_sentences("doctor.toml", {"en": ENGLISH, "es": sentences("es", "doctor")})


def test_every_line_has_the_details_of_its_words_and_a_repair_where_it_is_not_well() -> None:
    found = list(lines())
    assert len(found) > 25
    for key, condition, details in found:
        assert details is None or names(ENGLISH[key]) <= details, key
        assert (key + REMEDY in ENGLISH) == (condition in NOT_WELL), key
        assert details is None or names(ENGLISH.get(key + REMEDY, "")) <= details, key


def test_no_sentence_is_left_over() -> None:
    used = set().union(*(literals(node) for node in trees(FILES)))
    keys = {key.removesuffix(REMEDY) for key in ENGLISH if not key.startswith("condition.")}
    assert keys - used == set()


def test_spanish_holds_no_english_but_names() -> None:
    names_of_things = r"pvo app|pvo worker|OAuth & Permissions|append-only"
    left = {
        key: ENGLISH_WORDS.findall(re.sub(names_of_things, "", text))
        for key, text in sentences("es", "doctor").items()
    }
    assert {key: found for key, found in left.items() if found} == {}


def test_a_line_is_told_with_its_repair() -> None:
    line = Examined(
        topic="redis", subject="eviction", condition="wrong", says="redis.evicts", details={"policy": "x"}
    )
    told = tell_examined(line, Voice("es"))
    assert told.says.startswith("La política de expulsión es x:")
    assert told.remedy == "Defina maxmemory-policy noeviction y dé a pvo un Redis propio."
    with pytest.raises(KeyError):
        Voice("en").tell("no such key", {})
