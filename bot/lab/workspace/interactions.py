"""What people do: type, press, choose, submit, close; and what they see when the app does not answer."""

from dataclasses import dataclass, field

from bot.lab.workspace import payloads
from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.events import Events
from bot.lab.workspace.judge import require_view
from bot.lab.workspace.messages import Message
from bot.lab.workspace.people import TEAM, User
from bot.lab.workspace.replies import say
from bot.lab.workspace.state import State
from bot.lab.workspace.transport import Transport, Undelivered
from bot.lab.workspace.views import View

TROUBLE = "The app did not answer in time, so this may not have worked. Try again."


@dataclass(frozen=True)
class Touch:
    """Which element is used, and how.

    `chosen` is what a select or picker adds to the action, `filled` what other inputs hold
    (`{block_id: {action_id: {…}}}`). Without a `block_id` the first element of that name is meant.
    """

    action_id: str
    block_id: str | None = None
    chosen: Json = field(default_factory=dict)
    filled: Json = field(default_factory=dict)

    def means(self, block: Json, element: Json) -> bool:
        return element.get("action_id") == self.action_id and self.block_id in (None, block["block_id"])


class Interactions:
    """The hands of the users; every method acts as one user and returns when the app has answered or not."""

    def __init__(self, state: State, transport: Transport, events: Events) -> None:
        self._state = state
        self._transport = transport
        self._events = events

    async def type(self, user_id: str, channel_id: str, line: str, thread_ts: str | None = None) -> None:
        """Sends what was typed: a command, or a message; SlackError when the user may not write there."""
        user, line = self._member(user_id, channel_id), line.strip()
        word = line.partition(" ")[0]
        if not line.startswith("/"):
            self._state.messages.post(Message(channel_id, user.id, line, thread_ts=thread_ts))
        elif thread_ts:
            self._state.tell(channel_id, user_id, f"{word} is not supported in threads.", thread_ts=thread_ts)
        elif word != self._state.settings.command or user.team != TEAM:  # outsiders have no commands of ours
            self._state.tell(channel_id, user_id, f"{word} is not a valid command.")
        else:
            await self._command(user, channel_id, line)

    def _member(self, user_id: str, channel_id: str) -> User:
        user, channel = self._state.user(user_id), self._state.channel(channel_id)
        if user_id not in channel.members or user.deleted or user.is_bot:
            raise SlackError("not_in_channel")
        return user

    async def _command(self, user: User, channel: str, line: str) -> None:
        payload = payloads.slash_command(self._state, user, channel, line)
        try:
            answer = await self._transport.deliver("slash_commands", payload, accepts_response=True)
            if answer.get("response_type") == "in_channel":
                self._state.messages.post(Message(channel, user.id, line))
            if answer.get("text") or answer.get("blocks"):
                say(self._state, channel, user.id, answer)
        except Undelivered as failure:
            self._state.tell(
                channel, user.id, f"{payload['command']} failed with the error {failure}", warning=True
            )
        except SlackError as refusal:
            self._state.tell(
                channel, user.id, f"{payload['command']} failed with the error {refusal.code}", warning=True
            )

    async def press(self, user_id: str, ts: str, touch: Touch) -> None:
        """Uses an element of a message, found by its `ts`; an app that does not answer leaves a warning.

        SlackError `message_not_found` or `action_not_found`.
        """
        message = self._visible(user_id, ts)
        user = self._member(user_id, message.channel)
        action = self._action(message.blocks, touch)
        payload = payloads.message_action(self._state, user, message, action, touch.filled)
        try:
            await self._transport.deliver("interactive", payload, accepts_response=True)
        except Undelivered:
            thread_ts = message.thread_ts if message.is_reply else None
            self._state.tell(message.channel, user_id, TROUBLE, thread_ts=thread_ts, warning=True)

    async def use_shortcut(self, user_id: str, ts: str, callback_id: str) -> None:
        """Uses a message shortcut of the app; SlackError `message_not_found` or `unknown_callback_id`."""
        message = self._visible(user_id, ts)
        user = self._member(user_id, message.channel)
        known = {shortcut.callback_id for shortcut in self._state.settings.shortcuts}
        if callback_id not in known or message.visible_to or user.team != TEAM:
            raise SlackError("unknown_callback_id")
        payload = payloads.message_shortcut(self._state, user, message, callback_id)
        try:
            await self._transport.deliver("interactive", payload, accepts_response=False)
        except Undelivered:
            thread_ts = message.thread_ts if message.is_reply else None
            self._state.tell(message.channel, user_id, TROUBLE, thread_ts=thread_ts, warning=True)

    async def open_home(self, user_id: str) -> bool:
        """Opens the app's home tab; whether the app took the event. SlackError `user_not_found`."""
        user, home = self._state.user(user_id), self._state.views.homes.get(user_id)
        event = {"type": "app_home_opened", "user": user.id, "channel": f"D{user.id[1:]}", "tab": "home"}
        return await self._events.send(event | ({"view": home.to_json()} if home else {}))

    def _visible(self, user_id: str, ts: str) -> Message:
        ephemeral = self._state.messages.find_ephemeral(ts)
        if ephemeral and ephemeral.visible_to == user_id:
            return ephemeral
        for channel in self._state.channels:
            message = self._state.messages.find(channel, ts)
            if message:
                return message
        raise SlackError("message_not_found")

    def _action(self, blocks: list[Json], touch: Touch) -> Json:
        for block in blocks:
            for element in (block.get("accessory"), block.get("element"), *block.get("elements", [])):
                if isinstance(element, dict) and touch.means(block, element):
                    now = self._state.messages.next_ts()
                    return payloads.describe_action(element, block["block_id"], touch.chosen, now)
        raise SlackError("action_not_found")

    async def press_in_view(self, view_id: str, touch: Touch) -> bool:
        """Uses an element of an open modal; False when the app did not answer."""
        view = self._state.views.find(view_id)
        action = self._action(view.body["blocks"], touch)
        payload = payloads.view_action(self._state, self._state.users[view.user], view, action, touch.filled)
        try:
            await self._transport.deliver("interactive", payload, accepts_response=True)
        except Undelivered:
            return False
        return True

    async def submit(self, view_id: str, filled: Json | None = None) -> Json:
        """Submits the modal and does what the app's answer says.

        Returns `errors` by block_id that keep it open (the key `""` holds what concerns the whole modal).
        """
        view = self._state.views.find(view_id)
        payload = payloads.view_submission(self._state, self._state.users[view.user], view, filled or {})
        try:
            answer = await self._transport.deliver("interactive", payload, accepts_response=True)
            return self._follow(view, answer)
        except Undelivered:
            return {"": TROUBLE}
        except SlackError as refusal:
            return {"": f"The app answered with something that cannot be shown ({refusal.code})."}

    def _follow(self, view: View, answer: Json) -> Json:
        match answer.get("response_action"):
            case "errors":
                return dict(answer.get("errors") or {})
            case "update":
                self._state.views.update(view, require_view(answer.get("view"), "modal"))
            case "push":
                self._state.views.push(view.user, require_view(answer.get("view"), "modal"))
            case "clear":
                self._state.views.clear(view.user)
            case _:
                self._state.views.close(view)
        return {}

    async def close(self, view_id: str) -> None:
        """Closes a modal without submitting; the app hears of it where it asked to."""
        view = self._state.views.find(view_id)
        cleared = bool(view.body.get("clear_on_close"))
        if cleared:
            self._state.views.clear(view.user)
        else:
            self._state.views.close(view)
        if view.body.get("notify_on_close"):
            payload = payloads.view_closed(self._state.users[view.user], view, cleared)
            try:
                await self._transport.deliver("interactive", payload, accepts_response=False)
            except Undelivered:
                return
