"""Fixtures shared by every room: no proxies, one Redis a session, an empty database a test, words for the end."""

import itertools
import os
import sys
from collections.abc import Callable, Iterator

import pytest
import redis

from bot.lab.redis import EmbeddedRedis

Tell = Callable[[str], None]
# jsonschema does without it; loading it takes three seconds, for a format (iri) that no schema here has.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

_DATABASES = itertools.cycle(range(16))
_TOLD = "told at the end"
_BEGIN = ("e2e", "slack")  # they wait longest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits longest begins first, so that processes which share the tests end together."""
    rooms = {room: place for place, room in enumerate(_BEGIN)}
    items.sort(key=lambda item: rooms.get(item.path.parent.name, len(rooms)))


@pytest.fixture(scope="session")
def surroundings() -> dict[str, str]:
    """The environment as it was given, proxies and all, for what has to leave this machine."""
    return dict(os.environ)


@pytest.fixture(scope="session", autouse=True)
def no_proxies(surroundings: dict[str, str]) -> Iterator[None]:
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


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Prints a line below the results of all tests."""
    return lambda line: record_property(_TOLD, line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what tests told; pytest's own closing line comes after it."""
    reports = (report for kind in terminalreporter.stats.values() for report in kind)
    told = [
        line
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, line in report.user_properties
        if name == _TOLD
    ]
    if told:
        terminalreporter.section("dependencies")
        for line in told:
            terminalreporter.write_line(str(line))
