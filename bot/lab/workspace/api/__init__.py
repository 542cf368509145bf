"""The Web API: one door for all methods, which checks token, scope and rate before anything else."""

from aiohttp import web

from bot.lab.workspace.api.arguments import Arguments, read_arguments, read_token
from bot.lab.workspace.api.methods import METHODS, Method
from bot.lab.workspace.errors import Json, SlackError
from bot.lab.workspace.limits import TIERS
from bot.lab.workspace.replies import post_reply
from bot.lab.workspace.socketmode import SocketMode
from bot.lab.workspace.state import State


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
        name = request.match_info["method"]
        try:
            method = self._methods.get(name)
            if method is None:
                raise SlackError("unknown_method", req_method=name)
            arguments = await read_arguments(request)
            self._admit(name, method, read_token(request, arguments))
            answer = {"ok": True} | method.run(self._state, arguments)
        except SlackError as refusal:
            return _refuse(refusal)
        scopes = self._scopes(method)
        return web.json_response(answer, headers={"x-oauth-scopes": ",".join(scopes)} if scopes else None)

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
        try:
            body = await _posted(request)
            post_reply(self._state, self._state.permits.use_reply(request.match_info["secret"]), body)
        except SlackError as refusal:
            gone = refusal.code in ("used_url", "expired_url")
            return web.json_response(refusal.to_json(), status=404 if gone else 400)
        return web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.Response:
        try:
            file = self._state.files.find(request.match_info["file"])
        except SlackError as refusal:
            raise web.HTTPNotFound(text=refusal.code) from None
        content = await request.read()
        if len(content) != file.length:
            raise web.HTTPBadRequest(text=f"announced {file.length} bytes, got {len(content)}")
        file.content = content
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


def _refuse(refusal: SlackError) -> web.Response:
    if refusal.retry_after is None:
        return web.json_response(refusal.to_json())
    return web.json_response(refusal.to_json(), status=429, headers={"Retry-After": str(refusal.retry_after)})
