"""Signed HTTP instead of Socket Mode: requests that Slack did not sign, or signed long ago, get no further."""

import hashlib
import hmac
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.async_app import AsyncBoltRequest

from bot.http_server import listening
from bot.model.errors import Unusable
from bot.slack.wire.envelope import arrived
from bot.slack.wire.work import Work

log = structlog.get_logger()

PATH = "/slack/events"
OLDEST = 300
BODY_BYTES = 2 * 1024 * 1024
REMEMBERED = 20_000
MALFORMED = (ValueError, AttributeError, TypeError, LookupError, RecursionError)
"""What bolt raises for a body that is signed, and yet of no known shape."""
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a request, as Slack's documentation defines it."""
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return f"v0={digest.hexdigest()}"


class Guard:
    """Tells what is wrong with a request, and whether it was let in before."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._clock = clock
        self._seen: OrderedDict[str, None] = OrderedDict()

    def judge(self, headers: Mapping[str, str], body: bytes) -> int | None:
        """The HTTP status of a refusal; None when Slack signed the request within the last five minutes."""
        timestamp = headers.get("X-Slack-Request-Timestamp", "")
        signature = headers.get("X-Slack-Signature", "")
        if not timestamp or not signature:
            return 401
        if not _TIMESTAMP.fullmatch(timestamp):
            return 400
        if abs(self._clock() - int(timestamp)) > OLDEST:
            return 401
        expected = sign(self._secret, timestamp, body)
        return None if hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")) else 401

    def replayed(self, headers: Mapping[str, str]) -> bool:
        """Whether this very request came before; what another app let in is known by its trigger, in Redis."""
        signature = headers["X-Slack-Signature"]
        if signature in self._seen:
            return True
        self._seen[signature] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return False


def build_server(app: AsyncApp, guard: Guard, work: Work) -> web.Application:
    """The aiohttp application that hands Slack's requests to bolt."""

    async def receive(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if (status := guard.judge(request.headers, body)) is not None:
            log.warning("slack.request-refused", status=status)
            return web.Response(status=status, text="This request is not signed by Slack, or not any more.")
        if guard.replayed(request.headers):
            log.warning("slack.request-replayed")
            return web.Response(text="")
        with work.here():
            return await _dispatch(app, request, body)

    server = web.Application(client_max_size=BODY_BYTES)
    server.add_routes([web.post(PATH, receive)])
    return server


async def _dispatch(app: AsyncApp, request: web.Request, body: bytes) -> web.StreamResponse:
    try:
        asked = AsyncBoltRequest(
            body=body.decode(), query=request.query_string, headers=dict(request.headers)
        )
        # What goes wrong in a handler ends in the app's own answer: what is raised here is bolt's.
        with arrived(asked.body):
            answer = await app.async_dispatch(asked)
    except MALFORMED as error:
        log.warning("slack.request-malformed", error=type(error).__name__)
        return web.Response(status=400, text="This is not what Slack sends.")
    return await to_aiohttp_response(answer)


@asynccontextmanager
async def serving(server: web.Application, port: int) -> AsyncIterator[int]:
    """Serves on all addresses until the end; the port, also when 0 asked for any. `Unusable` when it is taken."""
    async with AsyncExitStack() as stack:
        try:
            listened = await stack.enter_async_context(listening(server, None, port))
        except OSError as error:
            raise Unusable(
                f"PORT {port} cannot be listened on: {error.strerror}. Set another PORT."
            ) from None
        yield listened
