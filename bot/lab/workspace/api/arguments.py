"""The arguments of a Web API call, merged from query string, form and JSON body."""

import json
from contextlib import suppress
from typing import Any

from aiohttp import web

from bot.lab.workspace.errors import Json, SlackError


class Arguments:
    """One call's arguments; forms carry structures as JSON strings, so `value` unpacks them."""

    def __init__(self, values: Json) -> None:
        self._values = values

    def everything(self) -> Json:
        """All arguments, with structures that came as JSON strings unpacked."""
        return {name: _unpacked(value) for name, value in self._values.items()}

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str) -> str:
        """A string; absent = empty."""
        value = self._values.get(name)
        return "" if value is None else str(value)

    def value(self, name: str, refusal: str = "invalid_arguments") -> Any:
        """A structure, unpacked when it came as a JSON string; SlackError `refusal` when it is no JSON."""
        value = self._values.get(name)
        if not isinstance(value, str) or not value:
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(refusal) from None

    def flag(self, name: str) -> bool:
        """True for true, "true" and "1"."""
        return str(self._values.get(name)).lower() in ("true", "1")

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number of at least 1, cut at `most`; SlackError `invalid_arguments`."""
        try:
            return min(most, max(1, int(self._values.get(name) or default)))
        except ValueError:
            raise SlackError("invalid_arguments") from None

    def required(self, name: str) -> str:
        """A string that must not be empty; SlackError `invalid_arguments` naming it."""
        value = self.text(name)
        if not value:
            message = f"[ERROR] missing required field: {name}"
            raise SlackError("invalid_arguments", response_metadata={"messages": [message]})
        return value


def _unpacked(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("{", "[")):
        with suppress(ValueError):
            return json.loads(value)
    return value


async def read_arguments(request: web.Request) -> Arguments:
    """Everything the caller sent; a later place wins: query string, form, JSON."""
    values: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        values |= body
    elif request.can_read_body:
        values |= dict(await request.post())
    return Arguments(values)


def read_token(request: web.Request, arguments: Arguments) -> str:
    """The caller's token, from the header or the field `token`; empty when there is none."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else arguments.text("token")
