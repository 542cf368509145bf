"""Before anything runs: do the tokens work? One sentence for each thing that only a person can mend."""

import asyncio
from typing import Any

import structlog
from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.errors import Unusable
from bot.slack.access import Identity

log = structlog.get_logger()

SCOPES = (
    *("commands", "chat:write", "files:write", "users:read", "usergroups:read"),
    *("channels:read", "groups:read", "channels:history", "groups:history"),
)
PASSING = {
    "ratelimited",
    "rate_limited",
    "fatal_error",
    "internal_error",
    "service_unavailable",
    "request_timeout",
}
LONGEST = 30.0


async def introduce(client: AsyncWebClient) -> Identity:
    """Who the bot token belongs to; waits while Slack cannot be reached; raises `Unusable`."""
    answer = await _insist("auth.test", client.auth_test, explain_bot_token)
    granted = {scope.strip() for scope in str(answer.headers.get("x-oauth-scopes", "")).split(",")}
    if missing := [scope for scope in SCOPES if scope not in granted]:
        log.warning("slack.scopes-missing", scopes=missing, remedy="add them and install the app again")
    if not answer.get("bot_id"):
        raise Unusable(explain_bot_token("not_allowed_token_type"))
    return Identity(
        team=str(answer["team_id"]),
        user=str(answer["user_id"]),
        bot=str(answer["bot_id"]),
        enterprise=answer.get("enterprise_id"),
    )


async def open_connection(client: AsyncWebClient, app_token: str) -> str:
    """The address of the first connection, good for one use; waits as above; raises `Unusable`."""

    async def ask() -> Any:
        return await client.apps_connections_open(app_token=app_token)

    answer = await _insist("apps.connections.open", ask, explain_app_token)
    return str(answer["url"])


async def _insist(method: str, ask: Any, explain: Any) -> Any:
    pause = 1.0
    while True:
        try:
            return await ask()
        except SlackApiError as error:
            code = str(error.response.get("error"))
            if code not in PASSING and error.response.status_code < 500:
                raise Unusable(explain(code)) from error
            reason = code
        except (SlackClientError, ClientError, TimeoutError, OSError) as error:
            reason = type(error).__name__
        log.warning("slack.unreachable", method=method, reason=reason, again_in=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST)


def explain_bot_token(code: str) -> str:
    """What to do about Slack's word for a refused bot token."""
    if code == "not_allowed_token_type":
        return "SLACK_BOT_TOKEN is of the wrong kind: copy the bot token, which begins with xoxb-."
    return (
        f"Slack refuses SLACK_BOT_TOKEN ({code}): copy the bot token (xoxb-…) from the app's page "
        "OAuth & Permissions, or install the app again."
    )


def explain_app_token(code: str) -> str:
    """What to do about Slack's word for a refused app token."""
    if code == "not_allowed_token_type":
        return "SLACK_APP_TOKEN is of the wrong kind: make an app-level token, which begins with xapp-."
    if code == "missing_scope":
        return "SLACK_APP_TOKEN lacks the scope connections:write: make an app-level token that has it."
    return (
        f"Slack refuses SLACK_APP_TOKEN ({code}): make an app-level token (xapp-…) with the scope "
        "connections:write and switch Socket Mode on."
    )
