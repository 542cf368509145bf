"""What the app receives: slash commands, pressed buttons, submitted and closed views."""

from typing import Any

from bot.lab.workspace.errors import Json
from bot.lab.workspace.inputs import state_values
from bot.lab.workspace.messages import Message
from bot.lab.workspace.people import APP, DOMAIN, TEAM, VERIFICATION, User
from bot.lab.workspace.state import State
from bot.lab.workspace.views import View


def _reply_url(state: State, channel: str, user: str, source: Message | None = None) -> str:
    return f"{state.url}response/{state.permits.grant_reply(channel, user, source)}"


def slash_command(state: State, user: User, channel: str, line: str) -> Json:
    """The payload of a typed `/command text`."""
    command, _, text = line.partition(" ")
    return {
        "token": VERIFICATION,
        "team_id": TEAM,
        "team_domain": DOMAIN,
        "channel_id": channel,
        "channel_name": state.channels[channel].name,
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text.strip(),
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": _reply_url(state, channel, user.id),
        "trigger_id": state.permits.grant_trigger(user.id),
    }


def _interaction(kind: str, user: User) -> Json:
    return {
        "type": kind,
        "team": {"id": TEAM, "domain": DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
        "api_app_id": APP,
        "token": VERIFICATION,
    }


def message_action(state: State, user: User, message: Message, action: Json, filled: Json) -> Json:
    """The payload of an element that was used in a message or an ephemeral."""
    ephemeral = message.visible_to is not None
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _interaction("block_actions", user) | {
        "container": container,
        "trigger_id": state.permits.grant_trigger(user.id),
        "channel": {"id": message.channel, "name": state.channels[message.channel].name},
        "state": {"values": state_values(message.blocks, filled)},
        "response_url": _reply_url(state, message.channel, user.id, message),
        "actions": [action],
    }
    return (
        payload
        if ephemeral
        else payload | {"message": state.messages.describe(message, include_metadata=True)}
    )


def message_shortcut(state: State, user: User, message: Message, callback_id: str) -> Json:
    """The payload of a message shortcut, with the whole message that it was used on."""
    return _interaction("message_action", user) | {
        "callback_id": callback_id,
        "trigger_id": state.permits.grant_trigger(user.id),
        "action_ts": state.messages.next_ts(),
        "message_ts": message.ts,
        "message": state.messages.describe(message, include_metadata=True),
        "channel": {"id": message.channel, "name": state.channels[message.channel].name},
        "response_url": _reply_url(state, message.channel, user.id),
    }


def view_action(state: State, user: User, view: View, action: Json, filled: Json) -> Json:
    """The payload of an element that was used in a view."""
    return _interaction("block_actions", user) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": state.permits.grant_trigger(user.id, view.id),
        "view": view.to_json(state_values(view.body["blocks"], filled)),
        "actions": [action],
    }


def view_submission(state: State, user: User, view: View, filled: Json) -> Json:
    """The payload of a submitted modal."""
    return _interaction("view_submission", user) | {
        "trigger_id": state.permits.grant_trigger(user.id, view.id),
        "view": view.to_json(state_values(view.body["blocks"], filled)),
        "response_urls": [],
    }


def view_closed(user: User, view: View, cleared: bool) -> Json:
    """The payload of a modal that was closed without submitting."""
    return _interaction("view_closed", user) | {"view": view.to_json(), "is_cleared": cleared}


def describe_action(element: Json, block_id: str, chosen: Json, now: str) -> Json:
    """One entry of `actions`: the element's own identity with what the user chose."""
    own: dict[str, Any] = {
        name: element[name] for name in ("type", "action_id", "value", "text", "style") if name in element
    }
    return own | {"block_id": block_id, "action_ts": now} | chosen
