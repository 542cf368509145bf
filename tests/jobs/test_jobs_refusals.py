"""Refused logins are known to every worker, and to their own one while Redis is away."""

from pathlib import Path

from bot.jobs.redis import connected
from bot.jobs.refusals import RedisRefusals

ACCOUNT = "pvo@192.0.2.10:22"


async def test_what_one_worker_was_refused_another_one_knows(redis_url: str) -> None:
    async with connected(redis_url, patient=False) as one, connected(redis_url, patient=False) as other:
        first, second = RedisRefusals(one), RedisRefusals(other)
        assert await second.recall(ACCOUNT) is None
        await first.note(ACCOUNT, "abc")
        assert await second.recall(ACCOUNT) == "abc"
        assert await second.recall("other@192.0.2.10:22") is None
        await second.forget(ACCOUNT)
        assert await first.recall(ACCOUNT) is None


async def test_without_redis_a_worker_remembers_its_own(tmp_path: Path) -> None:
    async with connected(f"unix://{tmp_path}/nobody", patient=False) as client:
        refusals = RedisRefusals(client)
        assert await refusals.recall(ACCOUNT) is None
        await refusals.note(ACCOUNT, "abc")
        assert await refusals.recall(ACCOUNT) == "abc"
        await refusals.forget(ACCOUNT)
        assert await refusals.recall(ACCOUNT) is None
