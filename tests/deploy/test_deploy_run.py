"""The Procfile really run, and what an orchestrator sees of both processes."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.lab.workspace import Workspace

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent
PATIENCE = 60


@pytest.fixture
async def settings(tmp_path: Path, redis_url: str) -> AsyncIterator[dict[str, str]]:
    """What both processes need; no appliance answers."""
    (tmp_path / "sites.toml").write_text("[appliances]\n[sites]\n")
    async with Workspace() as workspace:
        yield {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_URL": workspace.api_url,
            "REDIS_URL": redis_url,
            "PVO_INVENTORY": str(tmp_path / "sites.toml"),
            "PYTHONUNBUFFERED": "1",
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        }


@asynccontextmanager
async def started(
    *command: str, env: Mapping[str, str], cwd: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *command, env=dict(env), cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.communicate(), PATIENCE)


async def await_words(process: asyncio.subprocess.Process, *words: str) -> None:
    """Reads until each of `words` was said."""
    assert process.stdout is not None
    missing, said = set(words), list[str]()
    async with asyncio.timeout(PATIENCE):
        while missing:
            line = (await process.stdout.readline()).decode()
            assert line, f"ended without {missing}: {''.join(said)}"
            said.append(line)
            missing = {word for word in missing if not re.search(word, line)}


async def test_honcho_runs_the_procfile_until_it_is_told_to_stop(
    settings: dict[str, str], tmp_path: Path
) -> None:
    command = (str(BIN / "honcho"), "-f", str(ROOT / "Procfile"), "-e", os.devnull, "start")
    async with started(*command, env=settings, cwd=tmp_path) as process:
        await await_words(process, r"app\.1 .*app\.ready", r"worker\.1 .*worker\.started")
        process.send_signal(signal.SIGTERM)
        await await_words(process, r"app\.1 .*app\.stopped", r"worker\.1 .*worker\.stopped")
        await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode in (0, 128 + signal.SIGTERM)


def free_port() -> int:
    with socket.create_server(("0.0.0.0", 0)) as server:
        return int(server.getsockname()[1])


async def await_ready(process: asyncio.subprocess.Process, session: aiohttp.ClientSession, url: str) -> str:
    """What `/metrics` says once `/readyz` is content."""
    async with asyncio.timeout(PATIENCE):
        while True:
            assert process.returncode is None, (await process.communicate())[0].decode()
            try:
                async with session.get(f"{url}/readyz") as answer:
                    if answer.status == 200:
                        break
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
    async with session.get(f"{url}/metrics") as answer:
        return await answer.text()


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("app", r'^pvo_slack_calls_total{method="auth\.test",status="200"} 1\.0'),
        ("worker", r"^pvo_worker_heartbeat_timestamp_seconds [1-9]"),
    ],
)
async def test_a_process_gets_ready_and_counts(
    settings: dict[str, str], tmp_path: Path, name: str, metric: str
) -> None:
    port = free_port()
    environment = settings | {"PVO_METRICS_PORT": str(port)}
    async with (
        started(str(BIN / "pvo"), name, env=environment, cwd=tmp_path) as process,
        aiohttp.ClientSession() as session,
    ):
        text = await await_ready(process, session, f"http://127.0.0.1:{port}")
    assert re.search(metric, text, re.MULTILINE)
    assert settings["SLACK_BOT_TOKEN"] not in text
