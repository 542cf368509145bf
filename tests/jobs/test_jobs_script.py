"""The script in parts: no part redefines a function of another one."""

import re
from collections import Counter
from importlib.resources import files

from bot.jobs.state import _PARTS


def test_every_function_is_defined_once() -> None:
    text = "".join(files("bot.jobs").joinpath(name).read_text() for name in _PARTS)
    counts = Counter(re.findall(r"^function api\.(\w+)", text, re.MULTILINE))
    assert [name for name, count in counts.items() if count > 1] == []
