"""HTTP mode: commands, interactions and events as signed requests to the app's Request URL."""

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from ipaddress import ip_address
from urllib.parse import urlencode, urlsplit

import aiohttp

from bot.lab.workspace.errors import Json
from bot.lab.workspace.people import VERIFICATION
from bot.lab.workspace.state import State
from bot.lab.workspace.transport import Retry, Undelivered

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def _body(kind: str, payload: Json) -> tuple[bytes, str]:
    if kind == "events_api":
        return json.dumps(payload).encode(), JSON
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), FORM


class HttpMode:
    """Posts to one Request URL on this machine; every request is signed anew."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._session: aiohttp.ClientSession | None = None

    async def deliver(
        self, kind: str, payload: Json, accepts_response: bool, retry: Retry | None = None
    ) -> Json:
        """Sends one request and returns what its answer carries; Undelivered when it was none in time."""
        body, content_type = _body(kind, payload)
        headers = {"Content-Type": content_type}
        if retry:
            headers |= {"x-slack-retry-num": str(retry.number), "x-slack-retry-reason": retry.reason}
        weather = self._state.weather
        try:
            async with asyncio.timeout(self._state.settings.ack_seconds):
                if weather.strikes("doubled_envelopes"):
                    await self._post(body, headers)
                answer = await self._post(body, headers)
                if weather.strikes("lost_acks"):
                    await asyncio.Event().wait()
        except TimeoutError:
            raise Undelivered("operation_timeout", "http_timeout") from None
        except aiohttp.ClientError:
            raise Undelivered("dispatch_failed", "connection_failed") from None
        return answer if accepts_response else {}

    async def _post(self, body: bytes, headers: dict[str, str]) -> Json:
        url = self._state.request_url
        async with self._opened().post(
            url, data=body, headers=headers | self._signature(body), allow_redirects=False
        ) as answer:
            if not answer.ok or answer.status >= 300:
                code = "http_service_error" if answer.status >= 500 else "http_client_error"
                again = answer.headers.get("x-slack-no-retry") != "1"
                raise Undelivered(code, "http_error", again=again)
            return _carried(await answer.text(), answer.content_type)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    def _signature(self, body: bytes) -> dict[str, str]:
        now = str(int(time.time()))
        secret = self._state.settings.signing_secret.encode()
        digest = hmac.new(secret, b"v0:" + now.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": f"v0={digest}"}

    async def verify(self) -> None:
        """Asks the Request URL to give a challenge back, as at registration; ValueError in words when it does not."""
        url = urlsplit(self._state.request_url)
        if url.hostname != "localhost" and not ip_address(url.hostname or "0.0.0.0").is_loopback:
            raise ValueError("The Request URL must be on this machine.")
        challenge = secrets.token_hex(16)
        payload = {"type": "url_verification", "token": VERIFICATION, "challenge": challenge}
        body, content_type = _body("events_api", payload)
        try:
            async with asyncio.timeout(self._state.settings.ack_seconds):
                answer = await self._post(body, {"Content-Type": content_type})
        except (TimeoutError, aiohttp.ClientError, Undelivered) as failure:
            raise ValueError(f"The Request URL did not answer as it should: {failure!r}.") from None
        if challenge not in (answer.get("challenge"), answer.get("text")):
            raise ValueError("The Request URL did not give the challenge back.")

    async def check_certificate(self) -> None:
        """The occasional `ssl_check` that commands' URLs receive; Undelivered unless it is answered with 200."""
        body = urlencode({"ssl_check": 1, "token": VERIFICATION}).encode()
        await self._post(body, {"Content-Type": FORM})

    async def close(self) -> None:
        """Ends the connections to the app."""
        if self._session:
            await self._session.close()
            self._session = None


def _carried(text: str, content_type: str) -> Json:
    if content_type == JSON and text.strip():
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        return answer if isinstance(answer, dict) else {}
    return {"text": text} if text.strip() else {}
