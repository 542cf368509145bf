"""Refused logins, remembered for all workers, so that their schedules together try a secret once."""

from redis.exceptions import RedisError

from bot.jobs.redis import Client

REMEMBERED = 90 * 86_400
"""Seconds."""


class RedisRefusals:
    """The port `Refusals` in Redis; while that is away, in the memory of this process."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._own: dict[str, str] = {}

    async def recall(self, account: str) -> str | None:
        try:
            known = await self._client.get(_key(account))
        except (RedisError, OSError):
            return self._own.get(account)
        return known.decode(errors="replace") if known else None

    async def note(self, account: str, fingerprint: str) -> None:
        self._own[account] = fingerprint
        try:
            await self._client.set(_key(account), fingerprint, ex=REMEMBERED)
        except (RedisError, OSError):
            return

    async def forget(self, account: str) -> None:
        self._own.pop(account, None)
        try:
            await self._client.delete(_key(account))
        except (RedisError, OSError):
            return


def _key(account: str) -> str:
    return f"pvo:refused:{account}"
