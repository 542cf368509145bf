"""A theatre: real appliances, a real Redis, an app and a worker."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.jobs.redis import Client, connected
from bot.lab.appliances import Lab, LabSettings
from bot.probes.live import LiveDoors
from tests.remediation.theatre import Theatre, opened_doors


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Client]:
    async with connected(redis_url, patient=True) as client:
        yield client


@pytest.fixture
def doors() -> Iterator[LiveDoors]:
    with opened_doors() as doors:
        yield doors


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    settings = LabSettings(retry_interval=0.5, connect_timeout=0.5, telnet_timeout=1.0, reboot_time=1.0)
    async with Lab(tmp_path, settings=settings) as running:
        yield running


@pytest.fixture
async def theatre(client: Client, lab: Lab, doors: LiveDoors) -> AsyncIterator[Theatre]:
    theatre = Theatre(client, lab, doors)
    async with theatre.answering():
        yield theatre
