"""Do the tokens work, may they do what is needed, and is this app the only one that uses them?"""

import datetime as dt
import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, WSMsgType
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.examination import Condition, Examined
from bot.model.ports import Now
from bot.slack.wire.preflight import PASSING, SCOPES

DRIFT = 60.0
"""Seconds; a signed request is refused from 300 on."""
_PATIENCE = ClientTimeout(total=10, connect=5)
_HELLO_SECONDS = 5.0


async def examine_slack(bot_token: str, app_token: str, api_url: str, now: Now) -> list[Examined]:
    """Bot token, scopes, clock and Socket Mode; an empty token is left out."""
    async with ClientSession(timeout=_PATIENCE) as session:
        client = AsyncWebClient(bot_token, base_url=api_url, session=session, retry_handlers=[])
        lines = [*await _examine_bot(client, now)] if bot_token else []
        return lines + (await _examine_socket(client, session, app_token) if app_token else [])


async def _examine_bot(client: AsyncWebClient, now: Now) -> list[Examined]:
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        return [_refused("bot token", error, "slack.bot-refused")]
    except (SlackClientError, ClientError, TimeoutError, OSError) as error:
        return [_unreached("bot token", error)]
    whose = {"user": str(answer.get("user")), "team": str(answer.get("team"))}
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return [
        _line("ok", "bot token", "slack.bot", **whose),
        _judge_scopes(headers),
        *_judge_clock(headers, now()),
    ]


def _judge_scopes(headers: dict[str, Any]) -> Examined:
    granted = {scope.strip() for scope in str(headers.get("x-oauth-scopes", "")).split(",")}
    if missing := [scope for scope in SCOPES if scope not in granted]:
        return _line("wrong", "scopes", "slack.scopes-missing", scopes=", ".join(missing))
    return _line("ok", "scopes", "slack.scopes")


def _judge_clock(headers: dict[str, Any], now: dt.datetime) -> Iterator[Examined]:
    try:
        theirs = parsedate_to_datetime(str(headers["date"]))
    except (KeyError, ValueError):  # no date, or none that can be read
        return
    ahead = (theirs - now).total_seconds()
    if abs(ahead) <= DRIFT:
        yield _line("ok", "clock", "slack.clock-agrees")
    else:
        says = "slack.clock-behind" if ahead > 0 else "slack.clock-ahead"
        yield _line("wrong", "clock", says, seconds=round(abs(ahead)))


async def _examine_socket(client: AsyncWebClient, session: ClientSession, app_token: str) -> list[Examined]:
    try:
        opened = await client.apps_connections_open(app_token=app_token)
        connections = await _count_connections(session, str(opened["url"]))
    except SlackApiError as error:
        return [_refused("app token", error, "slack.app-refused")]
    except (SlackClientError, ClientError, TimeoutError, OSError, ValueError) as error:
        return [_unreached("app token", error)]
    others = max(connections - 1, 0)
    says = "slack.connection" if others == 1 else "slack.connections"
    return [
        _line("ok", "app token", "slack.socket"),
        _line("ok", "connections", says, connections=others),
    ]


async def _count_connections(session: ClientSession, url: str) -> int:
    """What Slack's hello says; the socket is closed at once, lest a command is sent here."""
    async with session.ws_connect(url) as socket:
        message = await socket.receive(_HELLO_SECONDS)
        if message.type is not WSMsgType.TEXT:
            raise ClientError("no hello")
        return int(json.loads(message.data)["num_connections"])


def _refused(subject: str, error: SlackApiError, says: str) -> Examined:
    code = str(error.response.get("error"))
    if code in PASSING or error.response.status_code >= 500:
        return _line("untold", subject, "slack.busy", code=code)
    return _line("wrong", subject, says, code=code)


def _unreached(subject: str, error: Exception) -> Examined:
    return _line("wrong", subject, "slack.unreached", error=type(error).__name__)


def _line(condition: Condition, subject: str, says: str, **details: str | int) -> Examined:
    return Examined(topic="slack", subject=subject, condition=condition, says=says, details=details)
