"""Questions of workers for the permission to send a first line, and the apps' answers; both live for seconds.

pvo:permissions            list    questions, by their names
pvo:permission:QUESTION    string  the question, while it waits
pvo:permitted:QUESTION     list    the answer
"""

from collections.abc import AsyncIterator

from bot.jobs.redis import BLOCKING
from bot.jobs.state import State
from bot.model.remediation import Ask, Permission
from bot.remediation.permission import ticks

_ANSWER_SECONDS = 15
_QUESTIONS = "pvo:permissions"


class RedisPermissions:
    """The port `Permissions`, over a patient connection; and `ask` for workers. Raises `StateUnavailable`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def ask(self, ask: Ask, seconds: float) -> Permission | None:
        """The answer, not checked; None when none comes in so many seconds."""
        waits, answer = round(1000 * seconds), _answer(ask.question)
        await self._state.ask("SET", _question(ask.question), ask.model_dump_json(), "PX", waits)
        await self._state.ask("RPUSH", _QUESTIONS, ask.question)
        end = ticks() + seconds
        while (left := end - ticks()) > 0:
            if found := await self._state.ask("BLPOP", answer, min(max(left, 0.01), BLOCKING)):
                return await self._state.model(Permission, found[1], answer, found[1])
        return None

    async def asked(self) -> AsyncIterator[Ask]:
        while True:
            if found := await self._state.ask("BLPOP", _QUESTIONS, BLOCKING):
                key = _question(found[1].decode(errors="replace"))
                text = await self._state.ask("GETDEL", key)
                if text and (ask := await self._state.model(Ask, text, key, text)):
                    yield ask

    async def answer(self, permission: Permission) -> None:
        key = _answer(permission.question)
        await self._state.ask("RPUSH", key, permission.model_dump_json())
        await self._state.ask("EXPIRE", key, _ANSWER_SECONDS)


def _question(name: str) -> str:
    return f"pvo:permission:{name}"


def _answer(name: str) -> str:
    return f"pvo:permitted:{name}"
