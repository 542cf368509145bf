"""What the app says at start when a token or the set-up is wrong, and what it does while Slack is away."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.lab.workspace import Workspace, WorkspaceSettings
from bot.model.errors import Unusable
from bot.slack.app import SlackSettings, run_app
from bot.slack.wire.preflight import introduce


def settings_of(workspace: Workspace) -> SlackSettings:
    return SlackSettings(workspace.bot_token, workspace.app_token, api_url=workspace.api_url)


async def complaint(settings: SlackSettings) -> str:
    nothing: Any = None
    with pytest.raises(Unusable) as caught:
        await run_app(settings, nothing, lambda: nothing, asyncio.Event())
    return str(caught.value)


async def test_each_wrong_token_gets_its_sentence() -> None:
    async with Workspace() as workspace:
        right = settings_of(workspace)
        assert "refuses SLACK_BOT_TOKEN (invalid_auth)" in await complaint(
            replace(right, bot_token="xoxb-no")
        )
        assert "refuses SLACK_APP_TOKEN (invalid_auth)" in await complaint(
            replace(right, app_token="xapp-no")
        )
        swapped = await complaint(replace(right, app_token=right.bot_token))
        assert "SLACK_APP_TOKEN is of the wrong kind" in swapped
        assert right.bot_token not in swapped


async def test_an_app_token_without_its_scope_is_named() -> None:
    async with Workspace(WorkspaceSettings(app_scopes=())) as workspace:
        assert "connections:write" in await complaint(settings_of(workspace))


async def test_a_proxy_in_the_way_of_a_local_workspace_is_refused() -> None:
    settings = SlackSettings("xoxb-1", "xapp-1", "http://127.0.0.1:9/api/", proxy="HTTPS_PROXY")
    assert "HTTPS_PROXY" in await complaint(settings)


async def test_slack_may_come_later() -> None:
    workspace = Workspace()
    await workspace.start()
    port = int(workspace.url.rstrip("/").rsplit(":", 1)[1])
    await workspace.stop()
    client = AsyncWebClient(workspace.bot_token, base_url=workspace.api_url, retry_handlers=[])
    waiting = asyncio.create_task(introduce(client))
    await asyncio.sleep(0.05)
    await workspace.start(port=port)
    identity = await asyncio.wait_for(waiting, 20)
    assert (identity.team, identity.user) == ("T0LOCAL", "U0BOT")
    await workspace.stop()


async def test_stop_ends_the_waiting_for_slack() -> None:
    nothing: Any = None
    stop = asyncio.Event()
    settings = SlackSettings("xoxb-1", "xapp-1", api_url="http://127.0.0.1:9/api/")
    running = asyncio.create_task(run_app(settings, nothing, lambda: nothing, stop))
    await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(running, 5)


def test_tokens_do_not_show() -> None:
    assert "xoxb-1" not in repr(SlackSettings("xoxb-1", "xapp-1"))
