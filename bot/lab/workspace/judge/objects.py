"""Composition objects of Block Kit: text, options, confirmation dialogs, filters."""

from bot.lab.workspace.judge.shapes import Shape, array, boolean, choice, record, string, tagged


def plain_text(most: int) -> Shape:
    """A plain_text object of 1 to `most` characters."""
    shape = record({"type": choice("plain_text"), "text": string(most, least=1)}, {"emoji": boolean})
    return tagged({"plain_text": shape}, "text")


def any_text(most: int) -> Shape:
    """A plain_text or mrkdwn object of 1 to `most` characters."""
    plain = record({"type": choice("plain_text"), "text": string(most, least=1)}, {"emoji": boolean})
    marked = record({"type": choice("mrkdwn"), "text": string(most, least=1)}, {"verbatim": boolean})
    return tagged({"plain_text": plain, "mrkdwn": marked}, "text")


IDENTIFIER = string(255, least=1)
URL = string(3000, least=1)

OPTION = record({"text": any_text(75), "value": string(150)}, {"description": any_text(75)})
OVERFLOW_OPTION = record(
    {"text": plain_text(75), "value": string(150)}, {"description": plain_text(75), "url": URL}
)
OPTIONS = array(OPTION, least=1, most=100)
OPTION_GROUPS = array(record({"label": plain_text(75), "options": OPTIONS}), least=1, most=100)

CONFIRM = record(
    {"title": plain_text(100), "text": any_text(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": choice("primary", "danger")},
)

CONVERSATION_FILTER = record(
    {},
    {
        "include": array(choice("im", "mpim", "private", "public"), least=1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
