"""Socket Mode with a real Bolt app: tickets, one connection an envelope, the visible three seconds."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.lab.workspace import Touch, Workspace, WorkspaceSettings
from bot.lab.workspace.errors import SlackError
from tests.lab.workspace_app import Json, RawApp, connected, make_app, notes, until
from tests.lab.workspace_app import dial as dial_by_hand

BUTTON = {
    "type": "button",
    "action_id": "pvo.recheck",
    "text": {"type": "plain_text", "text": "Re-check"},
    "value": "run-1",
}
CARD = [{"type": "actions", "block_id": "card", "elements": [BUTTON]}]
INPUT = {
    "type": "input",
    "block_id": "why",
    "label": {"type": "plain_text", "text": "Why"},
    "element": {"type": "plain_text_input", "action_id": "reason"},
}


def modal(title: str = "Share", **extra: Any) -> Json:
    texts = {
        name: {"type": "plain_text", "text": text} for name, text in (("title", title), ("submit", "Go"))
    }
    return {"type": "modal", "callback_id": "pvo.share", "blocks": [INPUT], **texts, **extra}


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace() as running:
        yield running


@pytest.fixture
async def hasty() -> AsyncIterator[Workspace]:
    """A workspace that waits a moment only, for the tests in which nobody answers."""
    async with Workspace(WorkspaceSettings(ack_seconds=0.05)) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def dial(session: aiohttp.ClientSession) -> Callable[[Workspace], Awaitable[RawApp]]:
    async def connect(workspace: Workspace) -> RawApp:
        return await dial_by_hand(workspace, session)

    return connect


Dial = Callable[[Workspace], Awaitable[RawApp]]


async def test_a_command_reaches_bolt_and_its_ack_is_private(workspace: Workspace) -> None:
    app, seen = make_app(workspace), []

    @app.command("/pvo")
    async def pvo(ack: Any, command: Json) -> None:
        seen.append(command)
        await ack(text="usage: /pvo check SITE")

    async with connected(workspace, app):
        await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo check site-a")
    assert (seen[0]["text"], seen[0]["user_id"], seen[0]["channel_name"]) == (
        "check site-a",
        "U0OPERATOR",
        "mail-ops",
    )
    assert notes(workspace) == ["usage: /pvo check SITE"]
    assert not notes(workspace, "U0APPROVER")
    assert not workspace.state.messages.top_level("C0OPS")


async def test_an_ack_in_the_channel_shows_the_command_too(workspace: Workspace) -> None:
    app = make_app(workspace)

    @app.command("/pvo")
    async def pvo(ack: Any) -> None:
        await ack(text="for all", response_type="in_channel")

    async with connected(workspace, app):
        await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo sites")
    shown = [(message.user, message.text) for message in workspace.state.messages.top_level("C0OPS")]
    assert shown == [("U0OPERATOR", "/pvo sites"), ("U0BOT", "for all")]


async def test_a_button_brings_all_fields_and_edits_its_own_message(workspace: Workspace) -> None:
    app, seen = make_app(workspace), []
    posted = await app.client.chat_postMessage(channel="C0OPS", text="card", blocks=CARD)

    @app.action(re.compile(r"pvo\..*"))
    async def pressed(ack: Any, body: Json, respond: Any) -> None:
        await ack()
        seen.append(body)
        await respond(text="checked again", replace_original=True)

    async with connected(workspace, app):
        await workspace.people.press("U0APPROVER", posted["ts"], Touch("pvo.recheck"))
        await until(workspace, lambda: workspace.state.messages.top_level("C0OPS")[0].text == "checked again")
    body = seen[0]
    assert body["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": "C0OPS",
        "is_ephemeral": False,
    }
    assert body["actions"][0] == BUTTON | {"block_id": "card", "action_ts": body["actions"][0]["action_ts"]}
    assert body["user"]["team_id"] == "T0LOCAL"
    assert body["message"]["blocks"][0]["block_id"] == "card"
    assert body["response_url"].startswith(workspace.url)


async def test_a_button_of_an_ephemeral_can_delete_it(workspace: Workspace) -> None:
    app = make_app(workspace)

    @app.command("/pvo")
    async def pvo(ack: Any) -> None:
        await ack(text="sure?", blocks=CARD)

    @app.action("pvo.recheck")
    async def pressed(ack: Any, respond: Any, body: Json) -> None:
        await ack()
        assert body["container"]["is_ephemeral"]
        await respond(delete_original=True)

    async with connected(workspace, app):
        await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo")
        ts = workspace.state.messages.ephemerals("U0OPERATOR")[0].ts
        await workspace.people.press("U0OPERATOR", ts, Touch("pvo.recheck"))
        await until(workspace, lambda: not notes(workspace))


async def test_a_modal_is_opened_corrected_and_submitted(workspace: Workspace) -> None:
    app, reasons = make_app(workspace), []

    @app.command("/pvo")
    async def pvo(ack: Any, command: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=modal())

    @app.view("pvo.share")
    async def submitted(ack: Any, view: Json) -> None:
        reason = view["state"]["values"]["why"]["reason"]["value"]
        reasons.append(reason)
        await (ack() if reason else ack(response_action="errors", errors={"why": "Give a reason."}))

    async with connected(workspace, app):
        await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo share")
        await until(workspace, lambda: bool(workspace.state.views.stack("U0OPERATOR")))
        view = workspace.state.views.stack("U0OPERATOR")[0]
        assert await workspace.people.submit(view.id) == {"why": "Give a reason."}
        assert workspace.state.views.stack("U0OPERATOR")
        filled = {"why": {"reason": {"value": "night shift"}}}
        assert await workspace.people.submit(view.id, filled) == {}
    assert reasons == [None, "night shift"]
    assert not workspace.state.views.stack("U0OPERATOR")


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        ({"response_action": "update", "view": modal("Second")}, ["Second"]),
        ({"response_action": "push", "view": modal("Second")}, ["Share", "Second"]),
        ({"response_action": "clear"}, []),
        ({}, []),
    ],
)
async def test_the_ack_of_a_submission_decides_what_is_shown(
    workspace: Workspace, dial: Dial, answer: Json, titles: list[str]
) -> None:
    app = await dial(workspace)
    view = workspace.state.views.open("U0OPERATOR", modal())
    submission = asyncio.create_task(workspace.people.submit(view.id))
    await app.ack(await app.envelope(), answer)
    assert await submission == {}
    stack = workspace.state.views.stack("U0OPERATOR")
    assert [open_view.body["title"]["text"] for open_view in stack] == titles


async def test_closing_a_modal_is_reported_where_asked_for(workspace: Workspace, dial: Dial) -> None:
    app = await dial(workspace)
    view = workspace.state.views.open("U0OPERATOR", modal(notify_on_close=True))
    closing = asyncio.create_task(workspace.people.close(view.id))
    envelope = await app.envelope()
    await app.ack(envelope)
    await closing
    assert (envelope["payload"]["type"], envelope["accepts_response_payload"]) == ("view_closed", False)
    assert not workspace.state.views.stack("U0OPERATOR")


async def test_without_an_app_the_user_is_told(workspace: Workspace) -> None:
    await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo help")
    assert notes(workspace) == ["/pvo failed with the error dispatch_failed"]


async def test_an_unanswered_command_times_out_and_a_late_ack_is_ignored(
    hasty: Workspace, dial: Dial
) -> None:
    app = await dial(hasty)
    await hasty.people.type("U0OPERATOR", "C0OPS", "/pvo help")
    assert notes(hasty) == ["/pvo failed with the error operation_timeout"]
    await app.ack(await app.envelope(), {"text": "late"})
    await app.socket.ping()
    await hasty.people.type("U0OPERATOR", "C0OPS", "/pvo again")
    assert "late" not in notes(hasty)


async def test_an_unanswered_button_leaves_a_warning(hasty: Workspace, dial: Dial) -> None:
    await dial(hasty)
    client = AsyncWebClient(token=hasty.bot_token, base_url=hasty.api_url)
    posted = await client.chat_postMessage(channel="C0OPS", text="card", blocks=CARD)
    await hasty.people.press("U0OPERATOR", posted["ts"], Touch("pvo.recheck"))
    note = hasty.state.messages.ephemerals("U0OPERATOR")[0]
    assert note.warning
    assert "did not answer" in note.text


async def test_an_unanswered_submission_keeps_the_modal_open(hasty: Workspace) -> None:
    view = hasty.state.views.open("U0OPERATOR", modal())
    assert "" in await hasty.people.submit(view.id)
    assert hasty.state.views.stack("U0OPERATOR") == [view]


async def test_invalid_blocks_in_an_ack_are_not_shown(workspace: Workspace, dial: Dial) -> None:
    app = await dial(workspace)
    typing = asyncio.create_task(workspace.people.type("U0OPERATOR", "C0OPS", "/pvo help"))
    await app.ack(await app.envelope(), {"text": "x", "blocks": [{"type": "section"}]})
    await typing
    assert notes(workspace) == ["/pvo failed with the error invalid_blocks"]


async def test_a_ticket_serves_one_connection(workspace: Workspace, session: aiohttp.ClientSession) -> None:
    client = AsyncWebClient(base_url=workspace.api_url)
    url = (await client.apps_connections_open(app_token=workspace.app_token))["url"]
    await session.ws_connect(url)
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await session.ws_connect(url)
    assert caught.value.status == 403


async def test_hello_counts_connections_and_an_eleventh_is_turned_away(
    workspace: Workspace, dial: Dial
) -> None:
    apps = [await dial(workspace) for _ in range(10)]
    assert [app.hello["num_connections"] for app in apps] == list(range(1, 11))
    turned_away = await dial(workspace)
    assert turned_away.hello["reason"] == "too_many_websockets"
    assert workspace.sockets.connections == 10


async def test_each_envelope_goes_to_one_connection_and_all_get_some(workspace: Workspace) -> None:
    taken: list[int] = []

    def make(number: int) -> AsyncApp:
        app = make_app(workspace)

        @app.command("/pvo")
        async def pvo(ack: Any) -> None:
            taken.append(number)
            await ack()

        return app

    async with connected(workspace, make(0)), connected(workspace, make(1)):
        for _ in range(6):
            await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo help")
    assert len(taken) == 6
    assert set(taken) == {0, 1}


async def test_an_ack_on_another_connection_counts(workspace: Workspace, dial: Dial) -> None:
    first, second = await dial(workspace), await dial(workspace)
    typing = asyncio.create_task(workspace.people.type("U0OPERATOR", "C0OPS", "/pvo help"))
    waiting = {asyncio.create_task(app.envelope()): app for app in (first, second)}
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    (receiver,) = done
    other = second if waiting[receiver] is first else first
    for idle in pending:
        idle.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    await other.ack(receiver.result(), {"text": "from the other side"})
    await typing
    assert notes(workspace) == ["from the other side"]


async def test_pings_are_answered_with_their_own_payload(
    workspace: Workspace, session: aiohttp.ClientSession
) -> None:
    client = AsyncWebClient(base_url=workspace.api_url)
    url = (await client.apps_connections_open(app_token=workspace.app_token))["url"]
    socket = await session.ws_connect(url, autoping=False)
    await socket.receive_json()
    await socket.ping(b"sdk-ping-pong:1700000000.5")
    pong = await socket.receive()
    assert (pong.type, bytes(pong.data)) == (aiohttp.WSMsgType.PONG, b"sdk-ping-pong:1700000000.5")


@pytest.mark.parametrize(("reason", "left"), [("warning", 1), ("refresh_requested", 0), ("link_disabled", 0)])
async def test_disconnects_on_request(workspace: Workspace, dial: Dial, reason: str, left: int) -> None:
    app = await dial(workspace)
    await workspace.sockets.disconnect(reason)
    frame = await app.envelope()
    assert (frame["type"], frame["reason"]) == ("disconnect", reason)
    assert workspace.sockets.connections == left


async def test_a_real_app_comes_back_after_a_refresh(workspace: Workspace) -> None:
    app = make_app(workspace)

    @app.command("/pvo")
    async def pvo(ack: Any) -> None:
        await ack("still here")

    async with connected(workspace, app):
        await workspace.sockets.disconnect("refresh_requested")
        await until(workspace, lambda: workspace.sockets.connections == 1)
        await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo help")
    assert notes(workspace) == ["still here"]


async def test_what_is_no_command_is_said_in_words(workspace: Workspace) -> None:
    await workspace.people.type("U0OPERATOR", "C0OPS", "/nope")
    assert notes(workspace) == ["/nope is not a valid command."]
    await workspace.people.type("U0OPERATOR", "C0OPS", "good morning")
    ts = workspace.state.messages.top_level("C0OPS")[0].ts
    await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo help", thread_ts=ts)
    assert notes(workspace)[-1] == "/pvo is not supported in threads."


async def test_an_outsider_has_no_commands_of_ours_but_can_press_buttons(
    workspace: Workspace, dial: Dial
) -> None:
    app = await dial(workspace)
    await workspace.people.type("U0EXTERN", "C0SHARED", "/pvo help")
    assert notes(workspace, "U0EXTERN") == ["/pvo is not a valid command."]
    client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
    posted = await client.chat_postMessage(channel="C0SHARED", text="card", blocks=CARD)
    pressing = asyncio.create_task(workspace.people.press("U0EXTERN", posted["ts"], Touch("pvo.recheck")))
    envelope = await app.envelope()
    await app.ack(envelope)
    await pressing
    assert envelope["payload"]["user"]["team_id"] == "T0OTHER"


async def test_a_shortcut_brings_the_whole_message(workspace: Workspace) -> None:
    app, seen = make_app(workspace), []
    posted = await app.client.chat_postMessage(channel="C0OPS", text="site-a is slow")

    @app.shortcut("pvo.check-site")
    async def check(ack: Any, body: Json, respond: Any) -> None:
        seen.append(body)
        await ack()
        await respond("on my way")

    async with connected(workspace, app):
        await workspace.people.use_shortcut("U0OPERATOR", posted["ts"], "pvo.check-site")
        await until(workspace, lambda: notes(workspace) == ["on my way"])
    body = seen[0]
    assert (body["type"], body["callback_id"]) == ("message_action", "pvo.check-site")
    assert (body["message"]["text"], body["message_ts"]) == ("site-a is slow", posted["ts"])
    assert (body["channel"]["id"], body["user"]["id"]) == ("C0OPS", "U0OPERATOR")


async def test_shortcuts_are_known_ones_on_public_messages_by_our_own_people(workspace: Workspace) -> None:
    client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.api_url)
    shared = await client.chat_postMessage(channel="C0SHARED", text="card")
    note = await client.chat_postEphemeral(channel="C0OPS", user="U0OPERATOR", text="psst")
    for user, ts, name in (
        ("U0EXTERN", shared["ts"], "pvo.check-site"),
        ("U0OPERATOR", note["message_ts"], "pvo.check-site"),
        ("U0OPERATOR", shared["ts"], "pvo.other"),
    ):
        with pytest.raises(SlackError, match="unknown_callback_id"):
            await workspace.people.use_shortcut(user, ts, name)


async def test_opening_the_home_tab_is_an_event_and_its_buttons_work(workspace: Workspace) -> None:
    app, seen = make_app(workspace), []

    @app.event("app_home_opened")
    async def opened(event: Json, client: AsyncWebClient) -> None:
        seen.append((event["tab"], "view" in event))
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": CARD})

    @app.action("pvo.recheck")
    async def pressed(ack: Any, body: Json) -> None:
        await ack()
        seen.append((body["container"]["type"], body["view"]["type"]))

    async with connected(workspace, app):
        homes = workspace.state.views.homes
        assert await workspace.people.open_home("U0OPERATOR")
        await until(workspace, lambda: "U0OPERATOR" in homes)
        assert await workspace.people.press_in_view(homes["U0OPERATOR"].id, Touch("pvo.recheck"))
        assert await workspace.people.open_home("U0OPERATOR")
        await until(workspace, lambda: len(seen) == 3)
    assert seen == [("home", False), ("view", "home"), ("home", True)]


async def test_an_event_that_is_not_acked_comes_again(session: aiohttp.ClientSession, dial: Dial) -> None:
    async with Workspace(WorkspaceSettings(ack_seconds=0.05, event_retries=(0.0, 0.0, 0.0))) as workspace:
        app = await dial(workspace)
        assert not await workspace.people.open_home("U0OPERATOR")
        envelopes = [await app.envelope() for _ in range(4)]
    again = [(envelope["retry_attempt"], envelope["retry_reason"]) for envelope in envelopes]
    assert again == [(0, ""), (1, "timeout"), (2, "timeout"), (3, "timeout")]
    assert len({envelope["payload"]["event_id"] for envelope in envelopes}) == 1
    assert len({envelope["envelope_id"] for envelope in envelopes}) == 4
