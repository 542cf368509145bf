"""Fixtures shared by every room: no proxies, one Redis a session, an empty database a test."""

import itertools
import os
from collections.abc import Iterator

import pytest
import redis

from bot.lab.redis import EmbeddedRedis

_DATABASES = itertools.cycle(range(16))


@pytest.fixture(scope="session", autouse=True)
def no_proxies() -> Iterator[None]:
    """Everything under test talks to loopback; a developer's proxy must not come between."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def redis_server(no_proxies: None) -> Iterator[EmbeddedRedis]:
    """One real Redis for the whole session; take `redis_url` unless the test is about the server itself."""
    with EmbeddedRedis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: EmbeddedRedis) -> str:
    """`unix://PATH?db=N` of an empty database; channels of publish/subscribe know no databases."""
    url = f"{redis_server.url}?db={next(_DATABASES)}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url
