"""Live apps and counted connections, by the clock of a real Redis."""

import asyncio
from dataclasses import replace

from bot.jobs.presence import RedisPresence
from bot.jobs.redis import Client
from bot.jobs.state import State
from bot.model.presence import OLDEST_COUNT, RHYTHM, Headcount

BORNE = replace(RHYTHM, grace=0.0)


async def put(client: Client, **fields: int) -> None:
    await client.hset("pvo:headcount", mapping=fields)  # type: ignore[misc]


async def read(client: Client, field: str) -> int:
    return int(await client.hget("pvo:headcount", field) or 0)  # type: ignore[misc]


async def standing(presence: RedisPresence) -> Headcount:
    found = await presence.headcount()
    assert found is not None
    return found


async def test_more_connections_than_apps_are_strange_once_they_last(client: Client) -> None:
    presence = RedisPresence(State(client))
    await presence.lives("one", RHYTHM)
    await presence.lives("two", RHYTHM)
    await presence.note_count(2, RHYTHM)
    assert (await standing(presence)).doubt is None
    await presence.note_count(3, RHYTHM)
    assert not (await standing(presence)).strange, "a restart leaves one behind for a while"
    await put(client, since=await read(client, "since") - 120_000)
    await presence.note_count(3, RHYTHM)
    found = await standing(presence)
    assert (found.connections, found.apps, found.strangers, found.doubt) == (3, 2, 1, "strange-connection")
    await presence.note_count(2, RHYTHM)
    assert (await standing(presence)).doubt is None


async def test_an_app_counts_while_it_gives_signs_of_life(client: Client) -> None:
    presence = RedisPresence(State(client))
    await presence.lives("one", RHYTHM)
    await presence.lives("killed", replace(RHYTHM, lease=0.001))
    await presence.lives("stopped", RHYTHM)
    await presence.ended("stopped")
    await asyncio.sleep(0.01)
    await presence.note_count(2, BORNE)
    assert ((await standing(presence)).apps, (await standing(presence)).strange) == (1, True)


async def test_one_app_at_a_time_counts_and_sooner_when_something_is_strange(client: Client) -> None:
    presence = RedisPresence(State(client))
    assert await presence.headcount() is None
    assert not await presence.take_count(RHYTHM), "apps that start together connect first"
    for connections, pause in ((0, RHYTHM.calm), (1, RHYTHM.again)):
        await put(client, due=0)
        assert [await presence.take_count(RHYTHM) for _ in range(3)] == [True, False, False]
        await presence.note_count(connections, RHYTHM)
        assert await read(client, "due") - await read(client, "at") == 1000 * pause


async def test_what_was_not_counted_for_long_says_nothing(client: Client) -> None:
    presence = RedisPresence(State(client))
    await presence.take_count(RHYTHM)
    assert (await standing(presence)).doubt is None
    await put(client, at=await read(client, "at") - round(1000 * OLDEST_COUNT) - 1)
    assert (await standing(presence)).doubt == "not-counted"
    await presence.count_no_more()
    assert await presence.headcount() is None
