"""Every sentence for people that is about no finding, in the language of whoever reads it."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.knowledge.placeholders import fill
from bot.model.finding import Detail
from bot.model.languages import TEXTS, languages

WORDS = "words"
FILES = (
    *("report", "logs", "reasons", "remediation", "doctor"),
    *("slack", "slack_sites", "slack_fixes"),
)
"""Where a key is looked for, in this order: each file is read when it is first needed, and a key is in one alone."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Speaks one language, a folder below `folder`; `load` sees to it that no language lacks a sentence."""

    language: str
    folder: Path = TEXTS

    def say(self, key: str, /, **values: Any) -> str:
        """The sentence `key` with its placeholders filled; KeyError for a sentence or a value that is not there."""
        return self.template(key).format(**values)

    def count(self, thing: str, number: int, **values: Any) -> str:
        """ "1 check", "2 checks": a sentence that depends on a number, its `count`."""
        return self.say(f"count.{thing}.{'one' if number == 1 else 'many'}", count=number, **values)

    def tell(self, key: str, details: Mapping[str, Detail]) -> str:
        """The sentence `key` as far as its details are known; KeyError for a sentence that does not exist."""
        return self.fill(self.template(key), details)

    def fill(self, template: str, details: Mapping[str, Detail]) -> str:
        """A sentence of any file with what is known filled in, and words for what is not."""
        return fill(template, details, sentences(self.language, WORDS, self.folder)["unknown"])

    def template(self, key: str) -> str:
        """The sentence with its placeholders; KeyError for one that does not exist."""
        for file in FILES:
            if (found := sentences(self.language, file, self.folder).get(key)) is not None:
                return found
        raise KeyError(f"{self.language}: {key}")

    def knows(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return any(key in sentences(self.language, file, self.folder) for file in FILES)


Told = Callable[[Voice], str]
"""Something to say, in whatever language its hearer turns out to speak."""


def tell(key: str, /, **values: Any) -> Told:
    """The sentence `key`, still without a language."""
    return lambda voice: voice.say(key, **values)


@cache
def sentences(language: str, file: str, folder: Path = TEXTS) -> Mapping[str, str]:
    """Every sentence of a file, by its key; its tables are left out."""
    text = (folder / language / f"{file}.toml").read_text("utf-8")
    return {key: value for key, value in tomllib.loads(text).items() if isinstance(value, str)}


def read_ahead() -> None:
    """Reads every sentence now, so that nobody waits for it when it is first said."""
    for language in languages():
        for file in FILES:
            sentences(language, file)


DEFAULT = Voice("en")
