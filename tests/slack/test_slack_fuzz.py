"""Signed payloads of any shape: each is answered, nobody unknown gets anything done, and the app goes on."""

import asyncio
import copy
import http.client
import itertools
import json
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.slack.handlers.start import SHORTCUT, START
from bot.slack.views.card import DETAILS, RECHECK, SHARE
from bot.slack.views.request import APPROVE, REJECT
from bot.slack.views.thread import FIX
from bot.slack.wire.http import sign
from tests.slack.office import Office

_NUMBERS = itertools.count()
STRANGER = "U0STRANGER"
WHO = {
    "team": {"id": "T0LOCAL"},
    "user": {"id": STRANGER, "team_id": "T0LOCAL"},
    "api_app_id": "A111",
    "token": "x",
}
WHERE = {
    "channel": {"id": "C0OPS", "name": "ops"},
    "trigger_id": "1.2.x",
    "response_url": "http://127.0.0.1:9/r",
}
PRESSED = {
    "container": {"type": "message", "message_ts": "1.2", "channel_id": "C0OPS"},
    "message": {"ts": "1.2"},
}


def press(action: str) -> dict[str, Any]:
    actions = [{"type": "button", "action_id": action, "block_id": "b", "value": "01J", "action_ts": "1.3"}]
    return {"type": "block_actions", **WHO, **WHERE, **PRESSED, "state": {"values": {}}, "actions": actions}


def submit(callback: str) -> dict[str, Any]:
    chosen = {"to": {"channel": {"type": "conversations_select", "selected_conversation": "C0OPS"}}}
    view = {"id": "V1", "type": "modal", "callback_id": callback, "private_metadata": "site-a", "hash": "1.a"}
    return {
        "type": "view_submission",
        **WHO,
        "view": view | {"state": {"values": chosen}},
        "response_urls": [],
    }


COMMAND = WHERE | {"command": "/pvo", "text": "check site-a", "user_id": STRANGER, "channel_id": "C0OPS"}
SHORT = {"type": "message_action", "callback_id": SHORTCUT, **WHO, **WHERE, "message": {"text": "site-a"}}
OPENED = {"type": "app_home_opened", "user": STRANGER, "channel": "D0X", "tab": "home"}
EVENT = {"type": "event_callback", "team_id": "T0LOCAL", "event_id": "Ev1", "event": OPENED}
BUTTONS = (RECHECK, DETAILS, SHARE, FIX, APPROVE, REJECT, START, "pvo.nothing")
INTERACTIONS = [*map(press, BUTTONS), *map(submit, (SHARE, FIX, APPROVE, REJECT, START)), SHORT]

scalars = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=40) | st.sampled_from(["site-a", "C0OPS"])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def spoiled(draw: st.DrawFn, payloads: list[dict[str, Any]]) -> dict[str, Any]:
    """A payload of Slack's in which up to three things are something else, or missing."""
    payload: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(payloads)))
    for _ in range(draw(st.integers(0, 3))):
        place: Any = payload
        while place:
            key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
            if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
                place = place[key]
                continue
            if draw(st.booleans()):
                place[key] = draw(anything)
            else:
                del place[key]
            break
    return payload


def as_form(payload: dict[str, Any]) -> bytes:
    return urlencode(
        {key: value if isinstance(value, str) else json.dumps(value) for key, value in payload.items()}
    ).encode()


bodies = st.one_of(
    spoiled([COMMAND]).map(lambda payload: ("application/x-www-form-urlencoded", as_form(payload))),
    spoiled(INTERACTIONS).map(
        lambda payload: (
            "application/x-www-form-urlencoded",
            urlencode({"payload": json.dumps(payload)}).encode(),
        )
    ),
    spoiled([EVENT]).map(lambda payload: ("application/json", json.dumps(payload).encode())),
    st.tuples(
        st.sampled_from(["application/json", "application/x-www-form-urlencoded", "x"]),
        st.binary(max_size=60),
    ),
)


def send(url: str, secret: str, kind: str, body: bytes) -> int:
    """The status of the answer to a signed request."""
    # The same request twice within a second would be taken for a replay, and not looked at.
    parts, stamp = urlsplit(url), str(int(time.time()) - next(_NUMBERS) % 250)
    headers = {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": sign(secret, stamp, body),
    }
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request("POST", parts.path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


async def test_whatever_comes_is_answered_and_gets_a_stranger_nothing(office: Office) -> None:
    statuses: set[int] = set()

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(bodies)
    def attack(sent: tuple[str, bytes]) -> None:
        status = send(url, office.workspace.signing_secret, *sent)
        statuses.add(status)
        assert status < 500

    async with office.app(http=True) as url:
        await asyncio.to_thread(attack)
        await office.workspace.use_request_url(url)
        card = await office.check()
        assert office.cards() == [card]
    assert 200 in statuses
    assert await office.redis.zcard("pvo:open") == 1
    assert not [row async for row in office.stores.audit.rows() if row.event not in ("refused",)]  # type: ignore[attr-defined]
