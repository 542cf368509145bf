"""The judge takes what Slack takes and names what Slack refuses."""

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.lab.workspace import Workspace
from bot.lab.workspace.judge import judge_blocks, judge_view

Json = dict[str, Any]


def plain(text: str = "x") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "x") -> Json:
    return {"type": "mrkdwn", "text": text}


def button(**extra: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": plain(), **extra}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def section(**extra: Any) -> Json:
    return {"type": "section", **extra}


def option(text: str = "x", value: str = "v") -> Json:
    return {"text": plain(text), "value": value}


def select(count: int = 1) -> Json:
    return {
        "type": "static_select",
        "action_id": "s",
        "options": [option(str(n), str(n)) for n in range(count)],
    }


def field(element: Json, **extra: Any) -> Json:
    return {"type": "input", "label": plain("Why"), "element": element, **extra}


def table(rows: int = 1, columns: int = 1) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns] * rows}


def modal(*blocks: Json, **extra: Any) -> Json:
    return {"type": "modal", "title": plain("Share"), "blocks": list(blocks), **extra}


CONFIRM = {"title": plain(), "text": mrkdwn(), "confirm": plain("Yes"), "deny": plain("No")}
TYPED = {"type": "plain_text_input", "action_id": "reason"}
PREFORMATTED = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "log", "style": {"bold": True}}]},
        {
            "type": "rich_text_preformatted",
            "elements": [{"type": "text", "text": "sma-a> status"}],
            "border": 0,
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "link", "url": "https://example.com"}]}
            ],
        },
    ],
}

GOOD = {
    "header": [{"type": "header", "text": plain("x" * 150)}],
    "section": [section(text=mrkdwn("x" * 3000), accessory=button(style="primary", confirm=CONFIRM))],
    "fields": [section(fields=[mrkdwn("x" * 2000)] * 10)],
    "context": [
        {"type": "context", "elements": [mrkdwn(), {"type": "image", "image_url": "x", "alt_text": "y"}]}
    ],
    "actions": [
        actions(button(value="v" * 2000), button(action_id="b", url="https://example.com"), select(100))
    ],
    "divider": [{"type": "divider", "block_id": "d" * 255}],
    "rich text": [PREFORMATTED],
    "markdown": [{"type": "markdown", "text": "x" * 12_000}],
    "table": [table(100, 20)],
    "task": [{"type": "task_card", "task_id": "1", "title": "t", "status": "complete"}],
    "fifty": [{"type": "divider"}] * 50,
    "overflow": [
        section(text=plain(), accessory={"type": "overflow", "action_id": "o", "options": [option()] * 5})
    ],
    "none": [],
}

BAD: dict[str, tuple[Any, str, str]] = {
    "no list": ("x", "", "array"),
    "51 blocks": ([{"type": "divider"}] * 51, "", "no more than 50 items"),
    "unknown type": ([{"type": "heading"}], "/0/type", "unsupported"),
    "no type": ([{"text": plain()}], "/0", "type"),
    "alert in a message": ([{"type": "alert", "text": plain()}], "/0/type", "unsupported"),
    "long block_id": ([{"type": "divider", "block_id": "d" * 256}], "/0/block_id", "255"),
    "long header": ([{"type": "header", "text": plain("x" * 151)}], "/0/text/text", "150"),
    "mrkdwn header": ([{"type": "header", "text": mrkdwn()}], "/0/text/type", "unsupported"),
    "empty text": ([section(text=plain(""))], "/0/text/text", "at least 1"),
    "long section": ([section(text=mrkdwn("x" * 3001))], "/0/text/text", "3000"),
    "silent section": ([section()], "/0", "text or fields"),
    "11 fields": ([section(fields=[mrkdwn()] * 11)], "/0/fields", "10"),
    "long field": ([section(fields=[mrkdwn("x" * 2001)])], "/0/fields/0/text", "2000"),
    "input as accessory": ([section(text=plain(), accessory=TYPED)], "/0/accessory/type", "unsupported"),
    "unknown property": ([{"type": "divider", "colour": "red"}], "/0/colour", "additional property"),
    "emoji in mrkdwn": ([section(text=mrkdwn() | {"emoji": True})], "/0/text/emoji", "additional property"),
    "11 in context": ([{"type": "context", "elements": [mrkdwn()] * 11}], "/0/elements", "10"),
    "empty context": ([{"type": "context", "elements": []}], "/0/elements", "at least 1"),
    "button in context": ([{"type": "context", "elements": [button()]}], "/0/elements/0/type", "unsupported"),
    "empty actions": ([actions()], "/0/elements", "at least 1"),
    "26 actions": ([actions(*[button(action_id=str(n)) for n in range(26)])], "/0/elements", "25"),
    "image in actions": (
        [actions({"type": "image", "image_url": "x", "alt_text": "y"})],
        "/0/elements/0/type",
        "uns",
    ),
    "long button": ([actions(button(text=plain("x" * 76)))], "/0/elements/0/text/text", "75"),
    "mrkdwn button": ([actions(button(text=mrkdwn()))], "/0/elements/0/text/type", "unsupported"),
    "button without text": ([actions({"type": "button", "action_id": "a"})], "/0/elements/0", "text"),
    "long value": ([actions(button(value="v" * 2001))], "/0/elements/0/value", "2000"),
    "numeric value": ([actions(button(value=1))], "/0/elements/0/value", "string"),
    "long url": ([actions(button(url="u" * 3001))], "/0/elements/0/url", "3000"),
    "style": ([actions(button(style="default"))], "/0/elements/0/style", "primary"),
    "long label": (
        [actions(button(accessibility_label="x" * 76))],
        "/0/elements/0/accessibility_label",
        "75",
    ),
    "long action_id": ([actions(button(action_id="a" * 256))], "/0/elements/0/action_id", "255"),
    "same action_id": ([actions(button(), button())], "/0/elements/1/action_id", "unique"),
    "same block_id": ([{"type": "divider", "block_id": "d"}] * 2, "/1/block_id", "unique"),
    "confirm without deny": (
        [actions(button(confirm={k: v for k, v in CONFIRM.items() if k != "deny"}))],
        "/0/elements/0/confirm",
        "deny",
    ),
    "long confirm title": (
        [actions(button(confirm=CONFIRM | {"title": plain("x" * 101)}))],
        "/0/elements/0/confirm/title/text",
        "100",
    ),
    "long confirm text": (
        [actions(button(confirm=CONFIRM | {"text": plain("x" * 301)}))],
        "/0/elements/0/confirm/text/text",
        "300",
    ),
    "long confirm button": (
        [actions(button(confirm=CONFIRM | {"deny": plain("x" * 31)}))],
        "/0/elements/0/confirm/deny/text",
        "30",
    ),
    "101 options": ([actions(select(101))], "/0/elements/0/options", "100"),
    "no options": ([actions({"type": "static_select", "action_id": "s"})], "/0/elements/0", "option_groups"),
    "long option": (
        [actions(select() | {"options": [option("x" * 76)]})],
        "/0/elements/0/options/0/text/text",
        "75",
    ),
    "long option value": (
        [actions(select() | {"options": [option("x", "v" * 151)]})],
        "/0/elements/0/options/0/value",
        "150",
    ),
    "6 in overflow": (
        [actions({"type": "overflow", "action_id": "o", "options": [option()] * 6})],
        "/0/elements/0/options",
        "5",
    ),
    "11 radio buttons": (
        [actions({"type": "radio_buttons", "action_id": "r", "options": [option()] * 11})],
        "/0/elements/0/options",
        "10",
    ),
    "long placeholder": (
        [actions(select() | {"placeholder": plain("x" * 151)})],
        "/0/elements/0/placeholder/text",
        "150",
    ),
    "button as input": ([field(button())], "/0/element/type", "unsupported"),
    "input without label": ([{"type": "input", "element": TYPED}], "/0", "label"),
    "long hint": ([field(TYPED, hint=plain("x" * 2001))], "/0/hint/text", "2000"),
    "much markdown": ([{"type": "markdown", "text": "x" * 6001}] * 2, "", "12000"),
    "two tables": ([table(), table()], "", "one table"),
    "101 rows": ([table(101)], "/0/rows", "100"),
    "21 columns": ([table(1, 21)], "/0/rows/0", "20"),
    "task status": (
        [{"type": "task_card", "task_id": "1", "title": "t", "status": "done"}],
        "/0/status",
        "pending",
    ),
    "no rich text": ([{"type": "rich_text", "elements": []}], "/0/elements", "at least 1"),
    "text in rich text": (
        [{"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}],
        "/0/elements/0/type",
        "uns",
    ),
}

BAD_VIEWS = {
    "long title": (modal({"type": "divider"}, title=plain("x" * 25)), "/title/text", "24"),
    "no title": ({"type": "modal", "blocks": [{"type": "divider"}]}, "", "title"),
    "long submit": (modal({"type": "divider"}, submit=plain("x" * 25)), "/submit/text", "24"),
    "long metadata": (modal({"type": "divider"}, private_metadata="x" * 3001), "/private_metadata", "3000"),
    "input without submit": (modal(field(TYPED)), "/submit", "submit"),
    "markdown": (modal({"type": "markdown", "text": "x"}), "/blocks/0/type", "unsupported"),
    "101 blocks": (modal(*[{"type": "divider"}] * 101), "/blocks", "100"),
    "no blocks": (modal(), "/blocks", "at least 1"),
    "home with submit": (
        {"type": "home", "blocks": [{"type": "divider"}], "submit": plain()},
        "/submit",
        "additional",
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_blocks_pass(name: str) -> None:
    assert judge_blocks(GOOD[name]) == []


@pytest.mark.parametrize("name", BAD)
def test_bad_blocks_are_found_where_they_are(name: str) -> None:
    blocks, pointer, words = BAD[name]
    problems = judge_blocks(blocks)
    assert [problem.pointer for problem in problems][:1] == [pointer]
    assert words in problems[0].message


@pytest.mark.parametrize("name", BAD_VIEWS)
def test_bad_views_are_found_where_they_are(name: str) -> None:
    view, pointer, words = BAD_VIEWS[name]
    problems = judge_view(view)
    assert pointer in [problem.pointer for problem in problems]
    assert any(words in problem.message for problem in problems)


def test_good_views_pass() -> None:
    picker = {
        "type": "conversations_select",
        "action_id": "channel",
        "default_to_current_conversation": False,
        "filter": {
            "include": ["public"],
            "exclude_external_shared_channels": True,
            "exclude_bot_users": True,
        },
    }
    blocks = [
        {"type": "alert", "text": plain(), "level": "warning"},
        field(picker),
        field(TYPED | {"multiline": True}),
    ]
    assert (
        judge_view(modal(*blocks, submit=plain("x" * 24), private_metadata="m", notify_on_close=True)) == []
    )
    assert judge_view({"type": "home", "blocks": GOOD["section"]}) == []


async def test_blocks_validate_answers_without_a_token() -> None:
    async with Workspace() as workspace:
        client = AsyncWebClient(base_url=workspace.api_url)
        assert (await client.blocks_validate(blocks=GOOD["section"]))["ok"]
        assert (await client.blocks_validate(view=modal({"type": "divider"})))["ok"]
        with pytest.raises(SlackApiError) as caught:
            await client.blocks_validate(blocks=BAD["26 actions"][0])
        error = caught.value.response["errors"][0]
        assert (error["pointer"], error["code"]) == ("/0/elements", "failed_constraint")
        assert error["constraint"] == {"type": "max_items", "expected": 25, "got": 26}
        with pytest.raises(SlackApiError, match="invalid_arguments"):
            await client.blocks_validate()


async def test_blocks_validate_takes_a_form() -> None:
    async with Workspace() as workspace, aiohttp.ClientSession() as session:
        form = {"message": json.dumps({"text": "x", "blocks": BAD["silent section"][0]})}
        async with session.post(f"{workspace.api_url}blocks.validate", data=form) as answer:
            body = await answer.json()
    assert body["error"] == "invalid_blocks"
    assert body["errors"][0]["pointer"] == "/blocks/0"
