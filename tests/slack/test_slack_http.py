"""Signed HTTP: what Slack did not sign gets nothing, what it signed is answered in time and done once."""

import contextlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.lab.workspace import Touch
from bot.slack.wire.http import PATH, Guard, sign
from tests.slack import make
from tests.slack.office import Office
from tests.slack.test_slack_private import receiver

VECTOR = (
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def test_the_signature_is_that_of_slacks_documentation() -> None:
    assert sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", VECTOR.encode()) == SIGNATURE


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, None),
        ({"X-Slack-Signature": "v0=0"}, 401),
        ({"X-Slack-Signature": "v0=ü"}, 401),
        ({"X-Slack-Signature": ""}, 401),
        ({"X-Slack-Request-Timestamp": ""}, 401),
        ({"X-Slack-Request-Timestamp": "yesterday"}, 400),
        ({"X-Slack-Request-Timestamp": "1e3"}, 400),
        ({"X-Slack-Request-Timestamp": "-1"}, 400),
        ({"X-Slack-Request-Timestamp": "9" * 40}, 400),
    ],
)
def test_only_what_slack_signed_gets_in(change: dict[str, str], status: int | None) -> None:
    right = {"X-Slack-Request-Timestamp": "1000", "X-Slack-Signature": sign("s", "1000", b"x")}
    assert Guard("s", lambda: 1000.0).judge(right | change, b"x") == status


@pytest.mark.parametrize(("now", "status"), [(1299, None), (701, None), (1301, 401), (699, 401)])
def test_an_old_or_early_request_is_refused(now: int, status: int | None) -> None:
    right = {"X-Slack-Request-Timestamp": "1000", "X-Slack-Signature": sign("s", "1000", b"x")}
    assert Guard("s", lambda: float(now)).judge(right, b"x") == status


@asynccontextmanager
async def http_app(office: Office) -> AsyncIterator[str]:
    """The app without an app token, and the workspace that sends it requests; its address."""
    async with office.app(http=True) as url:
        await office.workspace.use_request_url(url)
        yield url


async def test_the_whole_way_works_by_http(office: Office) -> None:
    async with http_app(office):
        card = await office.check()
        await office.finish(card, make.report(make.finding()))
        await office.until(lambda: "broken" in card.text)
        await office.workspace.people.press(make.OPERATOR, card.ts, Touch("pvo.recheck"))
        await office.until(lambda: len(office.cards()) == 2)
        assert await office.workspace.people.open_home(make.OPERATOR)
        await office.until(lambda: make.OPERATOR in office.workspace.state.views.homes)
        await office.workspace.check_certificate()
    assert office.workspace.sockets.connections == 0


async def post(office: Office, url: str, body: bytes, **headers: str) -> int:
    stamp = str(int(time.time()))
    signature = sign(office.workspace.signing_secret, stamp, body)
    sent = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    sent |= {"Content-Type": "application/x-www-form-urlencoded"} | headers
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=sent) as answer:
        return answer.status


def command(text: str, trigger: str) -> bytes:
    fields = {"team_id": "T0LOCAL", "channel_id": "C0OPS", "user_id": make.OPERATOR, "command": "/pvo"}
    return urlencode(
        fields | {"text": text, "trigger_id": trigger, "is_enterprise_install": "false"}
    ).encode()


async def test_the_same_request_runs_once_whichever_app_gets_it(office: Office) -> None:
    body = command("check site-a", "1.2.3")
    async with office.app(http=True) as one, office.app(http=True) as other:
        for url in (one, one, other):
            assert await post(office, url, body) == 200
        await office.until(lambda: len(office.cards()) == 1)
        await office.settled(office.cards()[0])
    assert await office.runs.asked(-1) == []
    assert len(office.cards()) == 1


async def test_what_is_unknown_or_broken_is_answered_and_never_an_error_of_the_server(office: Office) -> None:
    unknown = {
        "type": "block_actions",
        "team": {"id": "T0LOCAL"},
        "user": {"id": make.OPERATOR, "team_id": "T0LOCAL"},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "C0OPS"},
        "actions": [{"type": "button", "action_id": "pvo.nothing", "block_id": "b", "value": "x"}],
    }
    async with office.app(http=True) as url:
        assert await post(office, url, urlencode({"payload": json.dumps(unknown)}).encode()) == 200
        assert await post(office, url, b"x", **{"X-Slack-Signature": "v0=0"}) == 401
        assert await post(office, url, b"x", **{"X-Slack-Request-Timestamp": "soon"}) == 400
        for body in (b"\xff\xfe", b"payload=%7Bnot-json", b"payload=%5B1%5D", b""):
            assert 200 <= await post(office, url, body) < 500
            assert 200 <= await post(office, url, body + b" ", **{"Content-Type": "application/json"}) < 500


@pytest.mark.parametrize("depth", [100, 900, 10_000, 100_000])
async def test_what_is_nested_deeply_is_refused_in_a_sentence(office: Office, depth: int) -> None:
    nested = '{"a":' * depth + "1" + "}" * depth
    async with office.app(http=True) as url:
        for body, kind in (
            (nested, "application/json"),
            ("[" * depth + "]" * depth, "application/json"),
            (urlencode({"payload": nested}), "application/x-www-form-urlencoded"),
        ):
            assert 400 <= await post(office, url, body.encode(), **{"Content-Type": kind}) < 500
        assert await post(office, url, command("help", "1.2.4")) == 200


async def test_an_answer_goes_nowhere_but_to_the_workspace(office: Office) -> None:
    async with receiver() as (origin, received), contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(office.app(http=True))
        forged = command("help", "1.2.5") + f"&response_url={origin}/hook".encode()
        assert await post(office, url, forged) == 200
        await stack.aclose()  # the app ends when all that it had in hand is done
    assert received == []


def test_the_path_is_the_one_of_the_contract() -> None:
    assert PATH == "/slack/events"
