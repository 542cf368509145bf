"""Short-lived permits: a `trigger_id` opens one modal, a `response_url` takes a few posts."""

import secrets
import time
from dataclasses import dataclass, field

from bot.lab.workspace.errors import SlackError
from bot.lab.workspace.messages import Message


@dataclass
class Trigger:
    """The right to open one modal for a user; `view_id` when it came from inside a modal."""

    user: str
    view_id: str | None = None
    used: bool = False
    born: float = field(default_factory=time.monotonic)


@dataclass
class ReplyUrl:
    """The right to answer in a channel to a user; `source` is the message that was pressed, if any."""

    channel: str
    user: str
    uses: int
    source: Message | None = None
    born: float = field(default_factory=time.monotonic)


class Permits:
    """All triggers and response URLs handed out."""

    def __init__(self, trigger_seconds: float, reply_seconds: float, reply_uses: int) -> None:
        self._trigger_seconds = trigger_seconds
        self._reply_seconds = reply_seconds
        self._reply_uses = reply_uses
        self._triggers: dict[str, Trigger] = {}
        self._replies: dict[str, ReplyUrl] = {}

    def grant_trigger(self, user: str, view_id: str | None = None) -> str:
        """A new trigger id."""
        trigger_id = f"{time.time_ns() // 1_000_000}.{secrets.randbelow(10**9)}.{secrets.token_hex(12)}"
        self._triggers[trigger_id] = Trigger(user, view_id)
        return trigger_id

    def use_trigger(self, trigger_id: str) -> Trigger:
        """Redeems a trigger once; SlackError `invalid_…`, `exchanged_…` or `expired_trigger_id`."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if time.monotonic() - trigger.born > self._trigger_seconds:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def grant_reply(self, channel: str, user: str, source: Message | None = None) -> str:
        """The secret last part of a new response URL."""
        secret = secrets.token_hex(12)
        self._replies[secret] = ReplyUrl(channel, user, self._reply_uses, source)
        return secret

    def use_reply(self, secret: str) -> ReplyUrl:
        """Uses a response URL up by one; SlackError `used_url` or `expired_url`."""
        reply = self._replies.get(secret)
        if reply is None or reply.uses < 1:
            raise SlackError("used_url")
        if time.monotonic() - reply.born > self._reply_seconds:
            raise SlackError("expired_url")
        reply.uses -= 1
        return reply
