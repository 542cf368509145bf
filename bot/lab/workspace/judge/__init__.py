"""Judges Block Kit before it is stored, with the limits and rules that Slack documents."""

from typing import Any

from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.judge.blocks import ON_HOME, ON_MESSAGE, ON_MODAL
from bot.lab.workspace.judge.objects import plain_text
from bot.lab.workspace.judge.rules import judge_together
from bot.lab.workspace.judge.shapes import Problem, Shape, anything, array, boolean, choice, record, string

__all__ = ["Problem", "judge_blocks", "judge_view", "require_blocks", "require_view"]

_SAID_BACK = ("id", "team_id", "bot_id", "app_id", "app_installed_team_id", "hash", "state")
_VIEW = {
    "external_id": string(255),
    "callback_id": string(255),
    "private_metadata": string(3000),
    **dict.fromkeys((*_SAID_BACK, "root_view_id", "previous_view_id"), anything),
}
_MODAL = record(
    {"type": choice("modal"), "title": plain_text(24), "blocks": array(ON_MODAL, least=1, most=100)},
    _VIEW
    | {
        "submit": plain_text(24),
        "close": plain_text(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
    },
)
_HOME = record({"type": choice("home"), "blocks": array(ON_HOME, least=1, most=100)}, _VIEW)
_MESSAGE_BLOCKS = array(ON_MESSAGE, most=50)


def judge_blocks(blocks: object, pointer: str = "") -> list[Problem]:
    """Everything wrong with a message's blocks; empty when Slack would take them."""
    problems = list(_MESSAGE_BLOCKS(blocks, pointer))
    if not problems and isinstance(blocks, list):
        problems = list(judge_together(blocks, pointer))
    return problems


def judge_view(view: object, pointer: str = "") -> list[Problem]:
    """Everything wrong with a modal or a home tab; empty when Slack would take it."""
    home = isinstance(view, dict) and view.get("type") == "home"
    shape: Shape = _HOME if home else _MODAL
    problems = list(shape(view, pointer))
    if not problems and isinstance(view, dict):
        problems = list(judge_together(view["blocks"], f"{pointer}/blocks"))
        if not home and not view.get("submit") and any(block["type"] == "input" for block in view["blocks"]):
            problems.append(
                Problem(f"{pointer}/submit", "a modal with an input needs submit", code="missing_field")
            )
    return problems


def _refuse(code: str, problems: list[Problem]) -> SlackError:
    lines = [f"{problem.message} [json-pointer:{problem.pointer}]" for problem in problems]
    return SlackError(
        code, errors=lines, response_metadata={"messages": [f"[ERROR] {line}" for line in lines]}
    )


def require_blocks(blocks: Any) -> list[Json]:
    """The blocks of a message, judged; none given = none; SlackError `invalid_blocks` or `…_format`."""
    if blocks is None or blocks == "":
        return []
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    problems = judge_blocks(blocks, "/blocks")
    if problems:
        raise _refuse("invalid_blocks", problems)
    return blocks


def require_view(view: Any, kind: str) -> Json:
    """A view of the wanted kind, judged; SlackError `invalid_arguments` as views.* answer."""
    problems = judge_view(view, "/view")
    if not problems and view["type"] != kind:
        problems = [Problem("/view/type", f"must be {kind}")]
    if problems:
        raise _refuse("invalid_arguments", problems)
    checked: Json = view
    return checked
