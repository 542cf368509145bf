"""Messages that an app sends back to an interaction: in the ack, or to a response URL."""

from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.judge import require_blocks
from bot.lab.workspace.messages import Message
from bot.lab.workspace.people import BOT
from bot.lab.workspace.permits import ReplyUrl
from bot.lab.workspace.state import State

TEXT_CUT = 40_000


def post_reply(state: State, reply: ReplyUrl, body: Json) -> None:
    """Applies one post to a response URL; SlackError for what Slack refuses."""
    source = reply.source
    if source and not state.messages.holds(source):
        raise SlackError("message_not_found")
    if body.get("delete_original") and source:
        state.messages.remove(source)
        return
    text, blocks = _content(body)
    if body.get("replace_original") and source:
        state.messages.edit(source, text, blocks, BOT)
        return
    say(state, reply.channel, reply.user, body)


def say(state: State, channel: str, user: str, body: Json) -> Message:
    """Posts as the app: to `user` alone unless `response_type` is `in_channel`."""
    text, blocks = _content(body)
    public = body.get("response_type") == "in_channel"
    thread_ts = body.get("thread_ts") if public else None
    visible_to = None if public else user
    message = Message(channel, BOT, text, blocks, thread_ts=thread_ts, visible_to=visible_to)
    return state.messages.post(message)


def _content(body: Json) -> tuple[str, list[Json]]:
    text = str(body.get("text") or "")[:TEXT_CUT]
    blocks = require_blocks(body.get("blocks"))
    if not text and not blocks:
        raise SlackError("no_text")
    return text, blocks
