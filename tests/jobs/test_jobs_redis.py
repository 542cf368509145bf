"""Connections: every form of REDIS_URL, and the patience of each kind."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.jobs.queue import Checks
from bot.jobs.redis import connected
from bot.jobs.runs import RedisRuns
from bot.jobs.state import State
from bot.lab.children import spawn, stop
from bot.lab.redis import EmbeddedRedis
from bot.model.errors import StateUnavailable, Unusable
from bot.model.run import Request

PATIENCE = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def await_port(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.01)
        else:
            return


@pytest.fixture
def sentinel(tmp_path: Path, redis_binary: str) -> Iterator[int]:
    """The port of a Sentinel that watches a Redis with a password under the name `pvo`."""
    master, port = free_port(), free_port()
    settings = tmp_path / "sentinel.conf"
    settings.write_text(
        f"port {port}\nbind 127.0.0.1\n"
        f"sentinel monitor pvo 127.0.0.1 {master} 1\nsentinel auth-pass pvo secret\n"
    )
    binary, log = redis_binary, (tmp_path / "log").open("wb")
    words = ["--port", str(master), "--bind", "127.0.0.1", "--requirepass", "secret", "--save", ""]
    with log:
        children = [spawn([binary, *words, "--dir", str(tmp_path)], stdout=log, stderr=log)]
        await_port(master)
        children.append(spawn([binary, str(settings), "--sentinel"], stdout=log, stderr=log))
        await_port(port)
    yield port
    for child in children:
        stop(child)


@pytest.mark.parametrize("patient", [True, False])
async def test_sentinel_says_where_redis_is(sentinel: int, patient: bool) -> None:
    url = f"redis+sentinel://:secret@127.0.0.1:{free_port()},127.0.0.1:{sentinel}/pvo?db=3"
    async with connected(url, patient=patient) as client:
        await client.set("here", "yes")
        assert await client.get("here") == b"yes"
        assert client.connection_pool.connection_kwargs["db"] == 3


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:6379",
        "http://127.0.0.1",
        "redis://127.0.0.1:secret",
        "redis+sentinel://127.0.0.1:26379",
        "redis+sentinel:///pvo",
        "redis+sentinel://:secret@127.0.0.1:x/pvo",
        "redis+sentinel://127.0.0.1,/pvo",
        "redis+sentinel://127.0.0.1/pvo?db=x",
        "redis://:secret@127.0.0.1?db=abc",
        "redis://:secret@127.0.0.1?db=-1",
        "redis://:secret@127.0.0.1/abc",
        "redis://:secret@127.0.0.1:99999/0",
        "redis://[::1:secret",
        "unix://:secret@/run/redis.sock?db=0x1",
        "unix://",
        "rediss://:secret@127.0.0.1?ssl_cert_reqs=perhaps",
        "rediss://:secret@127.0.0.1?ssl_check_hostname=maybe",
    ],
)
async def test_a_malformed_url_is_told_in_a_sentence_without_it(url: str) -> None:
    with pytest.raises(Unusable, match=r"^REDIS_URL is malformed: write it as ") as caught:
        async with connected(url, patient=False):
            pass
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://:secret@127.0.0.1?socket_timeout=foo",
        "redis://:secret@127.0.0.1?socket_timeout=5",
        "redis://:secret@127.0.0.1?decode_responses=true",
        "redis://:secret@127.0.0.1?ssl_cert_reqs=none",
        "redis://:pass?secret@127.0.0.1/0",
        "redis+sentinel://127.0.0.1/pvo?secret=1",
        "unix:///run/redis.sock?max_connections=x&secret",
    ],
)
async def test_an_unknown_option_is_told_in_a_sentence_without_it(url: str) -> None:
    with pytest.raises(Unusable, match=r"^REDIS_URL has an option that pvo does not know\. ") as caught:
        async with connected(url, patient=True):
            pass
    assert "secret" not in str(caught.value)


async def test_a_missing_authority_is_told_in_a_sentence(tmp_path: Path) -> None:
    url = f"rediss://:secret@127.0.0.1?ssl_ca_certs={tmp_path / 'ca.pem'}"
    with pytest.raises(Unusable, match=r"^REDIS_URL: the file of ssl_ca_certs cannot be read\.$"):
        async with connected(url, patient=False):
            pass


async def test_options_that_are_known_reach_the_connection(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    url = f"rediss://127.0.0.1/2?client_name=pvo&ssl_ca_certs={tmp_path / 'ca.pem'}&ssl_check_hostname=false"
    async with connected(url, patient=False) as client:
        options = client.connection_pool.connection_kwargs
        assert (options["db"], options["client_name"], options["ssl_check_hostname"]) == (2, "pvo", False)


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
async def test_a_hasty_client_says_that_nobody_is_there(
    scheme: str, request_of: Callable[..., Request]
) -> None:
    async with connected(f"{scheme}://:secret@127.0.0.1:{free_port()}/0", patient=False) as client:
        with pytest.raises(StateUnavailable, match=r"^Redis cannot be asked: ") as caught:
            await RedisRuns(State(client), Checks(client)).ask("envelope", request_of())
    assert "secret" not in str(caught.value)


async def test_a_hasty_client_does_not_wait_for_a_silent_redis(
    request_of: Callable[..., Request], redis_binary: str
) -> None:
    with EmbeddedRedis(binary=redis_binary) as server:
        async with connected(server.url, patient=False) as client:
            runs = RedisRuns(State(client), Checks(client))
            run = await runs.ask("envelope-1", request_of())
            assert run is not None
            os.kill(server.pid, signal.SIGSTOP)
            with pytest.raises(StateUnavailable, match="no answer within"):
                await runs.ask("envelope-2", request_of())
            with pytest.raises(StateUnavailable, match="no answer within"):
                await runs.admit(run.id)
            os.kill(server.pid, signal.SIGCONT)
            assert await runs.ask("envelope-3", request_of()) is not None
