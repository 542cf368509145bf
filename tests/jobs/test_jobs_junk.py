"""Junk in every key that the scripts know: no loop ends, good work beside it does, and it does not come back."""

import asyncio
import datetime as dt
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from bot.jobs.attempt import Progress
from bot.jobs.audit import Trail
from bot.jobs.budget import RedisBudget
from bot.jobs.depth import measure_depth
from bot.jobs.operate import Records, operate
from bot.jobs.outbox import RedisOutbox
from bot.jobs.presence import RedisPresence
from bot.jobs.queue import Checks
from bot.jobs.redis import Client
from bot.jobs.remedies import RedisNotices, Remedies
from bot.jobs.runs import RedisRuns
from bot.jobs.state import _ASK, _GUARD, _PARTS, UNREADABLE, State
from bot.jobs.watches import RedisWatches
from bot.jobs.watching import keep_watch
from bot.jobs.worker import work
from bot.model.ports import Rate
from bot.model.presence import RHYTHM
from bot.model.remediation import Remediation
from bot.model.remediation_ports import Ledger
from bot.model.report import Report
from bot.model.run import Request, Run, RunState
from bot.remediation.seal import Seal
from bot.settings import load_inventory
from tests.slack import make

PATIENCE = 30.0
NAMES = {
    "RUN": "01JUNK",
    "CHANNEL": "C0JUNK",
    "SITE": "site-a",
    "KEY": "junk",
    "ID": "01JUNKREMEDY",
    "APPLIANCE": "esa-a1",
}
VALUES: tuple[bytes, ...] = (b"abc", b"[]", b"{", b"5", b"null", b'{"user": 5}', b"\xff\xfe\x00", b"", b"nan")
SCORES = ("-inf", "0", "1e15", "+inf")
FIELDS = re.compile(r"[a-z_]+")
INVENTORY = """
[appliances.sma-a]
product = "sma"
host = "192.0.2.1"
username = "pvo"
password = { env = "PVO_NOTHING" }
[appliances.esa-a1]
product = "esa"
host = "192.0.2.2"
username = "pvo"
password = { env = "PVO_NOTHING" }
[sites.site-a]
title = "Site A"
sma = "sma-a"
esas = ["esa-a1"]
watch = "* * * * *"
channel = "C0OPS"
"""


def families() -> dict[str, tuple[str, str]]:
    """Key -> its type and what its header says of it, of every family that the scripts document."""
    found = {}
    for part in (_GUARD, _ASK, *_PARTS):
        text = files("bot.jobs").joinpath(part).read_text()
        for key, kind, about in re.findall(
            r"^--   (pvo:[\w:]+) +(string|hash|zset|set|list|stream) +(.*)$", text, re.M
        ):
            named = re.sub(r"[A-Z]+", lambda word: NAMES.get(word[0], word[0]), key)
            found[named] = (kind, about)
    return found


FAMILIES = families()


async def put_other_type(client: Any, key: str, kind: str) -> None:
    await client.delete(key)
    if kind == "list":
        await client.hset(key, "field", "junk")
    else:
        await client.rpush(key, b"junk", b"\xff")


async def put_values(client: Any, key: str, kind: str, about: str) -> None:
    match kind:
        case "string":
            await client.set(key, b"\xffjunk")
        case "hash":
            for field, value in zip(FIELDS.findall(about), VALUES * 3, strict=False):
                await client.hset(key, field, value)
            for value in VALUES:
                await client.hset(key, b"site-" + value, value)
        case "zset":
            members = [*VALUES, b"01JUNK C0JUNK", b"01JUNK", b"01JUNKREMEDY", b"a b c", b"\xff \xff"]
            for member, score in zip(members, SCORES * 5, strict=False):
                await client.zadd(key, {member: score})
        case "set":
            await client.sadd(key, *VALUES)
        case "list":
            await client.rpush(key, *VALUES)
        case "stream":
            await client.xadd(key, {b"row": b"\xff"})
            await client.xadd(key, {b"other": b"junk"})


async def put_saq(client: Any) -> None:
    await client.rpush("saq:checks:queued", b"saq:job:checks:junk", b"\xff", b"")
    await client.rpush("saq:checks:active", b"saq:job:checks:junk")
    await client.set("saq:job:checks:junk", b"[]")
    await client.zadd("saq:checks:incomplete", {b"saq:job:checks:junk": 1, b"\xff": 0})


async def put_saq_of_another_type(client: Any) -> None:
    for key in ("queued", "active", "scheduled", "incomplete"):
        await client.set(f"saq:checks:{key}", b"junk")


class Office:
    """What an app and a worker do for ever, over one Redis."""

    def __init__(self, client: Client, url: str, inventory: Path) -> None:
        self.client: Any = client
        self.url = url
        self.state, self.checks = State(client), Checks(client)
        self.runs = RedisRuns(self.state, self.checks)
        self.trail = Trail(client, self.state, Seal(None))
        self.watches = RedisWatches(client, self.state, self.checks)
        self.shown: set[str] = set()
        self._inventory = load_inventory(inventory)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """All loops; none of them may have ended at the end."""
        stop = asyncio.Event()
        duties: list[Coroutine[Any, Any, None]] = [
            self.deliver(),
            self.announce(),
            self.take_up(),
            self.look_around(),
            keep_watch(self.url, lambda: self._inventory, "en"),
            work(self.url, self.check, 2, stop),
            operate(self.url, self.attend, Records(Seal(None), dt.timedelta(days=730)), stop),
        ]
        tasks = [asyncio.create_task(duty) for duty in duties]
        try:
            yield
            ended = [task.get_coro() for task in tasks if task.done()]
            assert ended == [], [task.exception() for task in tasks if task.done()]
        finally:
            stop.set()
            for task in tasks[:5]:
                task.cancel()
            await asyncio.wait(tasks)

    async def deliver(self) -> None:
        outbox = RedisOutbox(self.state, 1.0)
        async for card in outbox.due():
            run = await self.runs.get(card.run)
            await self.watches.troubles(card.run)
            if run is None:
                await outbox.release(card, 3600)
                continue
            if run.state.final:
                self.shown.add(run.id)
            await outbox.settle(card, run)

    async def announce(self) -> None:
        notices = RedisNotices(self.state, self.trail)
        async for remediation in notices.due():
            await notices.settle(remediation)

    async def take_up(self) -> None:
        while True:
            for run in await self.runs.asked(0.0):
                await self.runs.admit(run.id)
            await asyncio.sleep(0.05)

    async def look_around(self) -> None:
        """What people's commands and metrics read."""
        presence, budget = RedisPresence(self.state), RedisBudget(self.state)
        remedies = Remedies(self.state, self.trail)
        while True:
            await presence.lives("app", RHYTHM)
            await presence.headcount()
            if await presence.take_count(RHYTHM):
                await presence.note_count(1, RHYTHM)
            await budget.reserve("junk", Rate(0.01, 2), 10)
            await budget.hold("junk", Rate(0.01, 2), 0.01)
            await self.watches.orders()
            await self.watches.latest(["site-a"])
            await self.watches.history("site-a", 50)
            await self.watches.pulse()
            await remedies.list_at("pvo:remedies")
            await remedies.list_at("pvo:remedies:01JUNK")
            await self.trail.read_head()
            await measure_depth(self.client)
            for holder in ("one", "two"):
                await self.state.call("hold", "esa-a1", holder, 100)
            await asyncio.sleep(0.1)

    async def check(self, run: Run, progress: Progress) -> Report:
        return make.report(id=run.id, site=run.request.site)

    async def attend(self, remediation: Remediation, ledger: Ledger) -> float | None:
        return None

    async def finish(self, request: Request, envelope: str) -> None:
        """A person's check goes its whole way: asked, admitted, run, shown."""
        run = await self.runs.ask(envelope, request)
        assert run is not None
        async with asyncio.timeout(PATIENCE):
            while run.id not in self.shown:  # noqa: ASYNC110 - Redis tells nobody
                await asyncio.sleep(0.05)
        found = await self.runs.get(run.id)
        assert found is not None
        assert found.state is RunState.DONE


@pytest.fixture
def office(client: Client, redis_url: str, tmp_path: Path) -> Office:
    (tmp_path / "sites.toml").write_text(INVENTORY)
    return Office(client, redis_url, tmp_path / "sites.toml")


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    structlog.reset_defaults()
    with capture_logs() as logged:
        yield logged


def unreadable(logged: list[Any]) -> Counter[str]:
    return Counter(str(line["key"]) for line in logged if line["event"] == "state.unreadable")


def test_every_family_is_known() -> None:
    """The headers name what the scripts touch."""
    text = "".join(files("bot.jobs").joinpath(part).read_text() for part in (_ASK, *_PARTS))
    touched = set(re.findall(r"'(pvo:[a-z:]+)'?", text))
    named = {re.sub(r"(01JUNK(REMEDY)?|C0JUNK|site-a|junk|esa-a1)(:C0JUNK)?$", "", key) for key in FAMILIES}
    assert {key for key in touched if key not in named and key.rstrip(":") not in named} == set()


@pytest.mark.parametrize("kind", ["of-another-type", "unreadable"])
async def test_junk_everywhere_ends_nothing(
    kind: str, office: Office, request_of: Callable[..., Request], logged: list[Any]
) -> None:
    for key, (type_, about) in FAMILIES.items():
        if kind == "of-another-type":
            await put_other_type(office.client, key, type_)
        else:
            await put_values(office.client, key, type_, about)
    await (put_saq_of_another_type if kind == "of-another-type" else put_saq)(office.client)
    async with office.open():
        await office.finish(request_of(site="site-b"), "first")
        await asyncio.sleep(2)
    assert unreadable(logged), "it was told"
    assert await office.client.hlen(UNREADABLE) > 0
    before = len(unreadable(logged))
    async with office.open():
        await office.finish(request_of(site="site-b"), "second")
        await asyncio.sleep(1)
    after = unreadable(logged)
    assert len(after) == before, "after a restart it does not come back"
    bugs = [
        line
        for line in logged
        if line.get("exc_info") or line["event"] in ("watch.failed", "remediation.bug")
    ]
    assert bugs == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("request", b"[]"),
        ("request", b"{"),
        ("request", b"\xff"),
        ("version", b"abc"),
        ("state", b"?"),
        ("report", b"[]"),
    ],
)
@pytest.mark.parametrize("list_", ["pvo:asked", "pvo:open", "pvo:ended"])
async def test_one_junk_field_of_a_run_ends_nothing(
    field: str,
    value: bytes,
    list_: str,
    office: Office,
    ask: Callable[[Request], Awaitable[Run]],
    request_of: Callable[..., Request],
    logged: list[Any],
) -> None:
    bad = await ask(request_of(site="site-bad"))
    state = {"pvo:asked": "asked", "pvo:open": "queued", "pvo:ended": "done"}[list_]
    await office.client.hset(f"pvo:run:{bad.id}", mapping={"state": state, field: value})
    await office.client.zrem("pvo:asked", bad.id)
    await office.client.zadd(list_, {bad.id: 0})
    async with office.open():
        await office.finish(request_of(site="site-b"), "good")
        async with asyncio.timeout(PATIENCE):
            while await office.client.zscore(list_, bad.id) is not None:  # noqa: ASYNC110 - Redis tells nobody
                await asyncio.sleep(0.05)
    await office.runs.get(bad.id)
    assert f"pvo:run:{bad.id}" in {key.split()[0] for key in unreadable(logged)}


async def test_a_remediation_with_a_junk_version_is_set_aside_whole(
    office: Office, client: Any, logged: list[Any]
) -> None:
    await client.hset("pvo:remedy:m1", mapping={"text": json.dumps({}), "version": "abc"})
    assert await Remedies(office.state, office.trail).get("m1") is None
    assert unreadable(logged) == {"pvo:remedy:m1": 1}
    assert await client.hget("pvo:unreadable:pvo:remedy:m1", "version") == b"abc"
    assert await client.ttl(UNREADABLE) > 0
    (told,) = (await client.hgetall(UNREADABLE)).values()
    assert re.fullmatch(rb"\d{13} not a remediation: hash", told)


async def test_so_much_is_kept_and_no_more(client: Any, logged: list[Any]) -> None:
    await client.zadd("pvo:asked", {f"not a name {number}": number for number in range(1100)})
    assert await State(client).call("asked", 0) == []
    assert await client.zcard("pvo:asked") == 0
    assert await client.hlen(UNREADABLE) == 1000
