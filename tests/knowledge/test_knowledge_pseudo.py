"""A third language is one folder: a pseudo-language is spoken wherever English is, and nothing beside it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import bot
from tests.knowledge.pseudo import OPEN, find_unmarked, mark, translate

PACKAGE = Path(bot.__file__).parent
Run = Callable[..., subprocess.CompletedProcess[str]]
LINES = (
    "Tue Nov 24 03:00:00 2026 Info: New SMTP DCID 56 interface 10.10.20.1 address 10.10.10.1 port 7025",
    "Tue Nov 24 03:00:01 2026 Info: DCID 56 TLS failed: verify error: no certificate from server",
    "Tue Nov 24 03:00:02 2026 Info: DCID 56 TLS was required but could not be successfully negotiated",
)
REASON = "verify error: no certificate from server"
DATA = (
    *("commit", "pvo: remove anonymous ciphers", "pvo: restore the former cipher list"),
    *("sslconfig", "OUTBOUND", "resume", "suspend", "status"),
    *("Offline", *LINES, REASON),
    *("TechNote 200068", "TLS/Certificates", "Listeners"),
    *("site-a", "sma-a", "esa-a1", "esa-a2", "01RUN", "x", "mail is stuck", "mail.current"),
    *("connectivity", "setup", "tls", "queue", "log", "ESA", "UTC", "Nov"),
    *("h", "min", "s"),
)
"""What is the same in every language: lines that are typed, what appliances say, sources, names, areas, units."""
NO_TEXT = re.compile(
    r"<[^<>|]*>|<[^<>|]*\||:[a-z_]+:"  # of Slack: mentions, the address of a link, emoji
    r"|\b[a-z]+\.[a-z]+(?:\.[a-z-]+)?\b(?![./])"  # ids of checks and findings
    r"|\d{4}-\d\d-\d\dT[\d:]+Z"
    rf"|(?<![\w.-])(?:{'|'.join(re.escape(data) for data in sorted(DATA, key=len, reverse=True))})(?![\w-])"
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a module in a copy of the package that has one folder more."""
    place = tmp_path_factory.mktemp("pseudo")
    shutil.copytree(PACKAGE, place / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    texts = place / "bot" / "knowledge" / "texts"
    translate(texts / "en", texts / "xx")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PVO_")}
    surroundings = {"PYTHONPATH": str(PACKAGE.parent), "NO_COLOR": "1", "COLUMNS": "1000", "LANG": "C.UTF-8"}

    def call(*arguments: object, typed: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *map(str, arguments)],
            capture_output=True,
            input=typed,
            text=True,
            env=plain | surroundings | changes,
            cwd=place,
            timeout=90,
        )

    return call


@pytest.fixture(scope="module")
def documents(run: Run) -> dict[str, list[str]]:
    done = run("tests.knowledge.pseudo", "xx")
    assert done.returncode == 0, done.stderr
    told: dict[str, list[str]] = json.loads(done.stdout)
    return told


def unmarked_words(text: str) -> set[str]:
    """The words that come neither from the folder nor from what the document is about."""
    return set(re.findall(r"\w*[^\W\d_]\w*", NO_TEXT.sub(" ", " ".join(find_unmarked(text).split()))))


def test_marks_stand_around_words_alone() -> None:
    assert mark("• *{title}*: <{url}|see it>, `run {command} now`") == (
        "• *{title}*: <{url}|⟦see it⟧>, `⟦run⟧ {command} ⟦now⟧`"
    )
    assert mark(":mute: by <@{user}> | to") == ":mute: ⟦by⟧ <@{user}> | ⟦to⟧"


def test_a_word_without_marks_is_found() -> None:
    assert unmarked_words("⟦one of⟧ esa-a1 and :x: ⟦two") == {"and"}
    assert unmarked_words("Waits `⟦for⟧` tls.ciphers, minimum 3h") == {"Waits", "minimum", "3h"}


@pytest.mark.parametrize(
    ("arguments", "setting"),
    [(("--language", "xx"), {}), ((), {"PVO_LANGUAGE": "xx"}), ((), {"LANG": "xx_YY.UTF-8"})],
)
def test_the_language_can_be_chosen(arguments: tuple[str, ...], setting: dict[str, str], run: Run) -> None:
    explained = run(
        "bot", "explain", "tls.ciphers.admit-anonymous", "--format", "json", *arguments, **setting
    )
    assert (explained.returncode, explained.stderr) == (0, "")
    assert json.loads(explained.stdout)["language"] == "xx"

    read = run("bot", "logs", "--format", "json", "-", *arguments, **setting)
    assert read.stderr == ""
    assert OPEN in read.stdout


def test_what_can_be_chosen_is_listed(run: Run) -> None:
    assert "<en|es|xx>" in run("bot", "logs", "--help").stdout
    for command in (("explain", "tls.ciphers.admit-anonymous"), ("logs", "-")):
        refused = run("bot", *command, PVO_LANGUAGE="fr")
        assert refused.returncode == 2
        assert refused.stderr.startswith("Unusable settings: PVO_LANGUAGE must be 'en', 'es' or 'xx'")


KINDS = (
    *("terminal", "markdown", "article", "help", "card", "explanation", "thread"),
    *("request", "decision", "details", "sharing"),
)


@pytest.mark.parametrize("kind", KINDS)
def test_no_document_says_a_word_that_is_not_in_the_folder(
    kind: str, documents: dict[str, list[str]]
) -> None:
    assert any(OPEN in text for text in documents[kind])
    assert {word for text in documents[kind] for word in unmarked_words(text)} == set()


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_pvo_logs_says_nothing_else(form: str, run: Run) -> None:
    typed = "".join(f"{line}\n" for line in LINES)
    done = run("bot", "logs", "-", "--language", "xx", "--format", form, "--verbose", typed=typed)
    assert (done.returncode, done.stderr) == (1, "")
    assert OPEN in done.stdout
    wrapped = set(re.findall(r"\w+", REASON))  # in the cell of a table, with other cells between its lines
    assert unmarked_words(done.stdout) - wrapped == set()
