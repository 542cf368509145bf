"""chat.*: posting, editing, deleting, ephemerals and permalinks."""

import json
from typing import Any

from bot.lab.workspace.api.arguments import Arguments
from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.judge import require_blocks
from bot.lab.workspace.limits import PLENTY, POST_IN_CHANNEL
from bot.lab.workspace.messages import Message
from bot.lab.workspace.people import BOT
from bot.lab.workspace.state import State

POST_CUT = 40_000
UPDATE_LIMIT = 4_000
METADATA_LIMIT = 16_000


def _blocks(arguments: Arguments) -> list[Json]:
    return require_blocks(arguments.value("blocks", refusal="invalid_blocks_format"))


def _metadata(arguments: Arguments) -> Json | None:
    metadata: Any = arguments.value("metadata", refusal="invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not {"event_type", "event_payload"} <= metadata.keys():
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > METADATA_LIMIT:
        raise SlackError("metadata_too_large")
    return metadata


def _content(arguments: Arguments) -> tuple[str, list[Json]]:
    text, blocks = arguments.text("text"), _blocks(arguments)
    if not text and not blocks:
        raise SlackError("no_text")
    return text, blocks


def _own_message(state: State, channel: str, ts: str, refusal: str) -> Message:
    message = state.messages.find(channel, ts)
    if message is None or message.deleted:
        raise SlackError("message_not_found")
    if message.user != BOT:
        raise SlackError(refusal)
    return message


def post_message(state: State, arguments: Arguments) -> Json:
    """chat.postMessage: one a second in a channel, after a small burst."""
    channel = state.joined_channel(arguments.text("channel"))
    text, blocks = _content(arguments)
    metadata = _metadata(arguments)
    state.limiter.spend("chat.postMessage", PLENTY)
    state.limiter.spend(f"chat.postMessage {channel.id}", POST_IN_CHANNEL)
    message = Message(
        channel.id,
        BOT,
        text[:POST_CUT],
        blocks,
        thread_ts=arguments.text("thread_ts") or None,
        metadata=metadata,
        broadcast=arguments.flag("reply_broadcast"),
    )
    state.messages.post(message)
    return {"channel": channel.id, "ts": message.ts, "message": message.to_json(include_metadata=True)}


def update(state: State, arguments: Arguments) -> Json:
    """chat.update: text without blocks removes the blocks; metadata stays unless sent."""
    channel = state.joined_channel(arguments.text("channel"))
    message = _own_message(state, channel.id, arguments.text("ts"), "cant_update_message")
    text, blocks = _content(arguments)
    if len(text) > UPDATE_LIMIT:
        raise SlackError("msg_too_long")
    metadata = _metadata(arguments)
    if metadata is not None:
        message.metadata = metadata
    state.messages.edit(message, text, blocks, BOT)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": text,
        "message": message.to_json(include_metadata=True),
    }


def delete(state: State, arguments: Arguments) -> Json:
    """chat.delete: the bot's own messages only."""
    channel = state.joined_channel(arguments.text("channel"))
    message = _own_message(state, channel.id, arguments.text("ts"), "cant_delete_message")
    state.messages.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(state: State, arguments: Arguments) -> Json:
    """chat.postEphemeral: to one member of the channel."""
    channel = state.joined_channel(arguments.text("channel"))
    user = arguments.text("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = _content(arguments)
    thread_ts = arguments.text("thread_ts") or None
    message = Message(channel.id, BOT, text[:POST_CUT], blocks, thread_ts=thread_ts, visible_to=user)
    return {"message_ts": state.messages.post(message).ts}


def get_permalink(state: State, arguments: Arguments) -> Json:
    """chat.getPermalink: an address of the page that opens channel, thread and message."""
    channel = state.channel(arguments.text("channel"))
    message = state.messages.find(channel.id, arguments.text("message_ts"))
    if message is None:
        raise SlackError("message_not_found")
    link = f"{state.url}archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}
