"""Runs every function of the script once against the real server, under names of its own that go afterwards."""

from collections.abc import Sequence
from typing import Any

from redis.exceptions import RedisError
from ulid import ULID

from bot.jobs.queue import Checks
from bot.jobs.redis import Client
from bot.jobs.state import PREFIX, State
from bot.model.errors import StateUnavailable

ANY = object()
"""An answer that depends on the clock."""

Step = tuple[str, tuple[str | int, ...], object]
"""A function, its arguments, and its answer."""

_REQUEST = '{"site": "s", "user": null, "channel": "C"}'
_ENTRY = '{"run": "r1", "at": "2026-01-01T00:00:00+00:00"}'
_OUTBOX: tuple[Step, ...] = (
    ("ask", ("e1", "r1", _REQUEST, "now"), 1),
    ("asked", (-1000,), [b"r1"]),
    ("admit", ("r1", "s ", "C", "U", _REQUEST), [b"r1", 0]),
    ("take_run", ("r1", "a1", 60_000), 1),
    ("keep_run", ("r1", "a1", 60_000), 1),
    ("drop_run", ("r1", "a1", 0, 0), 1),
    ("take_run", ("r1", "a2", 60_000), 2),
    ("drop_run", ("r1", "a2", 1, 0), 1),
    ("abandoned", (), [[b"r1", 1]]),
    ("move", ("r1", "queued", "running", "checks_done", 1), 1),
    ("take_card", ("h", 60_000), [0, b"r1 C"]),
    ("keep_card", ("h", 60_000, "r1", "C"), None),
    ("record", ("r1", "C", "ts", "1.0"), None),
    ("release", ("h", "r1", "C", 0), None),
    ("take_card", ("h", 60_000), [0, b"r1 C"]),
    ("move", ("r1", "running", "done", "report", "{}"), 1),
    ("settle", ("h", "r1", "C", 100), None),
)
_WATCH: tuple[Step, ...] = (
    ("ended", (60_000,), [b"r1"]),
    ("note", ("s", "r1", _ENTRY, 10, "2025-01-01T00:00:00+00:00"), 1),
    ("open_trouble", ("s", "r1", "C", "{}", 60_000), None),
    ("trouble_of", ("s",), [b"r1", b"{}"]),
    ("change_trouble", ("s", "r1", "{}", 1), None),
    ("let_go", ("r1", 60_000), None),
    ("forget_ended", ("r1",), None),
    ("refresh", ("C", _REQUEST, "now"), None),
)
_BUDGET: tuple[Step, ...] = (
    ("reserve_call", ("k", 1000, 0, 0), 0),
    ("pause_calls", ("k", 0, 1000), None),
)
_REMEDIES: tuple[Step, ...] = (
    ("seen", ("e2", "m1"), 1),
    ("append", ("", "h1", "row"), 1),
    ("put_remedy", ("m1", "n1", 0, "", "{}", "r1", 1000, 1, 0, 1, "h1", "h2", "row"), 1),
    ("list_remedies", (f"{PREFIX}remedies",), [b"m1"]),
    ("take_remedy", ("h", 60_000), [0, b"m1"]),
    ("keep_remedy", ("h", 60_000, "m1"), 1),
    ("drop_remedy", ("h", "m1", -1), 1),
    ("hold", ("esa", "a", 60_000), 1),
    ("free", ("esa", "a"), None),
    ("take_notice", ("h", 60_000), [0, b"m1"]),
    ("give_notice", ("h", "m1", 1, 0), None),
)
_PRESENCE: tuple[Step, ...] = (
    ("app_lives", ("a", 60_000), None),
    ("take_count", (1000,), 0),
    ("note_count", (1, 0, 1000, 1000), None),
    ("headcount", (), ANY),
    ("app_ended", ("a",), None),
    ("count_no_more", (), None),
)
_GUARD: tuple[Step, ...] = (
    ("look", ("HLEN", f"{PREFIX}asked"), None),
    ("set_aside", (f"{PREFIX}run:r1", "rehearsed", "version", "0"), None),
)
STEPS = (*_OUTBOX, *_WATCH, *_BUDGET, *_REMEDIES, *_PRESENCE, *_GUARD)


async def rehearse(client: Client, steps: Sequence[Step] = STEPS) -> str | None:
    """Which function fails on this server and how; None when none does. Raises `RedisError` and `OSError`."""
    name = f"doctor:{ULID()}"
    prefix = f"{PREFIX}{name}:"
    try:
        return await _run(State(client, prefix=prefix), prefix, steps) or await _queue(client, name)
    finally:
        async for key in client.scan_iter(f"*{name}*", count=1000):
            await client.delete(key)


async def _run(state: State, prefix: str, steps: Sequence[Step]) -> str | None:
    for function, arguments, expected in steps:
        words = [word.replace(PREFIX, prefix) if isinstance(word, str) else word for word in arguments]
        try:
            answer: Any = await state.call(function, *words)
        except StateUnavailable as error:
            return f"{function}: {error.__cause__ or error}"
        if expected is not ANY and answer != expected:
            return f"{function}: it answered {answer!r}, not {expected!r}"
    return None


async def _queue(client: Client, name: str) -> str | None:
    """The scripts of the queue, ours and SAQ's."""
    checks = Checks(client, name)
    try:
        await checks.sweep(1)
        await checks.schedule(1)
        await checks.ring(name, scheduled=True)
        await checks.hurry(name)
        job = await checks.dequeue(timeout=1)
    except (StateUnavailable, RedisError) as error:
        return f"queue: {error.__cause__ or error}"
    return None if job is not None else "queue: a job that was rung for did not come"
