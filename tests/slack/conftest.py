"""The office that the tests of the app work in."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from bot.jobs.redis import connected
from bot.lab.workspace import Workspace
from tests.slack.office import Office, stores_over


@pytest.fixture
async def office(redis_url: str) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        workspace = await stack.enter_async_context(Workspace())
        hasty = await stack.enter_async_context(connected(redis_url, patient=False))
        patient = await stack.enter_async_context(connected(redis_url, patient=True))
        yield Office(workspace, patient, stores_over(hasty, patient))
