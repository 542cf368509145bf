"""Commands without undo do not exist as code: nothing outside the lab and the texts may name them."""

import re
from pathlib import Path

import pytest

import bot

ROOM = Path(bot.__file__).parent
DANGEROUS = (
    *("deleterecipients", "bouncerecipients", "redirectrecipients", "removemessage", "resetqueue"),
    *("resetconfig", "revert", "loadconfig", "diagnostic", "RELOAD", "rollbackconfig"),
)
LINE = re.compile(rf"""["'](?:{"|".join(DANGEROUS)})\b""", re.IGNORECASE)
SOURCES = [path for path in sorted(ROOM.rglob("*.py")) if "lab" not in path.relative_to(ROOM).parts]


def test_there_is_code_to_search() -> None:
    assert len(SOURCES) > 100
    assert LINE.search('Reading("deleterecipients", str)')


@pytest.mark.parametrize("word", DANGEROUS)
def test_no_line_of_ours_begins_with_a_dangerous_command(word: str) -> None:
    found = [
        path.name for path in SOURCES if re.search(rf"""["']{word}\b""", path.read_text(), re.IGNORECASE)
    ]
    assert found == []


def test_the_worst_one_is_not_even_mentioned_in_code() -> None:
    assert [path.name for path in SOURCES if "deleterecipients" in path.read_text()] == []
