"""Every sentence is used, and every sentence that is used exists."""

import re
from importlib.resources import files

from bot.slack.texts import ENGLISH

SOURCE = "".join(
    path.read_text()
    for path in files("bot.slack").iterdir()
    if path.name.endswith(".py") and path.name != "texts.py"
)
BUILT = ("verdict.", "path.", "area.", "thread.", "count.")
"""Keys that are put together from an id."""


def test_every_sentence_that_is_said_exists() -> None:
    said = set(re.findall(r'say\(\s*"([a-z.-]+)"', SOURCE))
    assert said
    assert said <= ENGLISH.keys()


def test_every_sentence_is_said_somewhere() -> None:
    assert [
        key
        for key in ENGLISH
        if f'"{key}"' not in SOURCE and not key.startswith(BUILT) and key != "nearest.or"
    ] == []
