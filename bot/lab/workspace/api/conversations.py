"""conversations.*, users.info and usergroups.users.list: reading back, with pages."""

from bot.lab.workspace.api.arguments import Arguments
from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.messages import Message
from bot.lab.workspace.people import Channel
from bot.lab.workspace.state import State

PAGE = 100
PAGE_MOST = 999


def info(state: State, arguments: Arguments) -> Json:
    """conversations.info."""
    return {"channel": state.seen_channel(arguments.text("channel")).to_json()}


def user_info(state: State, arguments: Arguments) -> Json:
    """users.info; the locale only on request."""
    return {"user": state.user(arguments.text("user")).to_json(arguments.flag("include_locale"))}


def group_users(state: State, arguments: Arguments) -> Json:
    """usergroups.users.list."""
    group = arguments.text("usergroup")
    if group not in state.groups:
        raise SlackError("no_such_subteam")
    return {"users": state.groups[group]}


def history(state: State, arguments: Arguments) -> Json:
    """conversations.history: what the channel shows, newest first."""
    channel = _readable(state, arguments)
    messages = [message for message in state.messages.top_level(channel.id) if _in_window(message, arguments)]
    return _page(state, list(reversed(messages)), arguments)


def replies(state: State, arguments: Arguments) -> Json:
    """conversations.replies: the parent, then its replies, oldest first."""
    channel = _readable(state, arguments)
    thread = state.messages.thread(channel.id, arguments.text("ts"))
    inside = [message for message in thread[1:] if _in_window(message, arguments)]
    return _page(state, [thread[0], *inside], arguments)


def _readable(state: State, arguments: Arguments) -> Channel:
    state.seen_channel(arguments.text("channel"), "history")
    return state.joined_channel(arguments.text("channel"))


def _in_window(message: Message, arguments: Arguments) -> bool:
    oldest, latest = arguments.text("oldest") or "0", arguments.text("latest")
    moment = _moment(message.ts)
    first, last = _moment(oldest), _moment(latest) if latest else moment + 1
    edge = arguments.flag("inclusive") and moment in (first, last)
    return edge or first < moment < last


def _moment(ts: str) -> int:
    """Microseconds: a float would round the last digits of a `ts` away."""
    seconds, _, fraction = ts.partition(".")
    try:
        return int(seconds or 0) * 1_000_000 + int(fraction[:6].ljust(6, "0"))
    except ValueError:
        raise SlackError("invalid_ts_oldest") from None


def _page(state: State, messages: list[Message], arguments: Arguments) -> Json:
    limit = arguments.number("limit", PAGE, PAGE_MOST)
    cursor = arguments.text("cursor")
    if cursor and not cursor.isdecimal():
        raise SlackError("invalid_cursor")
    start = int(cursor or 0)
    more = len(messages) > start + limit
    metadata = arguments.flag("include_all_metadata")
    page = [state.messages.describe(message, metadata) for message in messages[start : start + limit]]
    answer: Json = {"messages": page, "has_more": more}
    return answer | ({"response_metadata": {"next_cursor": str(start + limit)}} if more else {})
