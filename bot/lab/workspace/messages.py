"""Messages, threads and ephemerals: what was said, where, and who may see it."""

import itertools
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.feed import Feed
from bot.lab.workspace.people import APP, BOT, BOT_ID, TEAM

EPHEMERALS_KEPT = 500


@dataclass
class Message:
    """One message; `visible_to` makes it an ephemeral, `deleted` a tombstone that still holds a thread."""

    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    ts: str = ""
    thread_ts: str | None = None
    metadata: Json | None = None
    files: list[Json] = field(default_factory=list)
    edited: Json | None = None
    broadcast: bool = False
    visible_to: str | None = None
    warning: bool = False
    deleted: bool = False

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    def to_json(self, include_metadata: bool = False) -> Json:
        """The message as the Web API and payloads show it, without its replies."""
        message: Json = {"type": "message", "user": self.user, "ts": self.ts, "team": TEAM, "text": self.text}
        if self.user == BOT:
            message |= {"bot_id": BOT_ID, "app_id": APP}
        if self.blocks:
            message["blocks"] = self.blocks
        if self.thread_ts:
            message["thread_ts"] = self.thread_ts
        if self.files:
            message["files"] = self.files
        if self.edited:
            message["edited"] = self.edited
        if self.broadcast:
            message["subtype"] = "thread_broadcast"
        if self.deleted:
            message["subtype"] = "tombstone"
        if include_metadata and self.metadata:
            message["metadata"] = self.metadata
        return message


class Messages:
    """Every channel's messages in the order of their `ts`, and a bounded memory of ephemerals."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._channels: dict[str, dict[str, Message]] = {}
        self._ephemerals: OrderedDict[str, Message] = OrderedDict()
        self._last = 0
        self._block_ids = itertools.count(1)

    def next_ts(self) -> str:
        """A `seconds.microseconds` that no other message of this workspace has."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def name_blocks(self, blocks: list[Json]) -> list[Json]:
        """Gives every block, and every element in it that acts, the id that its author left out."""
        return [self._name_block(block) for block in blocks]

    def _name_block(self, block: Json) -> Json:
        named = {**block, "block_id": block.get("block_id") or f"b{next(self._block_ids)}"}
        for key in ("accessory", "element"):
            if isinstance(block.get(key), dict):
                named[key] = self._name_element(block[key])
        if block["type"] in ("actions", "context_actions"):
            named["elements"] = [self._name_element(element) for element in block["elements"]]
        return named

    def _name_element(self, element: Json) -> Json:
        if element["type"] == "image" or element.get("action_id"):
            return element
        return {**element, "action_id": f"a{next(self._block_ids)}"}

    def post(self, message: Message) -> Message:
        """Stores and shows a message; a `thread_ts` that names no living message is dropped, as Slack does."""
        message.ts = self.next_ts()
        message.blocks = self.name_blocks(message.blocks)
        message.thread_ts = self._thread_of(message)
        if message.visible_to:
            self._ephemerals[message.ts] = message
            while len(self._ephemerals) > EPHEMERALS_KEPT:
                self._ephemerals.popitem(last=False)
        else:
            self._channels.setdefault(message.channel, {})[message.ts] = message
        self.show(message)
        return message

    def _thread_of(self, message: Message) -> str | None:
        parent = self.find(message.channel, message.thread_ts or "")
        if parent is None or parent.deleted:
            return None
        return parent.thread_ts or parent.ts

    def find(self, channel: str, ts: str) -> Message | None:
        return self._channels.get(channel, {}).get(ts)

    def find_ephemeral(self, ts: str) -> Message | None:
        return self._ephemerals.get(ts)

    def holds(self, message: Message) -> bool:
        """Whether the message has not been deleted since."""
        known = self.find(message.channel, message.ts) or self.find_ephemeral(message.ts)
        return known is message and not message.deleted

    def edit(self, message: Message, text: str, blocks: list[Json], editor: str) -> None:
        """Replaces text and blocks; `blocks` empty removes them."""
        message.text = text
        message.blocks = self.name_blocks(blocks)
        message.edited = {"user": editor, "ts": self.next_ts()}
        self.show(message)

    def remove(self, message: Message) -> None:
        """Deletes a message; one that holds a thread leaves a tombstone."""
        if message.visible_to:
            self._ephemerals.pop(message.ts, None)
        elif self.replies(message):
            message.deleted, message.text, message.blocks, message.files = True, "", [], []
            self.show(message)
            return
        else:
            del self._channels[message.channel][message.ts]
        self._feed.publish({"type": "removed", "channel": message.channel, "ts": message.ts})
        parent = self.find(message.channel, message.thread_ts or "")
        if parent:
            self._publish(parent)

    def replies(self, parent: Message) -> list[Message]:
        everything = self._channels.get(parent.channel, {}).values()
        return [message for message in everything if message.is_reply and message.thread_ts == parent.ts]

    def top_level(self, channel: str) -> list[Message]:
        """What the channel itself shows, oldest first."""
        everything = self._channels.get(channel, {}).values()
        return [message for message in everything if not message.is_reply or message.broadcast]

    def in_channel(self, channel: str) -> list[Message]:
        """Everything, replies included, oldest first."""
        return list(self._channels.get(channel, {}).values())

    def ephemerals(self, user: str) -> list[Message]:
        """What only this user has been shown, oldest first."""
        return [message for message in self._ephemerals.values() if message.visible_to == user]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """A parent and its replies, oldest first; SlackError `thread_not_found`."""
        message = self.find(channel, ts)
        parent = self.find(channel, message.thread_ts or ts) if message else None
        if parent is None:
            raise SlackError("thread_not_found")
        return [parent, *self.replies(parent)]

    def describe(self, message: Message, include_metadata: bool = False) -> Json:
        """The message with what Slack counts about its thread."""
        described = message.to_json(include_metadata)
        replies = [] if message.is_reply else self.replies(message)
        if replies:
            users = list(dict.fromkeys(reply.user for reply in replies))
            described |= {
                "thread_ts": message.ts,
                "reply_count": len(replies),
                "reply_users": users,
                "reply_users_count": len(users),
                "latest_reply": replies[-1].ts,
            }
        return described

    def show(self, message: Message) -> None:
        """Publishes a message, and its parent's new reply count."""
        self._publish(message)
        if message.is_reply and not message.visible_to:
            parent = self.find(message.channel, message.thread_ts or "")
            if parent:
                self._publish(parent)

    def _publish(self, message: Message) -> None:
        self._feed.publish({"type": "message", "message": self.picture(message)})

    def picture(self, message: Message) -> Json:
        """The message as the page wants it: with its channel and its audience."""
        extra = {"channel": message.channel, "visible_to": message.visible_to, "warning": message.warning}
        return self.describe(message) | extra
