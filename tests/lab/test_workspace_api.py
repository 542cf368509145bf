"""The Web API as the real SDK sees it: semantics of chat, threads, files, views, scopes and rates."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.lab.workspace import Workspace, WorkspaceSettings
from bot.lab.workspace.errors import SlackError
from bot.lab.workspace.limits import Limiter, Rate

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*hello*"}}
MODAL = {
    "type": "modal",
    "callback_id": "pvo.share",
    "title": {"type": "plain_text", "text": "Share"},
    "submit": {"type": "plain_text", "text": "Share"},
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": {"type": "plain_text", "text": "Why"},
            "element": {"type": "plain_text_input", "action_id": "reason"},
        }
    ],
}


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace() as running:
        yield running


@pytest.fixture
def client(workspace: Workspace) -> AsyncWebClient:
    return AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)


async def refused(call: Any) -> Any:
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response


async def test_auth_test_names_the_bot_and_its_scopes(client: AsyncWebClient) -> None:
    answer = await client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == ("U0BOT", "B0BOT", "T0LOCAL")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-wrong", "invalid_auth")],
)
async def test_a_wrong_token_is_refused(workspace: Workspace, token: str, error: str) -> None:
    client = AsyncWebClient(token=token, base_url=workspace.api_url)
    assert (await refused(client.auth_test()))["error"] == error


async def test_each_token_opens_only_its_own_doors(workspace: Workspace, client: AsyncWebClient) -> None:
    answer = await refused(client.apps_connections_open(app_token=workspace.bot_token))
    assert answer["error"] == "not_allowed_token_type"
    with_app_token = AsyncWebClient(token=workspace.app_token, base_url=workspace.api_url)
    assert (await refused(with_app_token.auth_test()))["error"] == "not_allowed_token_type"


async def test_a_missing_scope_is_named() -> None:
    async with Workspace(WorkspaceSettings(scopes=("commands", "chat:write"))) as workspace:
        client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
        answer = await refused(client.users_info(user="U0OPERATOR"))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read")
    assert answer["provided"] == "commands,chat:write"


async def test_token_and_arguments_may_come_as_a_form(workspace: Workspace) -> None:
    form = {"token": workspace.bot_token, "channel": "C0OPS", "blocks": '[{"type": "divider"}]', "text": "hi"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{workspace.api_url}chat.postMessage", data=form) as answer,
    ):
        body = await answer.json()
    assert body["ok"]
    assert body["message"]["blocks"][0]["type"] == "divider"


async def test_posting_names_blocks_and_orders_messages(client: AsyncWebClient) -> None:
    first = await client.chat_postMessage(channel="C0OPS", text="one", blocks=[SECTION, SECTION])
    second = await client.chat_postMessage(channel="C0OPS", text="two")
    assert first["ts"] < second["ts"]
    ids = [block["block_id"] for block in first["message"]["blocks"]]
    assert len(set(ids)) == 2
    history = await client.conversations_history(channel="C0OPS")
    assert [message["text"] for message in history["messages"]] == ["two", "one"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0RANDOM", "text": "x"}, "not_in_channel"),
        ({"channel": "C0OPS", "text": ""}, "no_text"),
        ({"channel": "C0OPS", "text": "x", "blocks": '{"type": "divider"}'}, "invalid_blocks_format"),
        ({"channel": "C0OPS", "text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_schema"),
    ],
)
@pytest.mark.filterwarnings("ignore:The top-level `text` argument is missing")
async def test_what_cannot_be_posted(client: AsyncWebClient, arguments: dict[str, Any], error: str) -> None:
    assert (await refused(client.chat_postMessage(**arguments)))["error"] == error


async def test_invalid_blocks_are_refused_and_not_stored(client: AsyncWebClient) -> None:
    block = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    answer = await refused(client.chat_postMessage(channel="C0OPS", text="x", blocks=[block]))
    assert answer["error"] == "invalid_blocks"
    assert "[json-pointer:/blocks/0/text/text]" in answer["response_metadata"]["messages"][0]
    assert not (await client.conversations_history(channel="C0OPS"))["messages"]


async def test_update_without_blocks_removes_them_and_keeps_metadata(client: AsyncWebClient) -> None:
    metadata = {"event_type": "pvo_card", "event_payload": {"key": "run-1"}}
    posted = await client.chat_postMessage(channel="C0OPS", text="a", blocks=[SECTION], metadata=metadata)
    updated = await client.chat_update(channel="C0OPS", ts=posted["ts"], text="b")
    assert "blocks" not in updated["message"]
    plain = await client.conversations_history(channel="C0OPS")
    assert "metadata" not in plain["messages"][0]
    history = await client.conversations_history(channel="C0OPS", include_all_metadata=True)
    assert history["messages"][0]["metadata"] == metadata
    assert history["messages"][0]["edited"]["user"] == "U0BOT"


async def test_only_own_messages_can_be_changed(workspace: Workspace, client: AsyncWebClient) -> None:
    await workspace.people.type("U0OPERATOR", "C0OPS", "good morning")
    ts = workspace.state.messages.top_level("C0OPS")[0].ts
    assert (await refused(client.chat_update(channel="C0OPS", ts=ts, text="x")))[
        "error"
    ] == "cant_update_message"
    assert (await refused(client.chat_delete(channel="C0OPS", ts=ts)))["error"] == "cant_delete_message"
    assert (await refused(client.chat_update(channel="C0OPS", ts="1.1", text="x")))[
        "error"
    ] == "message_not_found"


async def test_threads_are_counted_and_read_back(client: AsyncWebClient) -> None:
    parent = await client.chat_postMessage(channel="C0OPS", text="card")
    reply = await client.chat_postMessage(channel="C0OPS", text="details", thread_ts=parent["ts"])
    nested = await client.chat_postMessage(channel="C0OPS", text="more", thread_ts=reply["ts"])
    assert nested["message"]["thread_ts"] == parent["ts"]
    history = await client.conversations_history(channel="C0OPS")
    assert [message["reply_count"] for message in history["messages"]] == [2]
    replies = await client.conversations_replies(channel="C0OPS", ts=parent["ts"])
    assert [message["text"] for message in replies["messages"]] == ["card", "details", "more"]


async def test_a_reply_to_a_deleted_parent_appears_in_the_channel(client: AsyncWebClient) -> None:
    parent = await client.chat_postMessage(channel="C0OPS", text="card")
    await client.chat_delete(channel="C0OPS", ts=parent["ts"])
    reply = await client.chat_postMessage(channel="C0OPS", text="late", thread_ts=parent["ts"])
    assert "thread_ts" not in reply["message"]


async def test_history_comes_in_pages_and_windows(workspace: Workspace, client: AsyncWebClient) -> None:
    for number in range(5):
        await workspace.people.type("U0OPERATOR", "C0OPS", f"line {number}")
    first = await client.conversations_history(channel="C0OPS", limit=2)
    assert first["has_more"]
    cursor = first["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel="C0OPS", limit=10, cursor=cursor)
    assert [message["text"] for message in rest["messages"]] == ["line 2", "line 1", "line 0"]
    edge = first["messages"][1]["ts"]
    after = await client.conversations_history(channel="C0OPS", oldest=edge)
    assert [message["text"] for message in after["messages"]] == ["line 4"]
    with_edge = await client.conversations_history(channel="C0OPS", oldest=edge, inclusive=True)
    assert len(with_edge["messages"]) == 2


async def test_an_ephemeral_is_for_one_member_only(workspace: Workspace, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel="C0OPS", user="U0OPERATOR", text="psst")
    assert [note.text for note in workspace.state.messages.ephemerals("U0OPERATOR")] == ["psst"]
    assert not workspace.state.messages.ephemerals("U0APPROVER")
    assert not (await client.conversations_history(channel="C0OPS"))["messages"]
    answer = await refused(client.chat_postEphemeral(channel="C0OPS", user="U0EXTERN", text="psst"))
    assert answer["error"] == "user_not_in_channel"


async def test_people_and_places_tell_what_authorisation_needs(client: AsyncWebClient) -> None:
    operator = (await client.users_info(user="U0OPERATOR", include_locale=True))["user"]
    assert operator["locale"] == "en-GB"
    assert "locale" not in (await client.users_info(user="U0OPERATOR"))["user"]
    assert (await client.users_info(user="U0GUEST"))["user"]["is_restricted"]
    stranger = (await client.users_info(user="U0EXTERN", include_locale=True))["user"]
    assert (stranger["team_id"], stranger["is_stranger"], "locale" in stranger) == ("T0OTHER", True, False)
    assert (await client.conversations_info(channel="C0SHARED"))["channel"]["is_ext_shared"]
    assert not (await client.conversations_info(channel="C0RANDOM"))["channel"]["is_member"]
    assert "U0APPROVER" in (await client.usergroups_users_list(usergroup="S0MAILADMINS"))["users"]
    assert (await refused(client.usergroups_users_list(usergroup="S0NOBODY")))["error"] == "no_such_subteam"


async def test_a_file_lands_in_the_thread_and_can_be_fetched(
    workspace: Workspace, client: AsyncWebClient
) -> None:
    parent = await client.chat_postMessage(channel="C0OPS", text="card")
    await client.files_upload_v2(
        channel="C0OPS",
        thread_ts=parent["ts"],
        filename="report.txt",
        content="Größe",
        initial_comment="All of it",
    )
    replies = await client.conversations_replies(channel="C0OPS", ts=parent["ts"])
    message = replies["messages"][1]
    assert message["text"] == "All of it"
    async with aiohttp.ClientSession() as session, session.get(message["files"][0]["url_private"]) as answer:
        assert (await answer.read()).decode() == "Größe"
        assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_an_unfilled_file_cannot_be_shared(client: AsyncWebClient) -> None:
    announced = await client.files_getUploadURLExternal(filename="x.txt", length=3)
    share = client.files_completeUploadExternal(
        files=[{"id": announced["file_id"], "title": "x"}], channel_id="C0OPS"
    )
    assert (await refused(share))["error"] == "file_update_failed"


async def test_a_permalink_leads_back_to_the_page(workspace: Workspace, client: AsyncWebClient) -> None:
    parent = await client.chat_postMessage(channel="C0OPS", text="card")
    reply = await client.chat_postMessage(channel="C0OPS", text="details", thread_ts=parent["ts"])
    link = (await client.chat_getPermalink(channel="C0OPS", message_ts=reply["ts"]))["permalink"]
    assert link.startswith(f"{workspace.url}archives/C0OPS/p")
    assert f"thread_ts={parent['ts']}" in link
    async with aiohttp.ClientSession() as session, session.get(link) as answer:
        assert answer.content_type == "text/html"


async def test_a_trigger_opens_one_modal_soon(workspace: Workspace, client: AsyncWebClient) -> None:
    trigger = workspace.state.permits.grant_trigger("U0OPERATOR")
    view = (await client.views_open(trigger_id=trigger, view=MODAL))["view"]
    assert [open_view.id for open_view in workspace.state.views.stack("U0OPERATOR")] == [view["id"]]
    again = await refused(client.views_open(trigger_id=trigger, view=MODAL))
    assert again["error"] == "exchanged_trigger_id"
    assert (await refused(client.views_open(trigger_id="1.2.3", view=MODAL)))["error"] == "invalid_trigger_id"


async def test_a_trigger_expires() -> None:
    async with Workspace(WorkspaceSettings(trigger_seconds=0)) as workspace:
        client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
        trigger = workspace.state.permits.grant_trigger("U0OPERATOR")
        answer = await refused(client.views_open(trigger_id=trigger, view=MODAL))
    assert answer["error"] == "expired_trigger_id"


async def test_views_are_guarded_by_hash_and_stack_three_high(
    workspace: Workspace, client: AsyncWebClient
) -> None:
    permits = workspace.state.permits
    opened = (await client.views_open(trigger_id=permits.grant_trigger("U0OPERATOR"), view=MODAL))["view"]
    updated = await client.views_update(view_id=opened["id"], hash=opened["hash"], view=MODAL)
    assert updated["view"]["hash"] != opened["hash"]
    stale = await refused(client.views_update(view_id=opened["id"], hash=opened["hash"], view=MODAL))
    assert stale["error"] == "hash_conflict"
    for _ in range(2):
        pushed = await client.views_push(trigger_id=permits.grant_trigger("U0OPERATOR"), view=MODAL)
        assert pushed["view"]["root_view_id"] == opened["id"]
    full = await refused(client.views_push(trigger_id=permits.grant_trigger("U0OPERATOR"), view=MODAL))
    assert full["error"] == "push_limit_reached"


async def test_an_invalid_view_spends_no_trigger(workspace: Workspace, client: AsyncWebClient) -> None:
    trigger = workspace.state.permits.grant_trigger("U0OPERATOR")
    untitled = {name: part for name, part in MODAL.items() if name != "title"}
    answer = await refused(client.views_open(trigger_id=trigger, view=untitled))
    assert answer["error"] == "invalid_arguments"
    assert "title" in answer["response_metadata"]["messages"][0]
    await client.views_open(trigger_id=trigger, view=MODAL)


async def test_a_private_channel_is_seen_by_its_members_only(
    workspace: Workspace, client: AsyncWebClient
) -> None:
    night = (await client.conversations_info(channel="C0NIGHT"))["channel"]
    assert (night["is_private"], night["is_member"]) == (True, True)
    await client.chat_postMessage(channel="C0NIGHT", text="card")
    assert len((await client.conversations_history(channel="C0NIGHT"))["messages"]) == 1
    for call in (
        client.conversations_info(channel="C0BOARD"),
        client.conversations_history(channel="C0BOARD"),
        client.chat_postMessage(channel="C0BOARD", text="card"),
    ):
        assert (await refused(call))["error"] == "channel_not_found"


async def test_private_channels_need_scopes_of_their_own() -> None:
    scopes = ("chat:write", "channels:read", "channels:history", "groups:read")
    async with Workspace(WorkspaceSettings(scopes=scopes)) as workspace:
        client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
        await client.conversations_info(channel="C0NIGHT")
        answer = await refused(client.conversations_history(channel="C0NIGHT"))
        assert (answer["error"], answer["needed"]) == ("missing_scope", "groups:history")
        await client.conversations_history(channel="C0OPS")


async def test_a_picture_is_shown_and_everything_else_is_only_text(
    workspace: Workspace, client: AsyncWebClient
) -> None:
    for name, kind, shown in (
        ("paths.png", "image/png", "inline"),
        ("page.html", "text/plain", "attachment"),
        ("drawing.svg", "text/plain", "attachment"),
    ):
        sent = await client.files_upload_v2(channel="C0OPS", filename=name, content=b"<b>not a picture</b>")
        async with aiohttp.ClientSession() as session:
            answer = await session.get(sent["files"][0]["url_private"])
        assert answer.content_type == kind
        assert answer.headers["Content-Disposition"].startswith(shown)


async def test_a_home_tab_is_published(workspace: Workspace, client: AsyncWebClient) -> None:
    await client.views_publish(user_id="U0OPERATOR", view={"type": "home", "blocks": [SECTION]})
    assert workspace.state.views.homes["U0OPERATOR"].body["blocks"][0]["type"] == "section"


async def test_a_response_url_takes_five_posts(workspace: Workspace) -> None:
    secret = workspace.state.permits.grant_reply("C0RANDOM", "U0OPERATOR")
    webhook = AsyncWebhookClient(f"{workspace.url}response/{secret}")
    assert (await webhook.send(text="to all", response_type="in_channel")).status_code == 200
    for number in range(4):
        assert (await webhook.send(text=f"note {number}")).status_code == 200
    assert (await webhook.send(text="too many")).status_code == 404
    assert [message.text for message in workspace.state.messages.top_level("C0RANDOM")] == ["to all"]
    assert len(workspace.state.messages.ephemerals("U0OPERATOR")) == 4


async def test_posting_in_a_channel_is_limited_to_one_a_second(client: AsyncWebClient) -> None:
    for number in range(4):
        await client.chat_postMessage(channel="C0OPS", text=str(number))
    answer = await refused(client.chat_postMessage(channel="C0OPS", text="one too many"))
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "1")
    await client.chat_postMessage(channel="C0INCIDENTS", text="another channel has its own second")


def test_a_bucket_refills_with_time() -> None:
    now = [0.0]
    limiter = Limiter(clock=lambda: now[0])
    rate = Rate(per_minute=20, burst=2)
    limiter.spend("x", rate)
    limiter.spend("x", rate)
    with pytest.raises(SlackError) as caught:
        limiter.spend("x", rate)
    assert caught.value.retry_after == 3
    now[0] = 3.0
    limiter.spend("x", rate)


async def test_an_unknown_method_is_named(client: AsyncWebClient) -> None:
    answer = await refused(client.api_call("nothing.here"))
    assert (answer["error"], answer["req_method"]) == ("unknown_method", "nothing.here")


@pytest.mark.parametrize("headers", [{"Origin": "http://elsewhere.test"}, {"Host": "elsewhere.test"}])
async def test_other_sites_may_not_talk_to_the_page(workspace: Workspace, headers: dict[str, str]) -> None:
    line = {"user": "U0OPERATOR", "channel": "C0OPS", "line": "forged"}
    async with aiohttp.ClientSession(headers=headers) as session:
        answer = await session.post(f"{workspace.url}do/type", json=line)
    assert answer.status == 403
    assert not workspace.state.messages.top_level("C0OPS")


async def test_it_stops_at_once_with_a_page_open(workspace: Workspace) -> None:
    async with aiohttp.ClientSession() as session:
        live = await session.ws_connect(f"{workspace.url}live")
        assert (await live.receive_json())["type"] == "everything"
        async with asyncio.timeout(30):  # an aiohttp server left alone waits 60
            await workspace.stop()
        assert (await live.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
