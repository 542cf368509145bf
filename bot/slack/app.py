"""The Slack app: built from its parts, run by Socket Mode or HTTP until told to stop, then drained."""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiohttp import ClientSession, ClientTimeout
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.knowledge import load
from bot.knowledge.voice import read_ahead
from bot.metrics.meters import SLACK_CONNECTIONS, SLACK_PONG
from bot.model.errors import StateUnavailable, Unusable
from bot.model.inventory import Inventory
from bot.model.presence import RHYTHM, Rhythm
from bot.remediation.seal import Seal
from bot.slack.access import Identity, People
from bot.slack.admission import Admission, take_up
from bot.slack.desk import Ack, Body, Desk, Line, Stores, user_of
from bot.slack.handlers.actions import register_actions
from bot.slack.handlers.approving import register_approving
from bot.slack.handlers.commands import register_commands
from bot.slack.handlers.fixing import register_fixing
from bot.slack.handlers.home import register_home
from bot.slack.handlers.share import register_sharing
from bot.slack.handlers.start import register_starts
from bot.slack.posting.cards import Delivery
from bot.slack.posting.posts import Posts
from bot.slack.posting.replies import Private
from bot.slack.posting.requests import Announcer
from bot.slack.posting.witness import Permits
from bot.slack.texts import DEFAULT
from bot.slack.wire.calls import count_calls
from bot.slack.wire.connections import Counter
from bot.slack.wire.http import Guard, build_server, serving
from bot.slack.wire.preflight import introduce, open_connection
from bot.slack.wire.socket import Backoff, GuardedClient, Pauses, attach_app
from bot.slack.wire.work import Work

log = structlog.get_logger()

PATIENCE = ClientTimeout(total=10, connect=5)
ACKNOWLEDGED, DRAIN = 1.0, 8.0
_ANY = re.compile(".*")


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """The tokens, the address of the Web API (None = Slack's), and what the environment puts in its way.

    Without an app token requests come to `port`, signed with the signing secret. `language` is for people whose
    locale is none of ours. `seal` signs what modals carry. `proxy` names the proxy variable that would catch calls to
    a loopback address; the app refuses to run then.
    """

    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    port: int = 3000
    api_url: str | None = None
    language: str = DEFAULT.language
    proxy: str | None = None
    seal: Seal = field(default_factory=Seal)


async def run_app(
    settings: SlackSettings,
    stores: Stores,
    inventory: Callable[[], Inventory],
    stop: asyncio.Event,
    rhythm: Rhythm = RHYTHM,
) -> None:
    """Serves people and delivers cards until `stop`; raises `Unusable` when a token or the set-up is wrong.

    After `stop` nothing new is taken, and what is in hand has eight seconds to end.
    """
    _refuse_proxy(settings)
    read_ahead()
    async with ClientSession(timeout=PATIENCE, trace_configs=[count_calls()]) as session:
        client = _client(settings, session)
        greeting = await _unless(stop, _greet(settings, client))
        if greeting is None:
            return
        identity, url = greeting
        desk = _furnish(
            settings, identity, (client, _client(settings, session, retries=0)), stores, inventory
        )
        async with _connected(settings, build_app(desk), desk, url, rhythm):
            log.info("app.ready", team=identity.team, bot=identity.user)
            taking_up = take_up(desk.admission, stores.runs, desk.work, stop)
            await _serve(stop, Delivery(desk).run(), Announcer(desk).run(), Permits(desk).run(), taking_up)
            await desk.work.drain(ACKNOWLEDGED)
        left = await desk.work.drain(DRAIN)
        log.info("app.stopped", unfinished=left)


def _refuse_proxy(settings: SlackSettings) -> None:
    if settings.proxy:
        raise Unusable(
            f"SLACK_API_URL is {settings.api_url}, on this machine, and {settings.proxy} is set: the Slack "
            "library would send everything through that proxy. Unset it for this process."
        )


def _client(settings: SlackSettings, session: ClientSession, retries: int = 2) -> AsyncWebClient:
    """A client over the shared session; it never repeats a call of which the answer was lost."""
    handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=retries)] if retries else []
    base = settings.api_url or AsyncWebClient.BASE_URL
    return AsyncWebClient(settings.bot_token, base_url=base, session=session, retry_handlers=[*handlers])


async def _greet(settings: SlackSettings, client: AsyncWebClient) -> tuple[Identity, str]:
    identity = await introduce(client)
    return identity, await open_connection(client, settings.app_token) if settings.app_token else ""


async def _unless(
    stop: asyncio.Event, doing: Coroutine[Any, Any, tuple[Identity, str]]
) -> tuple[Identity, str] | None:
    """The result, or None when `stop` comes first."""
    task, stopping = asyncio.create_task(doing), asyncio.create_task(stop.wait())
    await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if task.done():
        return task.result()
    task.cancel()
    return None


def _furnish(
    settings: SlackSettings,
    identity: Identity,
    clients: tuple[AsyncWebClient, AsyncWebClient],
    stores: Stores,
    inventory: Callable[[], Inventory],
) -> Desk:
    """`clients`: one that waits when Slack says so, and one that leaves that to the budget."""
    patient, direct = clients
    assert patient.session is not None, "all calls share one session"
    people = People(patient, identity, inventory, settings.language)
    private = Private(patient.session, patient.base_url)
    return Desk(
        identity=identity,
        client=patient,
        inventory=inventory,
        stores=stores,
        knowledge=load(),
        people=people,
        private=private,
        posts=Posts(direct, identity, stores.budget),
        admission=Admission(stores.runs, people, private, patient, inventory),
        work=Work(),
        line=Line(socket=bool(settings.app_token)),
        seal=settings.seal,
    )


def build_app(desk: Desk) -> AsyncApp:
    """The bolt app with every handler; no envelope stays unanswered, whatever happens in one."""

    async def authorize() -> AuthorizeResult:
        me = desk.identity
        return AuthorizeResult(
            enterprise_id=me.enterprise,
            team_id=me.team,
            bot_token=desk.client.token,
            bot_id=me.bot,
            bot_user_id=me.user,
        )

    # Bolt warns of tokens in the environment that it will not use; what goes wrong in a handler is logged here.
    logger = logging.getLogger("slack_bolt")
    logger.setLevel(logging.ERROR)
    bare = AsyncWebClient(base_url=desk.client.base_url, session=desk.client.session)
    app = AsyncApp(
        name="pvo",
        logger=logger,
        client=bare,
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,  # `http` does it, and answers malformed time stamps too
        ignoring_self_events_enabled=False,  # nothing here listens to messages
        attaching_function_token_enabled=False,
    )
    for register in (
        *(register_commands, register_sharing, register_home, register_starts),
        *(register_fixing, register_approving, register_actions),
    ):
        register(app, desk)
    _register_rest(app, desk)
    return app


def _register_rest(app: AsyncApp, desk: Desk) -> None:
    async def refuse_command(ack: Ack, body: Body) -> object:
        voice = desk.people.known_voice(user_of(body)) or DEFAULT
        return await ack(voice.say("command.foreign", command=str(body.get("command"))))

    async def acknowledge(ack: Ack) -> object:
        return await ack()

    async def fail(error: Exception) -> BoltResponse:
        log.error("slack.handler-failed", exc_info=error)
        return BoltResponse(status=200, body=DEFAULT.say("failed"))

    app.command(_ANY)(refuse_command)
    for matcher in (app.view, app.view_closed, app.shortcut, app.event, app.options):
        matcher(_ANY)(acknowledge)
    app.error(fail)


@contextlib.asynccontextmanager
async def _connected(
    settings: SlackSettings, app: AsyncApp, desk: Desk, url: str, rhythm: Rhythm
) -> AsyncIterator[None]:
    if not settings.app_token:
        desk.work.start(_count_no_more(desk))
        server = build_server(app, Guard(settings.signing_secret), desk.work)
        async with serving(server, settings.port) as port:
            log.info("http.listening", port=port)
            yield
        return

    def note(connections: int) -> None:
        desk.line.connections = connections
        SLACK_CONNECTIONS.set(connections)

    socket = GuardedClient(settings.app_token, desk.client, Backoff(Pauses()), greeted=note)
    attach_app(socket, app, desk.work)
    SLACK_PONG.follow(lambda: float(socket.last_ping_pong_time or 0))
    socket.wss_uri = url
    counter = Counter(desk.stores.presence, desk.line, socket.is_connected, socket.count_connections, rhythm)
    await counter.begin()
    tasks = [asyncio.create_task(socket.connect()), asyncio.create_task(counter.keep())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await socket.close()
        await counter.end()


async def _count_no_more(desk: Desk) -> None:
    """By HTTP there is nothing to count, and a former count must not pause remediations."""
    try:
        await desk.stores.presence.count_no_more()
    except StateUnavailable as error:
        log.warning("headcount.refused", error=str(error))


async def _serve(stop: asyncio.Event, *endless: Coroutine[Any, Any, None]) -> None:
    """Runs the loops until `stop`; the first one that fails ends them all and is raised."""
    tasks = [asyncio.create_task(loop) for loop in endless]
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait((stopping, *tasks), return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, *tasks):
        task.cancel()
    await asyncio.wait((stopping, *tasks), timeout=DRAIN)
    for task in done:
        if not task.cancelled() and (error := task.exception()):
            raise error
