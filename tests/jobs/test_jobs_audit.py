"""The audit trail over a real Redis: in order, complete, and whatever is done to it shows."""

import asyncio
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.diagnosis.redact import redact
from bot.jobs.audit import Trail, write_row_text
from bot.jobs.redis import Client
from bot.jobs.remedies import Remedies
from bot.jobs.state import State
from bot.model.audit import Verified
from bot.model.remediation import AuditRow
from bot.remediation.seal import Seal
from tests.remediation.make import planned

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


async def test_no_trail_is_told_from_one_that_holds(client: Client, trail: Trail) -> None:
    assert await trail.verify() == Verified(0, False, ())
    await trail.append(row_of(1))
    assert await trail.verify() == Verified(1, True, ())
    await client.delete("pvo:audit")
    assert await trail.find_break() == "The rows end after row 0, and the trail was longer."


async def test_a_trail_whose_rows_all_went_for_their_age_holds(trail: Trail) -> None:
    last = await trail.append(row_of(1))
    assert await trail.trim(NOW + dt.timedelta(days=1)) == 1
    assert await trail.verify(await trail.read_head()) == Verified(0, True, (), 0)
    assert (await trail.append(row_of(2))).previous != last.previous
    assert await trail.find_break() is None


def logged(logs: Sequence[Mapping[str, object]]) -> list[str]:
    """The hashes of the rows that the log tells of."""
    return [str(line["hash"]) for line in logs if line["event"] == "audit.row"]


async def test_the_log_knows_the_hash_of_every_row(trail: Trail) -> None:
    with capture_logs() as logs:
        for number in range(3):
            await trail.append(row_of(number))
    hashes = logged(logs)
    rows = [row async for row in trail.rows()]
    assert [row.previous for row in rows] == ["", *hashes[:2]]
    assert hashes[2] == await trail.read_head()
    assert [(line["step"], line["request"]) for line in logs] == [("sent", row.request) for row in rows]
    assert [(await trail.verify(one)).after for one in hashes] == [2, 1, 0]
    assert [redact(one) for one in hashes] == hashes


async def test_a_remediation_logs_the_hashes_of_its_rows_too(client: Client, trail: Trail) -> None:
    remedies = Remedies(State(client), trail)
    with capture_logs() as logs:
        await remedies.put(planned(), row_of(1), row_of(2))
    assert logged(logs)[-1] == await trail.read_head()
    assert len(logged(logs)) == 2


async def test_an_end_that_was_cut_shows_by_the_log_alone(client: Client, trail: Trail) -> None:
    """Whoever can write to Redis cuts the last row and puts the head back: the chain holds, the log knows better."""
    with capture_logs() as logs:
        for number in range(3):
            await trail.append(row_of(number))
    hashes = logged(logs)
    await client.xdel("pvo:audit", (await texts(client))[2][0])
    await client.set("pvo:audit:head", hashes[1])
    assert await trail.verify() == Verified(2, True, ())
    assert await trail.verify(hashes[1]) == Verified(2, True, (), 0)
    assert (await trail.verify(hashes[2])).after is None


async def test_the_row_before_the_oldest_that_is_kept_is_known(trail: Trail) -> None:
    with capture_logs() as logs:
        for number in range(3):
            await trail.append(row_of(number, NOW + dt.timedelta(days=number)))
    await trail.trim(NOW + dt.timedelta(days=2))
    assert [(await trail.verify(one)).after for one in logged(logs)] == [None, 1, 0]


async def test_rows_appended_meanwhile_break_nothing(trail: Trail) -> None:
    async def write() -> None:
        for number in range(60):
            await trail.append(row_of(number))

    writing = asyncio.create_task(write())
    while not writing.done():
        assert (await trail.verify()).breaks == ()
    await writing


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


async def test_a_row_without_a_signature_is_marked(client: Client) -> None:
    keyed = Trail(client, State(client), Seal(b"a key of sixteen characters or more"))
    for trail in (keyed, Trail(client, State(client), Seal()), keyed):
        await trail.append(row_of(1))
    assert [entry.standing async for entry in keyed.entries()] == ["fits", "unsigned", "fits"]
    assert (await keyed.verify()).breaks == ("Row 2 is not signed: it was written without PVO_APPROVAL_KEY.",)


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


@pytest.mark.parametrize(
    "junk",
    [{"row": "{}"}, {"row": b"\xff"}, {"text": "x"}, {"row": "[" * 10_000}],
    ids=["object", "bytes", "field", "nested"],
)
async def test_what_is_no_row_hides_no_other(client: Client, trail: Trail, junk: Any) -> None:
    await trail.append(row_of(1))
    name = await client.xadd("pvo:audit", junk)
    await trail.append(row_of(2))
    assert [row.request async for row in trail.rows()] == ["01R1", "01R2"]
    assert [(entry.row is None, entry.standing) async for entry in trail.entries()] == [
        *((False, "untold"), (True, "untold"), (False, "fits"))
    ]
    assert (await trail.verify()).breaks == (f"Row 2 ({name.decode()}) cannot be read.",)


async def test_what_is_no_row_goes_with_its_age(client: Client, trail: Trail) -> None:
    await client.xadd("pvo:audit", {"row": "{}"}, id="1-0")
    await trail.append(row_of(1, NOW - dt.timedelta(days=2)))
    await trail.append(row_of(2))
    assert await trail.trim(NOW - dt.timedelta(days=1)) == 2
    assert await trail.verify() == Verified(1, True, ())
