"""Our state in Redis: one Lua script in parts, whose functions each happen at once, and the hashes it leaves."""

from collections.abc import Awaitable
from importlib.resources import files
from typing import Any, cast

from redis.exceptions import RedisError

from bot.jobs.redis import Client
from bot.model.errors import StateUnavailable

RUN_SECONDS = 86_400
_HISTORY_SECONDS = 180 * 86_400
_REMEDY_SECONDS = 30 * 86_400
_SEEN_SECONDS = 3_600
_CARD_PAUSE = 1_000  # ms between two edits of one card while its run goes on
_JOB_PAUSE = 2_000  # ms after which a run that nobody carries out gets a job
_ASK = "ask.lua"
_PARTS = ("state.lua", "watch.lua", "budget.lua", "remedies.lua", "presence.lua")
_CALL = "return api[ARGV[1]](unpack(ARGV, 2))"


class State:
    """What the script keeps, over one connection; runs and cards go `run_seconds` after their last change."""

    def __init__(self, client: Client, run_seconds: int = RUN_SECONDS) -> None:
        settings = {
            "RUN_SECONDS": run_seconds,
            "SEEN_SECONDS": _SEEN_SECONDS,
            "CARD_PAUSE": _CARD_PAUSE,
            "JOB_PAUSE": _JOB_PAUSE,
            "HISTORY_SECONDS": _HISTORY_SECONDS,
            "REMEDY_SECONDS": _REMEDY_SECONDS,
        }
        head = "".join(f"local {name} = {value}\n" for name, value in settings.items())
        self._client = client
        self._script, self._ask = (
            client.register_script("\n".join([head, *map(_read, parts), _CALL]))
            for parts in (_PARTS, (_ASK,))
        )

    async def call(self, function: str, *arguments: str | int) -> Any:
        """Calls a function of the script, in one round trip; raises `StateUnavailable`."""
        try:
            script = self._ask if function == "ask" else self._script
            return await script(args=[function, *arguments])
        except (RedisError, OSError) as error:
            raise unavailable(error) from error

    async def read(self, key: str) -> dict[str, str]:
        """The hash at `key`, empty when there is none; raises `StateUnavailable`."""
        try:
            fields = await cast(Awaitable[dict[bytes, bytes]], self._client.hgetall(key))
        except (RedisError, OSError) as error:
            raise unavailable(error) from error
        return {name.decode(): value.decode() for name, value in fields.items()}

    async def nap(self, seconds: float, bell: str = "pvo:wake") -> None:
        """Waits until somebody should look again (at the outbox), at most so long; raises `StateUnavailable`."""
        try:
            await cast(Awaitable[object], self._client.blpop([bell], seconds))
        except (RedisError, OSError) as error:
            raise unavailable(error) from error


def _read(part: str) -> str:
    return files("bot.jobs").joinpath(part).read_text()


def unavailable(error: Exception) -> StateUnavailable:
    return StateUnavailable(
        f"Redis cannot be asked: {error}. Check that it runs and that REDIS_URL is right."
    )
