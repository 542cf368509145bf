"""Is this Redis fit to keep runs, approvals and the audit trail?"""

import datetime as dt
import re
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import suppress
from typing import Any, cast

from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import TimeoutError as OutOfTime

from bot.jobs.presence import RedisPresence
from bot.jobs.redis import Client, connected
from bot.jobs.rehearse import STEPS, rehearse
from bot.jobs.state import UNREADABLE, State
from bot.model.errors import StateUnavailable, Unusable
from bot.model.examination import Condition, Examined
from bot.model.ports import Now
from bot.model.presence import OLDEST_COUNT

OLDEST = (7, 0)
_TRIES = 4
DRIFT = 2.0
"""Seconds that the clocks of Redis and of this machine may differ."""


async def examine_redis(url: str, now: Now) -> list[Examined]:
    """Version, persistence, eviction and clock; one line alone when it cannot be asked."""
    try:
        async with connected(url, patient=False) as client:
            info = await _ask_info(client)
            seconds, micros = await cast(Awaitable[tuple[int, int]], client.time())
            clock = _judge_clock(seconds + micros / 1e6, now())
            lines = [*_judge(info), clock, await _judge_writing(client)]
            if lines[-1].condition == "ok":
                lines.append(await _judge_scripts(client, _product(info)))
            return [*lines, *await _judge_unreadable(client), *await _judge_headcount(client)]
    except Unusable as error:
        return [_line("wrong", "address", "redis.address", error=str(error))]
    except AuthenticationError:
        return [_line("wrong", "login", "redis.login")]
    except (RedisError, OSError) as error:
        return [_line("wrong", "reach", "redis.reach", error=type(error).__name__)]


async def _ask_info(client: Client) -> dict[str, Any]:
    """The first question bears the connection: a busy machine gets more than one try."""
    for _ in range(_TRIES - 1):
        with suppress(OutOfTime):
            return dict(await client.info())
    return dict(await client.info())


def _judge(info: Mapping[str, Any]) -> Iterator[Examined]:
    yield _judge_version(info)
    yield _judge_persistence(info)
    yield _judge_eviction(info)


def _judge_version(info: Mapping[str, Any]) -> Examined:
    told = _product(info)
    numbers = tuple(int(part) for part in re.findall(r"\d+", told["version"])[:2])
    if numbers >= OLDEST:
        return _line("ok", "version", "redis.version", **told)
    return _line("wrong", "version", "redis.old", **told)


def _product(info: Mapping[str, Any]) -> dict[str, str]:
    valkey = info.get("valkey_version")
    version = str(valkey or info.get("redis_version", "0"))
    return {"product": "Valkey" if valkey else "Redis", "version": version}


def _judge_persistence(info: Mapping[str, Any]) -> Examined:
    if not int(info.get("aof_enabled", 0)):
        return _line("warning", "persistence", "redis.forgets")
    if info.get("aof_last_write_status", "ok") != "ok":
        return _line("wrong", "persistence", "redis.disk")
    return _line("ok", "persistence", "redis.persists")


def _judge_eviction(info: Mapping[str, Any]) -> Examined:
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if policy == "noeviction":
        return _line("ok", "eviction", "redis.keeps")
    return _line("wrong", "eviction", "redis.evicts", policy=policy)


def _judge_clock(seconds: float, now: dt.datetime) -> Examined:
    ahead = seconds - now.timestamp()
    if abs(ahead) <= DRIFT:
        return _line("ok", "clock", "redis.clock-agrees")
    says = "redis.clock-ahead" if ahead > 0 else "redis.clock-behind"
    return _line("warning", "clock", says, seconds=round(abs(ahead)))


async def _judge_writing(client: Client) -> Examined:
    try:
        await client.set("pvo:doctor", 1, px=1000)
    except RedisError as error:
        return _line("wrong", "writing", "redis.read-only", error=str(error))
    return _line("ok", "writing", "redis.writes")


async def _judge_scripts(client: Client, product: Mapping[str, str]) -> Examined:
    """Every function of ours runs here once, under names of its own."""
    if failed := await rehearse(client):
        return _line("wrong", "scripts", "redis.scripts-fail", error=failed, **product)
    functions = len({function for function, *_ in STEPS})
    return _line("ok", "scripts", "redis.scripts", functions=functions, **product)


async def _judge_unreadable(client: Client) -> list[Examined]:
    """What was set aside because nobody could read it; nothing where there is nothing."""
    try:
        values = int(await State(client).ask("HLEN", UNREADABLE))
    except StateUnavailable as error:
        return [_line("untold", "values", "redis.values-untold", error=str(error))]
    return [_line("warning", "values", "redis.unreadable", values=values, key=UNREADABLE)] if values else []


async def _judge_headcount(client: Client) -> list[Examined]:
    """What the apps found about the connections that Slack counts; nothing where none of them counts."""
    try:
        found = await RedisPresence(State(client)).headcount()
    except StateUnavailable as error:
        return [_line("untold", "live apps", "apps.unread", error=str(error))]
    match found.doubt if found else "":
        case "":
            return []
        case "strange-connection":
            assert found, "it has a doubt"
            counted = {"connections": found.connections, "apps": found.apps}
            return [_line("wrong", "live apps", "apps.strange", **counted)]
        case "not-counted":
            return [_line("wrong", "live apps", "apps.uncounted", minutes=round(OLDEST_COUNT / 60))]
        case _:
            return [_line("ok", "live apps", "apps.ours")]


def _line(condition: Condition, subject: str, says: str, **details: str | int) -> Examined:
    return Examined(topic="redis", subject=subject, condition=condition, says=says, details=details)
