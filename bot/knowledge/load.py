"""Reads the knowledge files and refuses, in one sentence with file and key, whatever does not fit together."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, StringConstraints, TypeAdapter, ValidationError

from bot.knowledge.agreement import check_entries, check_sentences, check_texts
from bot.knowledge.entries import Entry
from bot.knowledge.knowledge import Knowledge, Language
from bot.knowledge.texts import Text, Words
from bot.knowledge.voice import FILES, WORDS, Voice
from bot.model.errors import Unusable

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
Phrase = Annotated[str, StringConstraints(min_length=1)]


@cache
def load(language: str | None = None) -> Knowledge:
    """The knowledge that comes with this package, read once; in one language, or in all."""
    return read(Path(__file__).parent, language)


def read(root: Path, language: str | None = None) -> Knowledge:
    """The knowledge below `root`: `catalogue/AREA.toml`, `texts/LANGUAGE/AREA.toml`, the sentences beside them.

    Raises `Unusable` when a file is missing, has an unknown key, or does not agree with the others. With `language`
    that one alone is read, its sentences only when they are said: nothing of it is compared with other languages.
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
    if language is None:
        _check_voices(root, languages)
    return Knowledge(entries, told)


def _check_voices(root: Path, languages: list[str]) -> None:
    """Refuses languages that lack a sentence, and a sentence that two files have."""
    seen: dict[str, str] = {}
    for name in FILES:
        file = f"{name}.toml"
        told = {
            language: _read_file(root, f"texts/{language}/{file}", dict[str, Phrase])
            for language in languages
        }
        check_sentences(file, told)
        for key in told[languages[0]]:
            if (other := seen.setdefault(key, file)) != file:
                raise Unusable(f"texts/{languages[0]}/{file}: {key} stands in {other} too.")


def _read_language(root: Path, language: str, entries: Mapping[str, Entry]) -> Language:
    folder = root / "texts" / language
    texts: dict[str, Text] = {}
    for file in _toml_files(folder):
        if file.name.removesuffix(".toml") not in (*FILES, WORDS):
            texts |= _read_area(file, f"texts/{language}/{file.name}", Text)
    check_texts(language, entries, texts)
    words = _read_file(root, f"texts/{language}/{WORDS}.toml", Words)
    return Language(texts, words, Voice(language, root / "texts"))


def _read_file(root: Path, where: str, table: type[T]) -> T:
    file = root / where
    if not file.is_file():
        raise Unusable(f"{where}: the file is missing.")
    return _validate(table, _parse(file, where), where)


def _toml_files(folder: Path) -> list[Path]:
    return sorted(
        (file for file in _children(folder) if file.name.endswith(".toml")), key=lambda file: file.name
    )


def _children(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise Unusable(f"{folder.name}: the folder is missing.")
    return list(folder.iterdir())


def _read_area(file: Path, where: str, table: type[M]) -> dict[str, M]:
    area = file.name.removesuffix(".toml")
    tables = _parse(file, where)
    for finding_id in tables:
        if not finding_id.startswith(f"{area}."):
            raise Unusable(f"{where}: {finding_id} does not belong to the area {area}.")
    return {finding_id: _validate(table, value, where, finding_id) for finding_id, value in tables.items()}


def _parse(file: Path, where: str) -> dict[str, object]:
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
