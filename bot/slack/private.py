"""Private answers by `response_url`: seen by the asker only, also where the bot is no member."""

import structlog
from aiohttp import ClientError, ClientSession
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.blocks import Json

log = structlog.get_logger()


class Private:
    """Answers one person at a time over the shared session."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def tell(self, response_url: str | None, text: str, blocks: list[Json] | None = None) -> bool:
        """Shows it to the asker only; False when there is no way to (the URL lapses after 30 minutes)."""
        if not response_url:
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
