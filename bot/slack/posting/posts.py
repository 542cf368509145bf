"""Messages that carry our key: posted, edited, and found again after an answer was lost."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.model.ports import Budget, Rate
from bot.slack.access import Identity
from bot.slack.posting.pace import EDIT, FILE, PATIENCE, POST, PROGRESS, RESULT, Haste, Later, modest
from bot.slack.views.blocks import Json, Post

log = structlog.get_logger()

EVENT = "pvo_run"
PAGE, PAGES = 200, 5
SLACK_SAID_WAIT = 30.0
CLOCKS = dt.timedelta(minutes=15)
"""How far the clocks of Slack and of this machine may differ."""

_GONE = {"channel_not_found", "not_in_channel", "is_archived", "restricted_action", "thread_not_found"}
_FROZEN = {"message_not_found", "cant_update_message", "edit_window_closed"}
_UNSHOWABLE = {"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long"}
_RATE = {"ratelimited", "rate_limited"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file for a thread, recognised by its name, since files carry no metadata; `told` is a picture in words."""

    name: str
    title: str
    content: str | bytes
    told: str | None = None


class Gone(Exception):
    """Nothing can be posted there any more; `str()` is Slack's word for why."""


class Frozen(Exception):
    """The message can no longer be edited: deleted, or too old."""


class Posts:
    """Posts into channels and threads, at a pace that Slack allows; raises `Later`, `Gone` or `Frozen`."""

    def __init__(self, client: AsyncWebClient, identity: Identity, budget: Budget) -> None:
        self._client = client
        self._identity = identity
        self._budget = budget

    async def post(self, channel: str, key: Json, post: Post, thread: str | None = None) -> str:
        """Posts with `key` in the metadata; returns the ts. What Slack will not show is posted as text."""
        metadata = {"event_type": EVENT, "event_payload": key}
        try:
            answer = await self._post(channel, post.blocks, post.text, thread, metadata)
        except _Unshowable as error:
            log.error("slack.blocks-refused", channel=channel, key=key, error=str(error))
            answer = await self._post(channel, [], post.text, thread, metadata)
        ts = str(answer["ts"])
        if thread and answer["message"].get("thread_ts") != thread:
            await self._withdraw(channel, ts)
        return ts

    async def _post(
        self, channel: str, blocks: list[Json], text: str, thread: str | None, metadata: Json
    ) -> Any:
        # Cards come before what stands in their threads.
        async with self._paced("chat.postMessage", channel, POST, share=modest(POST) if thread else POST):
            return await self._client.chat_postMessage(
                channel=channel,
                blocks=blocks or None,
                text=text,
                thread_ts=thread,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
            )

    async def _withdraw(self, channel: str, ts: str) -> None:
        """The card above was deleted, so the reply landed in the channel itself: take it back."""
        with _translated():
            await self._client.chat_delete(channel=channel, ts=ts)
        raise Gone("the card was deleted")

    async def edit(self, channel: str, ts: str, post: Post, *, haste: Haste = RESULT) -> None:
        """Replaces text and blocks together: an edit without blocks would remove them.

        One of `PROGRESS` is left out when the budget is short; another will follow.
        """
        try:
            await self._edit(channel, ts, post, haste)
        except _Unshowable as error:
            log.error("slack.blocks-refused", channel=channel, ts=ts, error=str(error))
            await self._edit(channel, ts, Post(post.text, []), haste)
        except Later:
            if haste is not PROGRESS:
                raise
            log.info("slack.edit-left-out", channel=channel, ts=ts)

    async def _edit(self, channel: str, ts: str, post: Post, haste: Haste) -> None:
        async with self._paced("chat.update", "", EDIT, share=haste.share, patience=haste.patience):
            await self._client.chat_update(channel=channel, ts=ts, text=post.text, blocks=post.blocks)

    async def link_to(self, channel: str, ts: str) -> str | None:
        """The permalink of a message; None when Slack gives none, since it is never worth waiting for."""
        try:
            return str((await self._client.chat_getPermalink(channel=channel, message_ts=ts))["permalink"])
        except (SlackClientError, ClientError, TimeoutError, OSError):
            return None

    async def upload(self, channel: str, thread: str, file: Attachment) -> str:
        """Puts a file into the thread; returns the id of the file."""
        async with self._paced("files.upload", "", FILE):
            answer = await self._client.files_upload_v2(
                channel=channel,
                thread_ts=thread,
                filename=file.name,
                title=file.title,
                content=file.content,
                alt_txt=file.told,
            )
            return str(answer["files"][0]["id"])

    async def find(
        self, channel: str, key: Json, thread: str | None = None, since: dt.datetime | None = None
    ) -> str | None:
        """The ts of our own message that carries `key`; anybody could forge the metadata alone."""
        async for ts, carried in self.read_keys(channel, thread, since):
            if carried == key:
                return ts
        return None

    async def read_keys(
        self, channel: str, thread: str | None = None, since: dt.datetime | None = None
    ) -> AsyncIterator[tuple[str, Json]]:
        """ts and key of each of our own messages that carry one, in Slack's order: threads oldest first."""
        async for message in self._messages(channel, thread, since):
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == EVENT:
                yield str(message["ts"]), metadata.get("event_payload") or {}

    async def find_file(self, channel: str, thread: str, name: str) -> str | None:
        """The id of a file that we have put into the thread."""
        async for message in self._messages(channel, thread, None):
            for file in message.get("files") or []:
                if file.get("name") == name:
                    return str(file["id"])
        return None

    async def _messages(
        self, channel: str, thread: str | None, since: dt.datetime | None
    ) -> AsyncIterator[dict[str, Any]]:
        wanted: dict[str, Any] = {"channel": channel, "limit": PAGE, "include_all_metadata": True}
        if since is not None:
            wanted["oldest"] = f"{(since - CLOCKS).timestamp():.6f}"
        for _ in range(PAGES):
            with _translated():
                answer = (
                    await self._client.conversations_replies(ts=thread, **wanted)
                    if thread
                    else await self._client.conversations_history(**wanted)
                )
            for message in answer["messages"]:
                if message.get("bot_id") == self._identity.bot or message.get("user") == self._identity.user:
                    yield message
            wanted["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor")
            if not wanted["cursor"]:
                return

    @asynccontextmanager
    async def _paced(
        self, method: str, channel: str, rate: Rate, *, share: Rate | None = None, patience: float = PATIENCE
    ) -> AsyncIterator[None]:
        """Waits for the method's turn, and holds it back for everybody after a 429.

        `rate` is the whole budget, `share` what this call may use of it.
        """
        key = f"{method} {channel}".strip()
        wait = await self._budget.reserve(key, share or rate, patience)
        if wait > patience:
            raise Later(wait, f"{key} is used up")
        await asyncio.sleep(wait)
        try:
            with _translated():
                yield
        except Later as later:
            if later.seconds is not None:
                await self._budget.hold(key, rate, later.seconds)
            raise


class _Unshowable(Exception):
    """Slack does not take these blocks."""


@contextmanager
def _translated() -> Iterator[None]:
    """Turns what Slack or the network did into what the caller can do about it."""
    try:
        yield
    except SlackApiError as error:
        raise _judge(error) from error
    except (SlackClientError, ClientError, TimeoutError, OSError) as error:
        raise Later(None, type(error).__name__) from error


def _judge(error: SlackApiError) -> Exception:
    code = str(error.response.get("error"))
    if error.response.status_code == 429 or code in _RATE:
        headers = {name.lower(): value for name, value in error.response.headers.items()}
        return Later(float(headers.get("retry-after", SLACK_SAID_WAIT)), code)
    if code in _GONE:
        return Gone(code)
    if code == "missing_scope":
        return Gone(f"the scope {error.response.get('needed')} is missing: add it and install the app again")
    if code in _FROZEN:
        return Frozen(code)
    if code in _UNSHOWABLE:
        return _Unshowable(f"{code} {error.response.get('response_metadata')}")
    return Later(None, code)
