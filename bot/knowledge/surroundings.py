"""The words of `pvo doctor` in each language; apart from the catalogue, which has no use for them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from bot.knowledge.load import DOCTOR
from bot.knowledge.placeholders import fill
from bot.model.examination import Examined, ToldExamined

REMEDY = ".remedy"
"""What the key of a sentence ends with that says how to repair what the sentence without it says."""


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Every sentence by its key."""
    text = (files(__package__) / "texts" / language / DOCTOR).read_text("utf-8")
    return {str(key): str(sentence) for key, sentence in tomllib.loads(text).items()}


def say(language: str, key: str, /, **details: str | int) -> str:
    """A sentence, filled in; KeyError for a key that no file has."""
    return fill(sentences(language)[key], details, "?")


def tell_examined(language: str, examined: Examined) -> ToldExamined:
    """A line of `pvo doctor`, in words."""
    remedy = examined.says + REMEDY
    known = sentences(language)
    return ToldExamined(
        topic=examined.topic,
        subject=examined.subject,
        condition=examined.condition,
        says=say(language, examined.says, **examined.details),
        remedy=say(language, remedy, **examined.details) if remedy in known else None,
    )
