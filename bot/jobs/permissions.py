"""Questions of workers for the permission to send a first line, and the apps' answers; both live for seconds.

pvo:permissions            list    questions, by their names
pvo:permission:QUESTION    string  the question, while it waits
pvo:permitted:QUESTION     list    the answer
"""

from collections.abc import AsyncIterator, Awaitable
from typing import Any, cast

import structlog
from pydantic import ValidationError
from redis.exceptions import RedisError

from bot.jobs.redis import BLOCKING, Client
from bot.jobs.state import unavailable
from bot.model.remediation import Ask, Permission
from bot.remediation.permission import ticks

_ANSWER_SECONDS = 15
_QUESTIONS = "pvo:permissions"

log = structlog.get_logger()


class RedisPermissions:
    """The port `Permissions`, over a patient connection; and `ask` for workers."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def ask(self, ask: Ask, seconds: float) -> Permission | None:
        """The answer, not checked; None when none comes in so many seconds. Raises `StateUnavailable`."""
        waits = round(1000 * seconds)
        await self._do(self._client.set(_question(ask.question), ask.model_dump_json(), px=waits))
        await self._do(self._client.rpush(_QUESTIONS, ask.question))
        end = ticks() + seconds
        while (left := end - ticks()) > 0:
            if found := await self._do(self._client.blpop([_answer(ask.question)], min(left, BLOCKING))):
                permission: Permission | None = _read(Permission, found[1], _answer(ask.question))
                return permission
        return None

    async def asked(self) -> AsyncIterator[Ask]:
        while True:
            found = await self._do(self._client.blpop([_QUESTIONS], BLOCKING))
            if not found:
                continue
            key = _question(found[1].decode(errors="replace"))
            text = await self._do(self._client.getdel(key))
            if text and (ask := _read(Ask, text, key)):
                yield ask

    async def answer(self, permission: Permission) -> None:
        key = _answer(permission.question)
        await self._do(self._client.rpush(key, permission.model_dump_json()))
        await self._do(self._client.expire(key, _ANSWER_SECONDS))

    async def _do(self, doing: Any) -> Any:
        try:
            return await cast(Awaitable[Any], doing)
        except (RedisError, OSError) as error:
            raise unavailable(error) from error


def _question(name: str) -> str:
    return f"pvo:permission:{name}"


def _answer(name: str) -> str:
    return f"pvo:permitted:{name}"


def _read(kind: Any, text: bytes, key: str) -> Any:
    try:
        return kind.model_validate_json(text)
    except ValidationError:
        log.error("permission.unreadable", key=key)
        return None
