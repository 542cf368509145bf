"""Redis as a snapshot brings it back: all of it, as it was."""

from bot.jobs.redis import Client

Snapshot = dict[bytes, tuple[bytes, int]]


async def take_snapshot(client: Client) -> Snapshot:
    """Every key of the database, with the ms that it lives on (0 = for ever)."""
    found = {key: (await client.dump(key), await client.pttl(key)) for key in await client.keys("*")}
    return {key: (value, max(left, 0)) for key, (value, left) in found.items() if value is not None}


async def put_back(client: Client, snapshot: Snapshot) -> None:
    await client.flushdb()
    for key, (value, left) in snapshot.items():
        await client.restore(key, left, value)
