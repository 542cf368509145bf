"""The evaluator against what a real OpenSSL 1.0.2 made of more than 400 lists (see make_golden_ciphers.py)."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from bot.asyncos.cipher_table import suites
from bot.asyncos.ciphers import evaluate

GOLDEN = Path(__file__).parent / "golden" / "ciphers.txt"


@dataclass(frozen=True)
class Expected:
    """What the library selected, in its order, of the suites that our table has too."""

    text: str
    suites: tuple[str, ...]

    @property
    def anonymous(self) -> list[str]:
        return [name for name in self.suites if name.startswith(("ADH-", "AECDH-"))]


@cache
def shared() -> frozenset[str]:
    """That library knows Kerberos, which the products do not; ours knows export suites, which it left out."""
    return frozenset(read_names()) & {suite.name for suite in suites()}


def read_names() -> list[str]:
    return GOLDEN.read_text(encoding="utf-8").splitlines()[1].split()


def read_golden() -> list[Expected]:
    names = read_names()
    rows = [line.split("\t") for line in GOLDEN.read_text(encoding="utf-8").splitlines()[2:]]
    chosen = [
        (ast.literal_eval(text), [names[int(number)] for number in numbers.split()]) for text, numbers in rows
    ]
    return [Expected(text, tuple(name for name in kept if name in shared())) for text, kept in chosen]


LISTS = read_golden()


def select(text: str) -> tuple[str, ...]:
    return tuple(name for name in evaluate(text).suites if name in shared())


def test_the_golden_file_covers_what_it_should() -> None:
    assert len(LISTS) >= 300
    assert len(shared()) == 121
    admitting = [expected for expected in LISTS if expected.anonymous]
    assert 100 < len(admitting) < len(LISTS) - 100


@pytest.mark.parametrize("expected", LISTS, ids=lambda expected: repr(expected.text))
def test_a_list_admits_anonymous_suites_just_where_openssl_does(expected: Expected) -> None:
    anonymous = [name for name in evaluate(expected.text).anonymous if name in shared()]
    assert anonymous == expected.anonymous


def test_the_lists_have_the_suites_that_openssl_selects() -> None:
    assert [(one.text, set(select(one.text))) for one in LISTS] == [
        (one.text, set(one.suites)) for one in LISTS
    ]


def test_the_lists_have_the_order_that_openssl_gives_them() -> None:
    assert [one.text for one in LISTS if select(one.text) != one.suites] == []
