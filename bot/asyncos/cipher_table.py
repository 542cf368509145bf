"""The cipher suites and words of OpenSSL 1.0.2, read from the tables beside this file."""

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Traits = Mapping[str, frozenset[str]]
"""By field (protocol, kx, au, enc, mac, strength, export) the values that a suite has or that a word allows."""

_FIELDS = ("protocol", "kx", "au", "enc", "mac", "strength")


@dataclass(frozen=True, slots=True, eq=False)
class Suite:
    """One suite; `bits` is the strength that `@STRENGTH` sorts by."""

    name: str
    traits: Traits
    bits: int

    @property
    def anonymous(self) -> bool:
        return "aNULL" in self.traits["au"]

    def has(self, wanted: Traits) -> bool:
        """Whether the suite has one of the wanted values in every field that is asked for."""
        return all(values & self.traits[field] for field, values in wanted.items())


@cache
def suites() -> tuple[Suite, ...]:
    """All suites in the order in which OpenSSL collects them: the newest first."""
    rows = csv.DictReader(_read("cipher_suites.csv").splitlines())
    return tuple(reversed([_suite(row) for row in rows]))


@cache
def words() -> Mapping[str, Traits]:
    """What each word selects; the name of a suite selects by all its traits but the protocol."""
    named = {
        suite.name: {field: values for field, values in suite.traits.items() if field != "protocol"}
        for suite in suites()
    }
    table = tomllib.loads(_read("cipher_words.toml"))
    classes = {
        word: {field: _allowed(field, str(values)) for field, values in asked.items()}
        for word, asked in table.items()
    }
    return classes | named


def _suite(row: Mapping[str, str]) -> Suite:
    traits = {field: frozenset(row[field].split()) for field in _FIELDS}
    traits["export"] = frozenset({"yes" if row["strength"].startswith("EXP") else "no"})
    return Suite(row["name"], traits, int(row["bits"]))


def _allowed(field: str, values: str) -> frozenset[str]:
    if values.startswith("!"):
        return _all_values(field, suites()) - {values[1:]}
    return frozenset(values.split())


def _all_values(field: str, known: Iterable[Suite]) -> frozenset[str]:
    return frozenset[str]().union(*(suite.traits[field] for suite in known))


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
