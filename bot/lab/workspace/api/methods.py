"""Every Web API method that the workspace knows: who may call it, how often, and what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.lab.workspace.api import chat, conversations, files, views
from bot.lab.workspace.api.arguments import Arguments
from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.judge import Problem, judge_blocks, judge_view
from bot.lab.workspace.limits import PLENTY, TIERS, Rate
from bot.lab.workspace.people import BOT, BOT_ID, ENTERPRISE, TEAM
from bot.lab.workspace.state import State


@dataclass(frozen=True)
class Method:
    """One method: `caller` says whose token it takes; `scope` None needs none, or one that its arguments decide."""

    run: Callable[[State, Arguments], Json]
    scope: str | None = None
    rate: Rate = PLENTY
    caller: Literal["bot", "app", "anyone"] = "bot"


def auth_test(state: State, arguments: Arguments) -> Json:
    """auth.test."""
    return {
        "url": state.url,
        "team": "Local workspace",
        "user": state.users[BOT].name,
        "team_id": TEAM,
        "user_id": BOT,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
        **({"enterprise_id": ENTERPRISE} if any(user.person for user in state.users.values()) else {}),
    }


def validate_blocks(state: State, arguments: Arguments) -> Json:
    """blocks.validate: the judge, on exactly one of `blocks`, `message` and `view`."""
    given = [name for name in ("blocks", "message", "view") if name in arguments]
    if len(given) != 1:
        raise SlackError("invalid_arguments")
    problems = _judge(given[0], arguments)
    if problems:
        raise SlackError("invalid_blocks", errors=[problem.to_json() for problem in problems])
    return {}


def _judge(kind: str, arguments: Arguments) -> list[Problem]:
    thing = arguments.value(kind)
    if kind == "view":
        return judge_view(thing)
    if kind == "message":
        return judge_blocks(thing.get("blocks", []) if isinstance(thing, dict) else thing, "/blocks")
    return judge_blocks(thing)


METHODS: dict[str, Method] = {
    "auth.test": Method(auth_test),
    "blocks.validate": Method(validate_blocks, caller="anyone"),
    "chat.postMessage": Method(chat.post_message, "chat:write"),
    "chat.update": Method(chat.update, "chat:write", TIERS[3]),
    "chat.delete": Method(chat.delete, "chat:write", TIERS[3]),
    "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write", TIERS[4]),
    "chat.getPermalink": Method(chat.get_permalink),
    "conversations.info": Method(conversations.info, rate=TIERS[3]),
    "conversations.history": Method(conversations.history, rate=TIERS[3]),
    "conversations.replies": Method(conversations.replies, rate=TIERS[3]),
    "users.info": Method(conversations.user_info, "users:read", TIERS[4]),
    "usergroups.users.list": Method(conversations.group_users, "usergroups:read", TIERS[2]),
    "views.open": Method(views.open_view, None, TIERS[4]),
    "views.push": Method(views.push, None, TIERS[4]),
    "views.update": Method(views.update, None, TIERS[4]),
    "views.publish": Method(views.publish, None, TIERS[4]),
    "files.getUploadURLExternal": Method(files.get_upload_url, "files:write", TIERS[4]),
    "files.completeUploadExternal": Method(files.complete_upload, "files:write", TIERS[4]),
}
