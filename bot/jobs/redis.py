"""Connections to Redis or Valkey from REDIS_URL: one kind that gives up soon, one that waits for Redis."""

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as OutOfTime

from bot.model.errors import Unusable

Client = Redis
"""Answers bytes, because SAQ reads bytes."""

BLOCKING = 2.0
"""Seconds that a blocking command waits at most."""

_HASTE = 0.5

_SENTINEL = "redis+sentinel"
_SENTINEL_PORT = 26379
_FORMS = "redis://HOST:PORT/DB, rediss://…, unix:///PATH or redis+sentinel://HOST:PORT,HOST:PORT/SERVICE"
_ASK_EVERY = 1.0
_NAMES = frozenset({"db", "client_name", "username", "password"})
_FILES = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})
_OPTIONS = {
    "redis": _NAMES,
    "unix": _NAMES,
    "rediss": _NAMES | _FILES | {"ssl_cert_reqs", "ssl_check_hostname"},
    _SENTINEL: frozenset({"db"}),
}
_VALUES = {
    "db": re.compile(r"\d+"),
    "ssl_cert_reqs": re.compile("none|optional|required"),
    "ssl_check_hostname": re.compile("true|false", re.IGNORECASE),
}

log = structlog.get_logger()


@asynccontextmanager
async def connected(url: str, *, patient: bool) -> AsyncIterator[Client]:
    """A client that connects when it is first used, closed at the end.

    A hasty one answers or fails within half a second, for what a person waits for. A patient one tries again for
    as long as Redis is away, and may be given blocking commands. Raises `Unusable` for a malformed URL.
    """
    scheme = _check(url)
    kind, options = (Redis, _patient(url)) if patient else (_Hasty, _hasty())
    if scheme == _SENTINEL:
        sentinel, client = _ask_sentinels(url, kind, options)
    else:
        sentinel, client = None, _connect(url, kind, options)
    try:
        yield client
    finally:
        await client.aclose()
        for node in sentinel.sentinels if sentinel else ():
            await node.aclose()


async def watch(url: str) -> None:
    """Logs when Redis stops answering and when it answers again; never returns."""
    answers = True
    async with connected(url, patient=False) as client:
        while True:
            try:
                await cast(Awaitable[bool], client.ping())
            except (RedisError, OSError) as error:
                if answers:
                    log.warning("redis.lost", error=str(error))
                answers = False
            else:
                if not answers:
                    log.info("redis.back")
                answers = True
            await asyncio.sleep(_ASK_EVERY)


class _Hasty(Redis):
    """Commands that answer or fail in time."""

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        try:
            async with asyncio.timeout(_HASTE):
                return await super().execute_command(*words, **options)  # type: ignore[no-untyped-call]
        except TimeoutError as error:
            raise OutOfTime(f"no answer within {_HASTE} s") from error


# No socket_timeout: with one redis-py sends by `wait_for`, which may swallow a cancellation before Python 3.12.


def _hasty() -> dict[str, Any]:
    return {"socket_connect_timeout": _HASTE, "retry": Retry(NoBackoff(), 0)}


def _brief() -> dict[str, Any]:
    """For a Sentinel: the next one is asked soon."""
    return {"socket_connect_timeout": _HASTE / 3, "retry": Retry(NoBackoff(), 0)}


def _patient(url: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        "socket_connect_timeout": 2.0,
        "retry": Retry(ExponentialWithJitterBackoff(base=0.1, cap=1.0), -1),
    }
    if urlsplit(url).scheme == "unix":
        return options
    # The kernel notices when the other machine is gone: after about 11 s, instead of 2 hours.
    return options | {"socket_keepalive": True, "socket_keepalive_options": _keepalive()}


def _keepalive() -> dict[int, int]:
    wanted = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 11_000}
    return {getattr(socket, name): value for name, value in wanted.items() if hasattr(socket, name)}


def _check(url: str) -> str:
    """The scheme of a URL whose options are known; what else is wrong with one shows at the first use, as a bug."""
    try:
        parts = urlsplit(url)
        options = parse_qs(parts.query, keep_blank_values=True)
    except ValueError:
        raise _unusable() from None
    known = _OPTIONS.get(parts.scheme)
    if known is None or (parts.scheme == "unix" and not parts.path):
        raise _unusable()
    if options.keys() - known:  # not named: where a password holds a "?", it is part of it
        raise Unusable(
            "REDIS_URL has an option that pvo does not know. "
            f"After the ?, {parts.scheme}:// takes {', '.join(sorted(known))}; write a ? in a password as %3F."
        )
    if parts.scheme in ("redis", "rediss") and not re.fullmatch(r"/?\d*", parts.path):
        raise _unusable()
    for name, values in options.items():
        if name in _VALUES and not all(_VALUES[name].fullmatch(value) for value in values):
            raise _unusable()
        if name in _FILES and not all(os.access(value, os.R_OK) for value in values):
            raise Unusable(f"REDIS_URL: the file of {name} cannot be read.")
    return parts.scheme


def _connect(url: str, kind: type[Client], options: dict[str, Any]) -> Client:
    try:
        client: Client = kind.from_url(url, **options)
    except (ValueError, TypeError) as error:
        raise _unusable() from error
    return client


def _ask_sentinels(url: str, kind: type[Client], options: dict[str, Any]) -> tuple[Sentinel, Client]:
    parts = urlsplit(url)
    service = parts.path.strip("/")
    credentials, _, hosts = parts.netloc.rpartition("@")
    if not service or not hosts:
        raise _unusable()
    nodes = [_address(host) for host in hosts.split(",")]
    sentinel = Sentinel(nodes, sentinel_kwargs=_brief())  # type: ignore[no-untyped-call]
    login: dict[str, Any] = {"db": _database(parts), **_login(credentials)}
    return sentinel, sentinel.master_for(service, redis_class=kind, **options, **login)


def _address(host: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
    except ValueError as error:
        raise _unusable() from error
    if not name:
        raise _unusable()
    return name, port or _SENTINEL_PORT


def _login(credentials: str) -> dict[str, str]:
    username, _, password = map(unquote, credentials.partition(":"))
    return {key: value for key, value in (("username", username), ("password", password)) if value}


def _database(parts: SplitResult) -> int:
    try:
        return int(parse_qs(parts.query).get("db", ["0"])[0])
    except ValueError as error:
        raise _unusable() from error


def _unusable() -> Unusable:
    # Without the URL: it may hold a password.
    return Unusable(f"REDIS_URL is malformed: write it as {_FORMS}.")
