"""HTTP mode with a real Bolt app that verifies every signature: commands, buttons, modals, events, registration."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp

from bot.lab.workspace import Touch, Workspace, WorkspaceSettings
from bot.lab.workspace.messages import Message
from tests.lab.workspace_app import Json, make_app, notes, until

BUTTON = {"type": "button", "action_id": "pvo.recheck", "text": {"type": "plain_text", "text": "Re-check"}}
CARD = [{"type": "actions", "block_id": "card", "elements": [BUTTON]}]
WHY = {
    "type": "input",
    "block_id": "why",
    "label": {"type": "plain_text", "text": "Why"},
    "element": {"type": "plain_text_input", "action_id": "reason"},
}
MODAL = {
    "type": "modal",
    "callback_id": "pvo.share",
    "title": {"type": "plain_text", "text": "Share"},
    "submit": {"type": "plain_text", "text": "Share"},
    "blocks": [WHY],
}


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace(WorkspaceSettings(event_retries=(0.0, 0.0, 0.0))) as running:
        yield running


@asynccontextmanager
async def serving(application: web.Application) -> AsyncIterator[str]:
    """The Request URL of an application on a free port."""
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    await runner.cleanup()


@asynccontextmanager
async def reached(workspace: Workspace, app: AsyncApp) -> AsyncIterator[None]:
    async with serving(app.server().web_app) as url:
        await workspace.use_request_url(url)
        yield


Answer = Callable[[web.Request, Json], web.Response]


@asynccontextmanager
async def scripted(workspace: Workspace, answer: Answer) -> AsyncIterator[None]:
    """An app of which the test writes every answer."""

    async def receive(request: web.Request) -> web.Response:
        body = await request.json() if request.content_type == "application/json" else {}
        if body.get("type") == "url_verification":
            return web.Response(text=body["challenge"])
        return answer(request, body)

    application = web.Application()
    application.add_routes([web.post("/slack/events", receive)])
    async with serving(application) as url:
        await workspace.use_request_url(url)
        yield


async def test_a_signed_command_is_answered_by_json_or_text(workspace: Workspace) -> None:
    app = make_app(workspace)

    @app.command("/pvo")
    async def pvo(ack: Any, command: Json) -> None:
        await (ack(command["text"]) if command["text"] == "text" else ack(text="json", blocks=[]))

    async with reached(workspace, app):
        await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo text")
        await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo json")
    assert notes(workspace) == ["text", "json"]


async def test_buttons_modals_and_shortcuts_go_through(workspace: Workspace) -> None:
    app, seen = make_app(workspace), []

    @app.action("pvo.recheck")
    async def recheck(ack: Any, body: Json) -> None:
        seen.append(body["type"])
        await ack()

    @app.view("pvo.share")
    async def share(ack: Any, view: Json) -> None:
        reason = view["state"]["values"]["why"]["reason"]["value"]
        await (ack() if reason else ack(response_action="errors", errors={"why": "Give a reason."}))

    @app.shortcut("pvo.check-site")
    async def check(ack: Any, body: Json) -> None:
        seen.append(body["message"]["text"])
        await ack()

    async with reached(workspace, app):
        card = workspace.state.messages.post(Message("C0OPS", "U0BOT", "site-a", CARD))
        await workspace.people.press("U0OPERATOR", card.ts, Touch("pvo.recheck"))
        await workspace.people.use_shortcut("U0OPERATOR", card.ts, "pvo.check-site")
        view = workspace.state.views.open("U0OPERATOR", MODAL)
        assert await workspace.people.submit(view.id) == {"why": "Give a reason."}
        assert await workspace.people.submit(view.id, {"why": {"reason": {"value": "night"}}}) == {}
    assert seen == ["block_actions", "site-a"]
    assert not notes(workspace)


async def test_an_event_that_is_refused_comes_again_with_its_reason(workspace: Workspace) -> None:
    tries: list[tuple[str | None, str | None, str]] = []

    def answer(request: web.Request, body: Json) -> web.Response:
        headers = request.headers
        again = headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason")
        tries.append((*again, body["event_id"]))
        workspace.state.feed.publish({"type": "tried"})
        return web.Response(status=200 if len(tries) == 3 else 500)

    async with scripted(workspace, answer):
        assert not await workspace.people.open_home("U0OPERATOR")
        await until(workspace, lambda: len(tries) == 3)
    assert [entry[:2] for entry in tries] == [(None, None), ("1", "http_error"), ("2", "http_error")]
    assert len({entry[2] for entry in tries}) == 1


async def test_an_app_can_decline_retries(workspace: Workspace) -> None:
    tries: list[Json] = []

    def answer(request: web.Request, body: Json) -> web.Response:
        tries.append(body)
        return web.Response(status=503, headers={"x-slack-no-retry": "1"})

    async with scripted(workspace, answer):
        assert not await workspace.people.open_home("U0OPERATOR")
        assert not await workspace.people.open_home("U0OPERATOR")
    assert len(tries) == 2


@pytest.mark.parametrize(("status", "error"), [(401, "http_client_error"), (500, "http_service_error")])
async def test_a_refusal_is_shown_to_who_typed(workspace: Workspace, status: int, error: str) -> None:
    async with scripted(workspace, lambda *_: web.Response(status=status)):
        await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo help")
    assert notes(workspace) == [f"/pvo failed with the error {error}"]


async def test_nobody_there_is_a_failed_dispatch(workspace: Workspace) -> None:
    async with scripted(workspace, lambda *_: web.Response()):
        pass
    await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo help")
    assert notes(workspace) == ["/pvo failed with the error dispatch_failed"]


async def test_a_url_is_taken_only_when_it_gives_the_challenge_back(workspace: Workspace) -> None:
    async def silent(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    application = web.Application()
    application.add_routes([web.post("/slack/events", silent)])
    async with serving(application) as url:
        with pytest.raises(ValueError, match="challenge"):
            await workspace.use_request_url(url)
    with pytest.raises(ValueError, match="on this machine"):
        await workspace.use_request_url("https://192.0.2.1/slack/events")
    assert not workspace.state.request_url


async def test_the_apps_own_signature_check_and_ssl_check(workspace: Workspace) -> None:
    app = make_app(workspace)
    async with reached(workspace, app):
        await workspace.check_certificate()
        other = Workspace()
        other.state.request_url = workspace.state.request_url
        await other.people.open_home("U0OPERATOR")
        await other.stop()
    assert [kept["status"] for kept in other.state.wire.summaries()] == ["http_client_error"]
