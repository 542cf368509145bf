"""Private answers go to Slack, or to the local workspace, whatever address a command names."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web

from bot.slack.posting.replies import HOOKS, Private

SLACK = "https://slack.com/api/"


@asynccontextmanager
async def receiver() -> AsyncIterator[tuple[str, list[str]]]:
    """A server of somebody else on this machine: its origin, and the paths that were asked for."""
    received: list[str] = []

    async def receive(request: web.Request) -> web.Response:
        received.append(request.path)
        return web.Response(text="ok")

    application = web.Application()
    application.add_routes([web.route("*", "/{rest:.*}", receive)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", received
    finally:
        await runner.cleanup()


async def test_slacks_answers_go_nowhere_else() -> None:
    async with receiver() as (origin, received), ClientSession() as session:
        private = Private(session, SLACK)
        assert not await private.tell(f"{origin}/hook", "secret")
    assert received == []


async def test_answers_of_a_workspace_go_to_its_origin_alone() -> None:
    async with (
        receiver() as (own, own_received),
        receiver() as (other, other_received),
        ClientSession() as session,
    ):
        private = Private(session, f"{own}/api/")
        assert await private.tell(f"{own}/hook", "x")
        for address in (f"{other}/hook", f"{own}@{other.removeprefix('http://')}/hook", f"{own}1/hook"):
            assert not await private.tell(address, "x")
    assert (own_received, other_received) == (["/hook"], [])


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.slack.com/commands/1",
        "https://hooks.slack.com.example/commands/1",
        "https://hooks.slack.com@example/1",
        "https://hooks.slack.com:8443/1",
        "https://example/https://hooks.slack.com/",
        "https://hooks.slack.com\\@example/",
        " https://hooks.slack.com/",
        "file:///etc/passwd",
    ],
)
def test_only_slacks_hosts_are_slacks(address: str) -> None:
    assert not address.startswith(HOOKS)
