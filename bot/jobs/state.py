"""Our state in Redis: one Lua script in parts, whose functions each happen at once, and the hashes it leaves.

What stands there and cannot be read is set aside (`guard.lua`), logged once, and from then on counts as absent.
"""

from contextlib import suppress
from importlib.resources import files
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel, ValidationError
from redis.exceptions import ReadOnlyError, RedisError, ResponseError

from bot.jobs.redis import Client
from bot.model.errors import StateUnavailable

RUN_SECONDS = 86_400
_HISTORY_SECONDS = 180 * 86_400
_REMEDY_SECONDS = 30 * 86_400
_SEEN_SECONDS = 3_600
_CARD_PAUSE = 1_000  # ms between two edits of one card while its run goes on
_JOB_PAUSE = 2_000  # ms after which a run that nobody carries out gets a job
_UNREADABLE_SECONDS = 30 * 86_400
_GUARD, _ASK = "guard.lua", "ask.lua"
_PARTS = ("state.lua", "watch.lua", "budget.lua", "remedies.lua", "presence.lua")
_CALL = "local answer = api[ARGV[1]](unpack(ARGV, 2))\nreturn {aside, answer}"

PREFIX = "pvo:"
UNREADABLE = "pvo:unreadable"

M = TypeVar("M", bound=BaseModel)

log = structlog.get_logger()


class State:
    """What the script keeps, over one connection; runs and cards go `run_seconds` after their last change."""

    def __init__(self, client: Client, run_seconds: int = RUN_SECONDS, prefix: str = PREFIX) -> None:
        """Another `prefix` than the product's is for whoever tries the script out."""
        settings = {
            "RUN_SECONDS": run_seconds,
            "SEEN_SECONDS": _SEEN_SECONDS,
            "CARD_PAUSE": _CARD_PAUSE,
            "JOB_PAUSE": _JOB_PAUSE,
            "HISTORY_SECONDS": _HISTORY_SECONDS,
            "REMEDY_SECONDS": _REMEDY_SECONDS,
            "UNREADABLE_SECONDS": _UNREADABLE_SECONDS,
        }
        head = "".join(f"local {name} = {value}\n" for name, value in settings.items())
        self._client = client
        self._script, self._ask = (
            client.register_script(
                "\n".join([head, *map(_read, (_GUARD, *parts)), _CALL]).replace(f"'{PREFIX}", f"'{prefix}")
            )
            for parts in (_PARTS, (_ASK,))
        )

    async def call(self, function: str, *arguments: str | int | bytes) -> Any:
        """Calls a function of the script, in one round trip; raises `StateUnavailable`."""
        try:
            script = self._ask if function == "ask" else self._script
            aside, *answer = await script(args=[function, *arguments])
        except (RedisError, OSError) as error:
            raise await self._unavailable(error) from error
        for name, why in aside:
            log.error("state.unreadable", key=_plain(name), why=_plain(why))
        return answer[0] if answer else None

    async def ask(self, command: str, key: str, *arguments: str | int | float) -> Any:
        """The answer to a command about a key; one of another type is set aside. Raises `StateUnavailable`."""
        try:
            return await self._execute(command, key, *arguments)
        except ResponseError as error:
            if not str(error).startswith("WRONGTYPE"):
                raise await self._unavailable(error) from error
        except (RedisError, OSError) as error:
            raise await self._unavailable(error) from error
        # No server lets a script wait: there a list is looked at otherwise.
        looking = ("LLEN", key) if command == "BLPOP" else (command, key, *map(str, arguments))
        await self.call("look", *looking)
        try:
            return await self._execute(command, key, *arguments)
        except (RedisError, OSError) as error:
            raise await self._unavailable(error) from error

    async def read(self, key: str) -> dict[str, str]:
        """The hash at `key`, empty when there is none; raises `StateUnavailable`."""
        return {_plain(name): _plain(value) for name, value in (await self.ask("HGETALL", key)).items()}

    async def models(self, kind: type[M], key: str) -> dict[str, M]:
        """The fields of the hash at `key`, each JSON of a `kind`; raises `StateUnavailable`."""
        found = {}
        for name, text in (await self.ask("HGETALL", key)).items():
            if (model := await self.model(kind, text, key, name)) is not None:
                found[_plain(name)] = model
        return found

    async def model(self, kind: type[M], text: bytes, key: str, member: str | bytes) -> M | None:
        """The `kind` that a text is; None for a member of `key` that is none and was set aside."""
        try:
            return kind.model_validate_json(text)
        except ValidationError:
            await self.set_aside(key, f"not {kind.__name__}", member, text)
            return None

    async def set_aside(self, key: str, why: str, *member: str | bytes) -> None:
        """Sets aside what cannot be read: a whole key, or (member, value) of it; raises `StateUnavailable`."""
        await self.call("set_aside", key, why, *member)

    async def nap(self, seconds: float, bell: str = "pvo:wake") -> None:
        """Waits until somebody should look again (at the outbox), at most so long; raises `StateUnavailable`."""
        await self.ask("BLPOP", bell, seconds)

    async def _execute(self, command: str, *words: str | int | float) -> Any:
        return await self._client.execute_command(command, *words)  # type: ignore[no-untyped-call]

    async def _unavailable(self, error: Exception) -> StateUnavailable:
        if isinstance(error, ReadOnlyError):  # the name in REDIS_URL may lead to another server by now
            with suppress(RedisError, OSError):
                await self._client.connection_pool.disconnect(inuse_connections=False)
        return unavailable(error)


def _plain(text: bytes) -> str:
    return text.decode(errors="replace")


def _read(part: str) -> str:
    return files("bot.jobs").joinpath(part).read_text()


def unavailable(error: Exception) -> StateUnavailable:
    return StateUnavailable(
        f"Redis cannot be asked: {error}. Check that it runs and that REDIS_URL is right."
    )
