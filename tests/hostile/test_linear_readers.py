"""Whatever an appliance, its peer or a stranger writes: four times as much costs about four times as much to read."""

import ast
import importlib
import inspect
import re
import time
import tomllib
from collections.abc import Iterator
from functools import cache

import pytest

from tests.checks.recorded import CASES
from tests.hostile.readers import Reader, find_readers, read

LENGTH = 8_000
LITTLE = 0.004
"""Seconds of this thread's CPU time: what reads LENGTH in less is fast enough, whatever it does."""
MOST = 8.0
"""How much more four times the text may cost: 4 when linear, 16 when quadratic."""
TRIES = 5

SIGNS = [
    *"\n \t\r\x08\x1b[]()<>\"'\\/-.,:;=*#@01aé_$%", "\r ", "\r\n", " \n", "\n ", "a\n", "1\n", "a ", "1 ", "a@", "@a",
    "a.", "1.", "1. ", "a:", "a=", "=a", "a-", "f:", "1,", "::", ": ", "\x1b[", "\x1b]", '\\"', "\\'", "[(", "['",
    "()", "( u'", "'', ", "<a", "<a>", "[]> ", "]>", ")>", "> ", "%40a", "a%40", "&#64;", "aes", "password",
    "passwordpassword ", "xoxb-", "1.1.", "1. a\n", "1. a(1.1.1.1:", "a(1.1.1.1)\n", "a (", "1. a   ", "--More--\r",
    "-- More --", "220-", "220-a\n", "Escape character", "Escape character\n", "\u200b", "\uff20", "a\uff20",
    "MID 1 ",    "Mon Jan  1 00:00:00 2024 Info: ", "Mon Jan  1 00:00:00 2024 Info: MID 1 quarantined to a(\n",
]  # fmt: skip
READERS = find_readers()


@cache
def words_of(module: str) -> tuple[str, ...]:
    """The words that the strings of a module are made of: most of them stand in its patterns."""
    strings = (
        node.value
        for node in ast.walk(ast.parse(inspect.getsource(importlib.import_module(module))))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 400
    )
    return tuple(sorted({word for text in strings for word in re.findall(r"[A-Za-z]{2,}", text)}))[:40]


@cache
def beginnings(command: str) -> tuple[str, ...]:
    """The lines of the healthy answers to a command, whole and cut in the middle: hostile text may go on there."""
    site = tomllib.loads((CASES / "site-a.toml").read_text(encoding="utf-8"))["answers"].values()
    answers = [answer for told in site for key, answer in told.items() if key.startswith(command)]
    lines = {line for answer in answers for line in answer.splitlines() if line}
    return tuple(sorted(lines | {line[: len(line) // 2] for line in lines}))


def hostile(name: str) -> Iterator[tuple[str, str, str]]:
    """What stands before, what is repeated, and what stands behind it."""
    module = name.partition(":")[0].rpartition(".")[0]
    words = words_of(module) if module else ()
    for sign in (*SIGNS, *words, *(f"{word} " for word in words)):
        yield "", sign, ""
        yield "", sign, "!"


def cost(reader: Reader, text: str, times: int = 1) -> float:
    """Seconds of CPU time that this thread needs for it: other processes do not count."""
    costs = []
    for _ in range(times):
        began = time.thread_time()
        read(reader, text)
        costs.append(time.thread_time() - began)
    return min(costs)


def growth(reader: Reader, before: str, sign: str, behind: str) -> float:
    """How much more LENGTH costs than a quarter of it; 0 when it costs next to nothing."""
    lengths = (LENGTH // 4, LENGTH)
    short, long = (before + (sign * (length // len(sign) + 1))[:length] + behind for length in lengths)
    ratios = [0.0]
    for _ in range(TRIES):
        spent = cost(reader, long, len(ratios))
        if spent < LITTLE:
            return 0.0
        ratios.append(spent / max(cost(reader, short, 2 * len(ratios)), 1e-7))
        if ratios[-1] <= MOST:
            return ratios[-1]
    return min(ratios[1:])


def test_readers_are_found() -> None:
    """By folder: the numbers only say that the search still finds what it did."""
    assert len(READERS) > 150
    for name in (
        "commands.version.version: parse",
        "redact.redact",
        "grammar.parse_line",
        "telnet.parse_telnet",
    ):
        assert any(reader.endswith(name) for reader in READERS), name


@pytest.mark.parametrize("name", sorted(READERS))
def test_the_cost_grows_no_faster_than_the_text(name: str) -> None:
    grown = {
        sign: ratio
        for before, sign, behind in hostile(name)
        if (ratio := growth(READERS[name], before, sign, behind)) > MOST
    }
    assert not grown


@pytest.mark.parametrize("name", sorted(name for name in READERS if name.endswith(": parse")))
def test_a_healthy_answer_that_goes_on_hostile_costs_no_more(name: str) -> None:
    """Text that opens a pattern, then what would be tried again and again."""
    command = name.rpartition(".")[2].partition(":")[0].replace("_", " ")
    grown = {
        (line, sign): ratio
        for line in beginnings(command)
        for sign in ("\n", " ", "a ", " a", "1", "(", ",", "a,", "a:")
        if (ratio := growth(READERS[name], line, sign, "!")) > MOST
    }
    assert not grown


def test_the_measure_finds_what_is_quadratic() -> None:
    """The pattern that froze all workers."""
    froze = re.compile(r"^\s*(?:Escape character is.*|Connected to .*)$", re.MULTILINE)
    assert growth(froze.search, "", "\n", "!") > MOST
    assert growth(re.compile(r"^[ \t]*Connected", re.MULTILINE).search, "", "\n", "!") <= MOST
