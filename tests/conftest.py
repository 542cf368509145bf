"""Fixtures shared by every room: no proxies, each Redis there is, an empty database a test, words for the end."""

import functools
import itertools
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import redis

from bot.lab.redis import EmbeddedRedis, describe_server, find_servers

Tell = Callable[[str], None]
# jsonschema does without it; loading it takes three seconds, for a format (iri) that no schema here has.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

_DATABASES = itertools.cycle(range(16))
_TOLD = "told at the end"
_BEGIN = ("e2e", "slack")  # they wait longest
_EACH = ("jobs", "remediation")  # what they test depends on the server: they run against each one
_SERVER, _BINARY = "redis server", "redis_binary"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--redis", default="", help="only servers whose name and version begin so: redis, 'valkey 9'"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests with a Redis run against the first server there is, those of some rooms against each."""
    if _BINARY not in metafunc.fixturenames:
        return
    servers = _servers(metafunc.config.getoption("--redis"))
    chosen = servers if metafunc.definition.path.parent.name in _EACH else dict(list(servers.items())[:1])
    names = [name.lower().replace(" ", "-") for name in chosen]
    metafunc.parametrize(_BINARY, chosen.values(), ids=names, indirect=True, scope="session")


@functools.cache
def _servers(wanted: str) -> dict[str, str]:
    """Name and version -> path, of the servers on this machine; one of the same version is left out."""
    servers = {describe_server(path): path for path in reversed(list(find_servers()))}
    found = {
        name: path for name, path in reversed(servers.items()) if name.lower().startswith(wanted.lower())
    }
    if not found:
        raise pytest.UsageError(f"no Redis {wanted!r} here; there are: {', '.join(servers) or 'none'}")
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits longest begins first, so that processes which share the tests end together."""
    rooms = {room: place for place, room in enumerate(_BEGIN)}
    items.sort(key=lambda item: rooms.get(item.path.parent.name, len(rooms)))
    for item in items:
        if isinstance(item, pytest.Function) and (spec := getattr(item, "callspec", None)):
            item.user_properties += [(_SERVER, path) for path in [spec.params.get(_BINARY)] if path]


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
def redis_binary(request: pytest.FixtureRequest) -> str:
    """The path of the server that this test is to run against."""
    return str(request.param)


@pytest.fixture(scope="session")
def redis_server(no_proxies: None, redis_binary: str) -> Iterator[EmbeddedRedis]:
    """One real Redis for the whole session; take `redis_url` unless the test is about the server itself."""
    with EmbeddedRedis(binary=redis_binary) as server:
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
    """Prints what tests told, and the servers that they ran against; pytest's own closing line comes after it."""
    reports = [
        report
        for kind in terminalreporter.stats.values()
        for report in kind
        if isinstance(report, pytest.TestReport) and report.when == "call"
    ]
    told = [value for report in reports for name, value in report.user_properties if name == _TOLD]
    used = Counter(
        str(value) for report in reports for name, value in report.user_properties if name == _SERVER
    )
    if told or used:
        terminalreporter.section("dependencies")
    for line in (*told, *_tell_servers(used)):
        terminalreporter.write_line(str(line))


def _tell_servers(used: Counter[str]) -> Iterator[str]:
    for path, tests in used.items():
        yield f"Redis: {tests} tests ran against {describe_server(path)} ({path})"
    if len(used) == 1:
        yield "Redis: that server alone; put another one on PATH (redis-server or valkey-server) to test both"
