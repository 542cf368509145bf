"""Private answers by `response_url`: seen by the asker only, also where the bot is no member."""

from urllib.parse import urlsplit

import structlog
from aiohttp import ClientError, ClientSession
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.views.blocks import Json

log = structlog.get_logger()

HOOKS = ("https://hooks.slack.com/", "https://hooks.slack-gov.com/")
_SLACK = ("slack.com", "slack-gov.com")


class Private:
    """Answers one person at a time over the shared session, at Slack's own addresses and nowhere else.

    With an `api_url` that is not Slack's: at that workspace's address and nowhere else.
    """

    def __init__(self, session: ClientSession, api_url: str) -> None:
        self._session = session
        api = urlsplit(api_url)
        self._allowed = HOOKS if api.hostname in _SLACK else (f"{api.scheme}://{api.netloc}/",)

    async def tell(self, response_url: str | None, text: str, blocks: list[Json] | None = None) -> bool:
        """Shows it to the asker only; False when there is no way to (the URL lapses after 30 minutes)."""
        if not response_url:
            return False
        if not response_url.startswith(
            self._allowed
        ):  # compared as text: no parser can read another host there
            log.warning("slack.response-url-refused", allowed=self._allowed)
            return False
        client = AsyncWebhookClient(response_url, session=self._session)
        try:
            answer = await client.send(
                text=text, blocks=blocks, response_type="ephemeral", replace_original=False
            )
        except (SlackClientError, ClientError, TimeoutError) as error:
            log.warning("slack.private-answer-lost", error=type(error).__name__)
            return False
        if answer.status_code != 200:
            log.warning("slack.private-answer-lost", status=answer.status_code)
        return answer.status_code == 200
