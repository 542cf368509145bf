"""A connection that no live app has: it is noticed, remediations pause, and go on when it is gone."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientError, ClientSession
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.jobs.examine import examine_redis
from bot.jobs.presence import RedisPresence
from bot.jobs.state import State
from bot.lab.workspace import Workspace, WorkspaceSettings
from bot.metrics.meters import SLACK_STRANGERS
from bot.model.errors import NotAllowed
from bot.model.presence import Headcount, Rhythm
from bot.model.remediation import RemediationState
from bot.slack.views.plan import plan_of
from bot.slack.wire.socket import MOST_CONNECTIONS, Backoff, GuardedClient, Pauses
from tests.remediation.theatre import press_of
from tests.slack import make
from tests.slack.committee import FIRST, SECOND, committee_in, said
from tests.slack.office import Office

AT_ONCE = Rhythm(sign=0.05, grace=0.0)


@asynccontextmanager
async def stranger(workspace: Workspace) -> AsyncIterator[None]:
    """Somebody with the app token, who listens and answers nothing."""
    web = AsyncWebClient(base_url=workspace.api_url)
    opened = await web.apps_connections_open(app_token=workspace.app_token)
    async with ClientSession() as session, session.ws_connect(str(opened["url"])) as socket:
        await socket.receive_json()
        yield


async def count_now(office: Office) -> Headcount:
    """Has the app count, and waits until it has."""
    presence = RedisPresence(State(office.redis))
    await office.redis.hset("pvo:headcount", mapping={"due": 0, "at": 0})  # type: ignore[misc]
    async with asyncio.timeout(30):
        while not ((found := await presence.headcount()) and found.age < 3600):  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.01)
    return found


async def told_by_doctor(redis_url: str) -> list[tuple[str, str]]:
    lines = await examine_redis(redis_url, lambda: dt.datetime.now(dt.UTC))
    return [(line.condition, line.says) for line in lines if line.subject == "live apps"]


async def test_a_stranger_pauses_approvals_until_it_is_gone(office: Office, redis_url: str) -> None:
    async with committee_in(office, rhythm=AT_ONCE) as committee:
        request = await committee.request()
        requested = await committee.of(request)
        remediation, shown = requested.id, plan_of(requested).shown
        press = press_of(FIRST, request.channel, request.ts).model_copy(update={"shown": shown})
        stores = office.stores.remediations
        assert (await count_now(office)).doubt is None
        assert (await told_by_doctor(redis_url))[0][0] == "ok"
        with capture_logs() as logs:
            async with stranger(office.workspace):
                found = await count_now(office)
                assert (found.connections, found.apps, found.strange) == (2, 1, True)
                with pytest.raises(
                    NotAllowed, match="counts 2 connections with our app token, and 1 of our apps"
                ):
                    await stores.consider(remediation, press, "approve")
                with pytest.raises(NotAllowed, match="pvo changes nothing until that is over"):
                    await stores.approve(remediation, press)
                assert await stores.consider(remediation, press, "reject"), "saying no is always possible"
                assert (await told_by_doctor(redis_url))[0][0] == "wrong"
                await logged(logs, "slack.strange-connection")
                assert SLACK_STRANGERS._value.get() == 1
            assert (await count_now(office)).doubt is None
            await logged(logs, "slack.strange-connection-gone")
        assert [row.actor for row in await committee.rows("refused")] == [FIRST, FIRST]
        assert "still needs 1 approval" in said(await committee.decide(FIRST, request))
        await committee.decide(SECOND, request)
        assert (await committee.of(request)).state is RemediationState.QUEUED


async def logged(logs: Sequence[Mapping[str, object]], event: str) -> None:
    async with asyncio.timeout(30):
        while event not in [line["event"] for line in logs]:  # noqa: ASYNC110 - the app's own loop
            await asyncio.sleep(0.01)


async def test_two_apps_are_no_strangers_to_each_other_and_leave_when_they_stop(office: Office) -> None:
    async with office.app(rhythm=AT_ONCE):
        async with office.app(rhythm=AT_ONCE):
            found = await count_now(office)
            assert (found.connections, found.apps, found.doubt) == (2, 2, None)
        found = await count_now(office)
        assert (found.connections, found.apps, found.doubt) == (1, 1, None)


async def test_by_http_nothing_is_counted_and_a_former_count_pauses_nothing(office: Office) -> None:
    presence = RedisPresence(State(office.redis))
    await presence.note_count(1, AT_ONCE)
    async with office.app(http=True), asyncio.timeout(30):
        while await presence.headcount() is not None:  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.01)


async def test_health_says_that_fixes_are_paused(office: Office) -> None:
    async with office.app(rhythm=AT_ONCE):
        async with stranger(office.workspace):
            await count_now(office)
        # The stranger is gone, and no longer takes commands; the next count is minutes away.
        await office.workspace.people.type(make.OPERATOR, "C0OPS", "/pvo health")
        ephemerals = office.workspace.state.messages.ephemerals
        await office.until(
            lambda: "fixes are paused" in json.dumps([one.blocks for one in ephemerals(make.OPERATOR)])
        )


@asynccontextmanager
async def client_of(workspace: Workspace, heard: list[str]) -> AsyncIterator[GuardedClient]:
    """A connected client that acknowledges and notes everything."""

    async def handle(socket: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        heard.append(request.envelope_id)
        await socket.send_socket_mode_response(SocketModeResponse(request.envelope_id))

    web = AsyncWebClient(workspace.bot_token, base_url=workspace.api_url)
    client = GuardedClient(workspace.app_token, web, Backoff(Pauses()))
    client.socket_mode_request_listeners.append(handle)
    await client.connect()
    try:
        yield client
    finally:
        await client.close()


async def test_what_comes_by_the_look_is_handled_like_anything_else() -> None:
    """Slack gives each command to one connection, and may choose the one that only came to count."""
    heard: list[str] = []
    async with Workspace() as workspace, client_of(workspace, heard) as client:
        typing: list[asyncio.Task[None]] = []
        greet = workspace.sockets._hello

        def greet_and_send() -> dict[str, object]:
            lines = [workspace.people.type("U0OPERATOR", "C0OPS", "/pvo help") for _ in range(2)]
            typing.extend(map(asyncio.create_task, lines))  # one for each connection
            return greet()

        workspace.sockets._hello = greet_and_send  # type: ignore[method-assign]
        assert await client.count_connections() == 1
        await asyncio.gather(*typing)
        told = [message.text for message in workspace.state.messages.ephemerals("U0OPERATOR")]
    assert len(heard) == 2
    assert not any("operation_timeout" in text for text in told), told


async def test_a_full_house_counts_as_full() -> None:
    async with Workspace(WorkspaceSettings(connections=1)) as workspace, client_of(workspace, []) as client:
        assert await client.count_connections() == MOST_CONNECTIONS


async def test_who_is_not_greeted_cannot_count() -> None:
    async with Workspace() as workspace, client_of(workspace, []) as client:
        workspace.sockets._hello = lambda: {"type": "else"}  # type: ignore[method-assign]
        with pytest.raises(ClientError):
            await client.count_connections()
