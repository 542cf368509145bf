"""The Web API: one door for all methods, which checks token, scope and rate before anything else."""

import asyncio
import time

from aiohttp import web

from bot.lab.workspace.api.arguments import Arguments, read_arguments, read_token
from bot.lab.workspace.api.methods import METHODS, Method
from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.limits import TIERS
from bot.lab.workspace.replies import post_reply
from bot.lab.workspace.socketmode import SocketMode
from bot.lab.workspace.state import State
from bot.lab.workspace.wire import Exchange

STORES = ("chat.postMessage", "files.completeUploadExternal")


class WebApi:
    """Answers `/api/METHOD`, `/response/SECRET` and uploads."""

    def __init__(self, state: State, sockets: SocketMode) -> None:
        self._state = state
        self._methods = METHODS | {
            "apps.connections.open": Method(
                lambda state, _: {
                    "url": f"{state.url.replace('http', 'ws', 1)}link/?ticket={sockets.issue_ticket()}"
                },
                "connections:write",
                TIERS[1],
                caller="app",
            )
        }

    def routes(self) -> list[web.RouteDef]:
        """What to mount on the server."""
        return [
            web.route("*", "/api/{method}", self._call),
            web.post("/response/{secret}", self._respond),
            web.post("/upload/{file}", self._upload),
        ]

    async def _call(self, request: web.Request) -> web.Response:
        name, weather, started = request.match_info["method"], self._state.weather, time.monotonic()
        headers: dict[str, str] = {}
        arguments = Arguments({})
        try:
            arguments = await read_arguments(request)
            answer, status = {"ok": True} | self._run(name, arguments, request, headers), 200
        except SlackError as refusal:
            answer, status = refusal.to_json(), 200 if refusal.retry_after is None else 429
            headers |= {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
        if weather.knobs.slow_seconds:
            await asyncio.sleep(weather.knobs.slow_seconds)
        lost = answer["ok"] and name in STORES and weather.strikes("resets_after_storing")
        outcome = "connection reset" if lost else "ok" if answer["ok"] else str(answer["error"])
        seconds = time.monotonic() - started
        self._state.wire.record(Exchange("call", name, outcome, seconds, arguments.everything(), answer))
        if lost and request.transport:
            request.transport.abort()
        return web.json_response(answer, status=status, headers=headers)

    def _run(self, name: str, arguments: Arguments, request: web.Request, headers: dict[str, str]) -> Json:
        method = self._methods.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        if self._state.weather.strikes("too_many_requests"):
            raise SlackError("ratelimited", retry_after=1)
        self._admit(name, method, read_token(request, arguments))
        answer = method.run(self._state, arguments)
        if scopes := self._scopes(method):
            headers["x-oauth-scopes"] = ",".join(scopes)
        return answer

    def _scopes(self, method: Method) -> tuple[str, ...]:
        settings = self._state.settings
        return {"bot": settings.scopes, "app": settings.app_scopes}.get(method.caller, ())

    def _admit(self, name: str, method: Method, token: str) -> None:
        if method.caller == "anyone":
            return
        settings = self._state.settings
        tokens = {"bot": settings.bot_token, "app": settings.app_token}
        if not token:
            raise SlackError("not_authed")
        if token not in tokens.values():
            raise SlackError("invalid_auth")
        if token != tokens[method.caller]:
            raise SlackError("not_allowed_token_type")
        scopes = self._scopes(method)
        if method.scope and method.scope not in scopes:
            raise SlackError("missing_scope", needed=method.scope, provided=",".join(scopes))
        self._state.limiter.spend(name, method.rate)

    async def _respond(self, request: web.Request) -> web.Response:
        started, body = time.monotonic(), {}
        try:
            body = await _posted(request)
            post_reply(self._state, self._state.permits.use_reply(request.match_info["secret"]), body)
            answer, status = web.Response(text="ok"), "ok"
        except SlackError as refusal:
            gone = refusal.code in ("used_url", "expired_url")
            answer, status = web.json_response(refusal.to_json(), status=404 if gone else 400), refusal.code
        seconds = time.monotonic() - started
        self._state.wire.record(Exchange("call", "response_url", status, seconds, body, answer.text))
        return answer

    async def _upload(self, request: web.Request) -> web.Response:
        try:
            file = self._state.files.find(request.match_info["file"])
        except SlackError as refusal:
            raise web.HTTPNotFound(text=refusal.code) from None
        content = await request.read()
        if len(content) != file.length:
            raise web.HTTPBadRequest(text=f"announced {file.length} bytes, got {len(content)}")
        file.content = content
        sent = f"{len(content)} bytes: {file.name}"
        self._state.wire.record(Exchange("call", "upload", "ok", 0, sent, f"OK - {len(content)}"))
        return web.Response(text=f"OK - {len(content)}")


async def _posted(request: web.Request) -> Json:
    arguments = await read_arguments(request)
    payload = arguments.value("payload")  # a form may wrap everything in one field
    return _message_of(Arguments(payload) if isinstance(payload, dict) else arguments)


def _message_of(arguments: Arguments) -> Json:
    return {
        "text": arguments.text("text"),
        "blocks": arguments.value("blocks", refusal="invalid_blocks_format"),
        "response_type": arguments.text("response_type"),
        "thread_ts": arguments.text("thread_ts") or None,
        "replace_original": arguments.flag("replace_original"),
        "delete_original": arguments.flag("delete_original"),
    }
