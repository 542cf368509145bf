"""An app's runs and outbox over a real Redis, as many apps as a test wants, and things to ask and to answer."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from bot.jobs.outbox import RedisOutbox
from bot.jobs.queue import Checks
from bot.jobs.redis import Client, connected
from bot.jobs.runs import RedisRuns
from bot.jobs.state import State
from bot.model.run import Request, Run

_ENVELOPES = itertools.count()


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def client(redis_url: str, stack: AsyncExitStack) -> Client:
    return await stack.enter_async_context(connected(redis_url, patient=True))


@pytest.fixture
def runs(client: Client) -> RedisRuns:
    return RedisRuns(State(client), Checks(client))


@pytest.fixture
def open_outbox(client: Client) -> Callable[[float], RedisOutbox]:
    """Opens the outbox of one more app, with leases of so many seconds."""
    return lambda lease: RedisOutbox(State(client), lease)


@pytest.fixture
def outbox(open_outbox: Callable[[float], RedisOutbox]) -> RedisOutbox:
    return open_outbox(15.0)


@pytest.fixture
def request_of() -> Callable[..., Request]:
    def build(site: str = "site-a", channel: str = "C0OPS", **more: object) -> Request:
        return Request.model_validate(
            {"site": site, "channel": channel, "user": "U0OPERATOR", "team": "T0LOCAL"} | more
        )

    return build


@pytest.fixture
def ask(runs: RedisRuns) -> Callable[[Request], Awaitable[Run]]:
    """Asks for a run with an envelope of its own."""

    async def ask(request: Request) -> Run:
        run = await runs.ask(f"envelope-{next(_ENVELOPES)}", request)
        assert run is not None
        return run

    return ask


@pytest.fixture
def admit(runs: RedisRuns, ask: Callable[[Request], Awaitable[Run]]) -> Callable[[Request], Awaitable[Run]]:
    """Asks for a run and admits it."""

    async def admit(request: Request) -> Run:
        admission = await runs.admit((await ask(request)).id)
        assert admission is not None
        assert admission.joined is None
        return admission.run

    return admit
