"""The audit trail over a real Redis: in order, complete, and whatever is done to it shows."""

import asyncio
import datetime as dt
import json

import pytest

from bot.jobs.audit import Trail, write_row_text
from bot.jobs.redis import Client
from bot.jobs.state import State
from bot.model.remediation import AuditRow
from bot.remediation.seal import Seal

NOW = dt.datetime.now(dt.UTC).replace(microsecond=123_000)
FIELDS = [
    *("at", "event", "run", "request", "site", "appliance", "fix", "digest"),
    *("actor", "channel", "reason", "lines", "previous"),
]


def row_of(number: int, at: dt.datetime = NOW) -> AuditRow:
    return AuditRow(at=at, event="sent", request=f"01R{number}", lines=(f"line {number}",))


@pytest.fixture(params=[b"a key of sixteen characters or more", None], ids=["keyed", "unkeyed"])
def trail(client: Client, request: pytest.FixtureRequest) -> Trail:
    return Trail(client, State(client), Seal(request.param))


async def texts(client: Client) -> list[tuple[bytes, str]]:
    return [(entry, fields[b"row"].decode()) for entry, fields in await client.xrange("pvo:audit")]


async def test_many_writers_make_one_chain(trail: Trail) -> None:
    await asyncio.gather(*(trail.append(row_of(number)) for number in range(12)))
    assert {row.request async for row in trail.rows()} == {f"01R{number}" for number in range(12)}
    assert await trail.find_break() is None


async def test_a_row_reads_as_the_contract_says(trail: Trail) -> None:
    row = json.loads(write_row_text(await trail.append(row_of(1, NOW + dt.timedelta(microseconds=456)))))
    assert list(row) == FIELDS
    assert row["at"] == f"{NOW:%Y-%m-%dT%H:%M:%S}.123Z"


async def test_an_empty_trail_holds(trail: Trail) -> None:
    assert await trail.find_break() is None


@pytest.mark.parametrize("removed", [0, 1, 2])
async def test_a_row_that_is_missing_shows(client: Client, trail: Trail, removed: int) -> None:
    for number in range(3):
        await trail.append(row_of(number))
    await client.xdel("pvo:audit", (await texts(client))[removed][0])
    assert await trail.find_break() is not None


@pytest.mark.parametrize("changed", [0, 1, 2])
async def test_a_row_that_was_changed_shows(client: Client, trail: Trail, changed: int) -> None:
    for number in range(3):
        await trail.append(row_of(number))
    rows = [text for _, text in await texts(client)]
    rows[changed] = rows[changed].replace("line", "lime")
    await client.delete("pvo:audit")
    for text in rows:
        await client.xadd("pvo:audit", {"row": text})
    assert await trail.find_break() is not None


async def test_without_the_key_nobody_writes_a_row_that_fits(client: Client) -> None:
    keyed = Trail(client, State(client), Seal(b"a key of sixteen characters or more"))
    await keyed.append(row_of(1))
    await Trail(client, State(client), Seal()).append(row_of(2))
    assert await keyed.find_break() is not None


async def test_old_rows_go_and_the_rest_still_holds(client: Client, trail: Trail) -> None:
    for number in range(4):
        await trail.append(row_of(number, NOW + dt.timedelta(days=number)))
    assert await trail.trim(NOW + dt.timedelta(days=2)) == 2
    assert [row.request async for row in trail.rows()] == ["01R2", "01R3"]
    assert await trail.find_break() is None
    await client.xdel("pvo:audit", (await texts(client))[0][0])
    assert await trail.find_break() is not None


async def test_rows_since_a_time(trail: Trail) -> None:
    for number in range(3):
        await trail.append(row_of(number, NOW + dt.timedelta(hours=number)))
    since = NOW + dt.timedelta(hours=1)
    assert [row.request async for row in trail.rows(since)] == ["01R1", "01R2"]


async def test_what_is_no_row_shows(client: Client, trail: Trail) -> None:
    await trail.append(row_of(1))
    await client.xadd("pvo:audit", {"row": "{}"})
    assert await trail.find_break() == "Row 2 cannot be read."
