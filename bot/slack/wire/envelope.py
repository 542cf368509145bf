"""What came from Slack, as a span around all that is done about it; named by words of ours, not by what was typed."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from bot.slack.handlers.parse import COMMANDS
from bot.tracing.spans import Open, span

KINDS = ("block_actions", "view_submission", "view_closed", "message_action", "shortcut", "event_callback")


def arrived(payload: Mapping[str, Any]) -> AbstractContextManager[Open]:
    """A span for one command, press or event; what it starts in the background goes on below it."""
    return span(name_arrival(payload), "server")


def name_arrival(payload: Mapping[str, Any]) -> str:
    """`/pvo check`, `block_actions pvo.recheck`, `view_submission` …; what is unknown is not quoted."""
    match payload:
        case {"command": "/pvo"}:
            word = str(payload.get("text") or "").strip().lower().partition(" ")[0]
            return f"/pvo {word}" if word in COMMANDS else "/pvo"
        case {"type": str(kind), "actions": [{"action_id": str(action)}, *_]} if kind in KINDS:
            return f"{kind} {action}" if action.startswith("pvo.") else kind
        case {"type": str(kind)} if kind in KINDS:
            return kind
    return "request"
