"""What an orchestrator and Prometheus see: alive, ready or not and why, and every number."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.jobs.observe import observed
from bot.metrics.meters import count_error
from bot.metrics.sign import Sign
from bot.model.errors import Unusable
from bot.model.run import Request, Run

Fetch = Callable[[str], Awaitable[tuple[int, str]]]


@asynccontextmanager
async def watched(redis_url: str, **signs: Sign) -> AsyncIterator[Fetch]:
    port = free_port()
    async with observed(redis_url, port, signs), aiohttp.ClientSession() as session:

        async def fetch(path: str) -> tuple[int, str]:
            async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.status, await answer.text()

        yield fetch


def free_port() -> int:
    with socket.create_server(("0.0.0.0", 0)) as server:
        return int(server.getsockname()[1])


def value(text: str, name: str, **labels: str) -> float | None:
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return next((one.value for one in samples if one.name == name and one.labels == labels), None)


async def test_ready_only_while_redis_answers_and_every_sign_is_recent(redis_url: str) -> None:
    sign = Sign("test_recent", "x")
    async with watched(redis_url, worker=sign) as fetch:
        assert await fetch("/readyz") == (503, "redis: ok\nworker: no sign of life for 20 s\n")
        sign.note()
        assert await fetch("/readyz") == (200, "redis: ok\nworker: ok\n")
        sign.follow(lambda: 1.0)
        assert (await fetch("/readyz"))[0] == 503


async def test_alive_and_not_ready_without_redis() -> None:
    async with watched("unix:///nowhere/redis.sock") as fetch:
        assert await fetch("/healthz") == (200, "alive\n")
        status, text = await fetch("/readyz")
        assert (status, "redis: does not answer" in text) == (503, True)
        status, text = await fetch("/metrics")
        assert (status, value(text, "pvo_outbox_depth") is not None) == (200, True)


async def test_the_depth_of_the_queue_is_read_when_asked(
    redis_url: str,
    ask: Callable[[Request], Awaitable[Run]],
    admit: Callable[[Request], Awaitable[Run]],
    request_of: Callable[..., Request],
) -> None:
    await ask(request_of())
    await admit(request_of(site="site-b"))
    await admit(request_of(site="site-c", user=None))
    async with watched(redis_url) as fetch:
        _, text = await fetch("/metrics")
    depths = {
        (queue, state): value(text, "pvo_queue_depth", queue=queue, state=state)
        for queue in ("people", "schedule")
        for state in ("asked", "queued", "running")
    }
    assert {key: depth for key, depth in depths.items() if depth} == {
        ("people", "asked"): 1,
        ("people", "queued"): 1,
        ("schedule", "queued"): 1,
    }
    assert None not in depths.values()
    assert value(text, "pvo_outbox_depth") == 1
    for queue in ("people", "schedule"):
        age = value(text, "pvo_queue_age_seconds", queue=queue)
        assert age is not None
        assert age > 0


async def test_a_port_that_is_taken_is_said(redis_url: str) -> None:
    port = free_port()
    async with observed(redis_url, port, {}):
        with pytest.raises(Unusable, match=f"PVO_METRICS_PORT {port}"):
            async with observed(redis_url, port, {}):
                pass


async def test_an_address_can_be_chosen(redis_url: str) -> None:
    port = free_port()
    async with observed(redis_url, port, {}, "127.0.0.2"):
        _, writer = await asyncio.open_connection("127.0.0.2", port)
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
    with pytest.raises(Unusable, match=f"PVO_METRICS_HOST 192.0.2.1, PVO_METRICS_PORT {port} cannot"):
        async with observed(redis_url, port, {}, "192.0.2.1"):
            pass


async def test_errors_are_counted_by_what_they_are_about(redis_url: str) -> None:
    for method in ("error", "info"):
        count_error(None, method, {"event": "run.failed", "run": "01J"})
    async with watched(redis_url) as fetch:
        assert value((await fetch("/metrics"))[1], "pvo_errors_total", event="run.failed") == 1
