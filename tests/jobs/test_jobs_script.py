"""The script in parts: no part redefines a function of another one."""

import re
from collections import Counter
from importlib.resources import files

from bot.jobs.redis import Client
from bot.jobs.rehearse import STEPS, rehearse
from bot.jobs.state import _ASK, _GUARD, _PARTS


def test_every_function_is_defined_once() -> None:
    text = "".join(files("bot.jobs").joinpath(name).read_text() for name in _PARTS)
    counts = Counter(re.findall(r"^function api\.(\w+)", text, re.MULTILINE))
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_function_is_rehearsed() -> None:
    """`pvo doctor` says that the scripts run on a server only after each function has."""
    text = "".join(files("bot.jobs").joinpath(name).read_text() for name in (_GUARD, _ASK, *_PARTS))
    functions = set(re.findall(r"^function api\.(\w+)", text, re.MULTILINE))
    assert functions == {function for function, *_ in STEPS}


async def test_every_function_runs_on_this_server_and_leaves_nothing(client: Client) -> None:
    await client.set("pvo:asked-by-somebody", 1)
    assert await rehearse(client) is None
    assert await client.keys("*") == [b"pvo:asked-by-somebody"]


async def test_a_function_that_fails_is_named(client: Client) -> None:
    failed = await rehearse(client, [("asked", ("soon",), [])])
    assert failed is not None
    assert failed.startswith("asked: ")
    assert "arithmetic" in failed
    assert await rehearse(client, [("asked", (0,), [b"r1"])]) == "asked: it answered [], not [b'r1']"
