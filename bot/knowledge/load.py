"""Reads the knowledge files and refuses, in one sentence with file and key, whatever does not fit together."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.knowledge.agreement import check_entries, check_sentences, check_texts
from bot.knowledge.entries import Entry
from bot.knowledge.knowledge import Knowledge, Language
from bot.knowledge.tables import Sentence
from bot.knowledge.texts import Text, Words
from bot.model.errors import Unusable

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
WORDS, REASONS, REMEDIATION = "words.toml", "reasons.toml", "remediation.toml"
DOCTOR = "doctor.toml"
"""Read by `surroundings`, where it is wanted."""


@cache
def load(language: str | None = None) -> Knowledge:
    """The knowledge that comes with this package, read once; in one language, or in all."""
    return read(files(__package__), language)


def read(root: Traversable, language: str | None = None) -> Knowledge:
    """The knowledge below `root`: `catalogue/AREA.toml`, `texts/LANGUAGE/AREA.toml`, words and reasons beside them.

    With `language` the texts of that one alone are read. Raises `Unusable` when a file is missing, has an unknown
    key, or does not agree with the others.
    """
    entries: dict[str, Entry] = {}
    for file in _toml_files(root / "catalogue"):
        entries |= _read_area(file, f"catalogue/{file.name}", Entry)
    check_entries(entries)
    there = sorted(folder.name for folder in _children(root / "texts") if folder.is_dir())
    languages = [name for name in there if language in (None, name)]
    if not entries or not languages:
        raise Unusable("The knowledge needs a catalogue and at least one language.")
    told = {name: _read_language(root, name, entries) for name in languages}
    check_sentences(REASONS, {name: language.reasons for name, language in told.items()})
    check_sentences(REMEDIATION, {name: language.remarks for name, language in told.items()})
    return Knowledge(entries, told)


def _read_language(root: Traversable, language: str, entries: Mapping[str, Entry]) -> Language:
    folder = root / "texts" / language
    texts: dict[str, Text] = {}
    for file in _toml_files(folder):
        if file.name not in (WORDS, REASONS, REMEDIATION, DOCTOR):
            texts |= _read_area(file, f"texts/{language}/{file.name}", Text)
    check_texts(language, entries, texts)
    words = _read_file(root, f"texts/{language}/{WORDS}", Words)
    reasons = _read_file(root, f"texts/{language}/{REASONS}", dict[str, Sentence])
    remarks = _read_file(root, f"texts/{language}/{REMEDIATION}", dict[str, Sentence])
    return Language(texts, words, reasons, remarks)


def _read_file(root: Traversable, where: str, table: type[T]) -> T:
    file = root / where
    if not file.is_file():
        raise Unusable(f"{where}: the file is missing.")
    return _validate(table, _parse(file, where), where)


def _toml_files(folder: Traversable) -> list[Traversable]:
    return sorted(
        (file for file in _children(folder) if file.name.endswith(".toml")), key=lambda file: file.name
    )


def _children(folder: Traversable) -> list[Traversable]:
    if not folder.is_dir():
        raise Unusable(f"{folder.name}: the folder is missing.")
    return list(folder.iterdir())


def _read_area(file: Traversable, where: str, table: type[M]) -> dict[str, M]:
    area = file.name.removesuffix(".toml")
    tables = _parse(file, where)
    for finding_id in tables:
        if not finding_id.startswith(f"{area}."):
            raise Unusable(f"{where}: {finding_id} does not belong to the area {area}.")
    return {finding_id: _validate(table, value, where, finding_id) for finding_id, value in tables.items()}


def _parse(file: Traversable, where: str) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unusable(f"{where}: not a TOML file: {error}.") from error


def _validate(table: type[T], value: object, *where: str) -> T:
    try:
        return TypeAdapter(table).validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        problem = first["msg"].removeprefix("Value error, ")
        raise Unusable(": ".join([*where, *([key] if key else []), problem]) + ".") from error
