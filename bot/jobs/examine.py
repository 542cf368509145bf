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
from bot.jobs.state import State
from bot.model.errors import StateUnavailable, Unusable
from bot.model.examination import Examined
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
            return [*_judge(info), clock, await _judge_writing(client), *await _judge_headcount(client)]
    except Unusable as error:
        return [_line("wrong", "address", str(error), "Correct REDIS_URL.")]
    except AuthenticationError:
        return [
            _line("wrong", "login", "Redis refuses the login.", "Correct user and password in REDIS_URL.")
        ]
    except (RedisError, OSError) as error:
        says = f"Redis cannot be asked: {type(error).__name__}."
        return [
            _line("wrong", "reach", says, "See that it runs, and that REDIS_URL and firewalls are right.")
        ]


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
    valkey = info.get("valkey_version")
    version = str(valkey or info.get("redis_version", "0"))
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    says = f"{'Valkey' if valkey else 'Redis'} {version}"
    if numbers >= OLDEST:
        return _line("ok", "version", f"{says}.")
    return _line("wrong", "version", f"{says} is too old.", "Update to Redis 7.0 or newer, or to Valkey.")


def _judge_persistence(info: Mapping[str, Any]) -> Examined:
    if not int(info.get("aof_enabled", 0)):
        return _line(
            "warning",
            "persistence",
            "The append-only file is off: a restart of Redis loses runs, approvals and audit rows.",
            "Set appendonly yes.",
        )
    if info.get("aof_last_write_status", "ok") != "ok":
        return _line(
            "wrong", "persistence", "Redis cannot write its append-only file.", "See to its disk and its log."
        )
    return _line("ok", "persistence", "The append-only file is on.")


def _judge_eviction(info: Mapping[str, Any]) -> Examined:
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if policy == "noeviction":
        return _line("ok", "eviction", "Nothing is evicted.")
    return _line(
        "wrong",
        "eviction",
        f"The eviction policy is {policy}: when memory is short, Redis drops runs, approvals or audit rows.",
        "Set maxmemory-policy noeviction, and give pvo a Redis of its own.",
    )


def _judge_clock(seconds: float, now: dt.datetime) -> Examined:
    ahead = seconds - now.timestamp()
    if abs(ahead) <= DRIFT:
        return _line("ok", "clock", "Its clock agrees with this machine's.")
    says = f"Its clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine's."
    return _line("warning", "clock", says, "Keep both machines' clocks by NTP.")


async def _judge_writing(client: Client) -> Examined:
    try:
        await client.set("pvo:doctor", 1, px=1000)
    except RedisError as error:
        return _line("wrong", "writing", f"It takes no writes: {error}.", "Name the primary in REDIS_URL.")
    return _line("ok", "writing", "It takes writes.")


async def _judge_headcount(client: Client) -> list[Examined]:
    """What the apps found about the connections that Slack counts; nothing where none of them counts."""
    try:
        found = await RedisPresence(State(client)).headcount()
    except StateUnavailable as error:
        return [_line("untold", "live apps", f"They cannot be read: {error}", "Let pvo run Lua scripts.")]
    match found.doubt if found else "":
        case "":
            return []
        case "strange-connection":
            assert found, "it has a doubt"
            says = f"Slack counts {found.connections} connections, and {found.apps} of our apps live."
            remedy = (
                "Remediations are paused. End the process that should not run; if there is none, revoke the app "
                "token and install a new one."
            )
            return [_line("wrong", "live apps", says, remedy)]
        case "not-counted":
            says = f"For {OLDEST_COUNT / 60:.0f} minutes no app has counted Slack's connections."
            remedy = "Remediations are paused. See that pvo app runs and what its log says of headcount."
            return [_line("wrong", "live apps", says, remedy)]
        case _:
            return [_line("ok", "live apps", "Each connection that Slack counts is one of a live app.")]


def _line(condition: Any, subject: str, says: str, remedy: str | None = None) -> Examined:
    return Examined(topic="redis", subject=subject, condition=condition, says=says, remedy=remedy)
