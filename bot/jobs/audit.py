"""The audit trail: a stream of rows, each naming the hash of the one before it; added to, never changed."""

import datetime as dt
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pydantic import ValidationError
from redis.exceptions import RedisError

from bot.jobs.redis import Client, connected
from bot.jobs.state import State, unavailable
from bot.model.errors import StateUnavailable, Unusable
from bot.model.remediation import AuditRow
from bot.remediation.seal import Seal

STREAM, HEAD, ANCHOR = "pvo:audit", "pvo:audit:head", "pvo:audit:anchor"
_PAGE = 500
_HASHES = re.compile(rb"[ -~]*")
_CLOCKS_DIFFER = dt.timedelta(hours=1)
_TRIES = 100


class Trail:
    """The port `Audit`, and what reads it; with a key in `seal` nobody without it can write a row that fits."""

    def __init__(self, client: Client, state: State, seal: Seal) -> None:
        self._client = client
        self._state = state
        self.seal = seal

    async def append(self, row: AuditRow) -> AuditRow:
        for _ in range(_TRIES):
            head = await self.read_head()
            chained, next_head = self.chain(head, [row])
            if await self._state.call("append", head, next_head, *map(write_row_text, chained)):
                return chained[0]
        raise StateUnavailable("The audit trail is being written by too many at once; try again.")

    def chain(self, head: str, rows: Sequence[AuditRow]) -> tuple[list[AuditRow], str]:
        """The rows as they follow on `head`, and the head after them."""
        chained: list[AuditRow] = []
        for row in rows:
            chained.append(row.model_copy(update={"previous": head}))
            head = self.seal.hash_row(chained[-1])
        return chained, head

    async def read_head(self) -> str:
        return await self._read(HEAD)

    async def rows(self, since: dt.datetime | None = None) -> AsyncIterator[AuditRow]:
        """Every row from `since` on, oldest first; raises `StateUnavailable`, ValueError for what is no row."""
        async for _, row in self._entries(since):
            yield row

    async def find_break(self) -> str | None:
        """Why the chain does not hold, in a sentence; None when it does."""
        previous, count = await self._first_previous(), 0
        try:
            async for _, row in self._entries(None):
                count += 1
                if row.previous != previous:
                    return (
                        f"Row {count} ({row.public()['at']}, {row.event}) does not follow the row before it."
                    )
                previous = self.seal.hash_row(row)
        except ValueError:
            return f"Row {count + 1} cannot be read."
        if previous != await self.read_head():
            return f"The rows end after row {count}, and the trail was longer."
        return None

    async def trim(self, before: dt.datetime) -> int:
        """Drops the rows older than `before` and marks where the trail begins now; answers how many."""
        dropped: list[str] = []
        last: AuditRow | None = None
        async for entry, row in self._entries(None):
            if row.at >= before:
                break
            dropped.append(entry)
            last = row
        if last is None:
            return 0
        anchor = self.seal.hash_row(last)
        try:
            await self._client.set(ANCHOR, f"{anchor} {self.seal.sign_anchor(anchor)}")
            await self._client.xdel(STREAM, *dropped)
        except (RedisError, OSError) as error:
            raise unavailable(error) from error
        return len(dropped)

    async def _first_previous(self) -> str:
        """What the first row must name: nothing, or the hash of the last row that was dropped for its age."""
        anchor, _, seal = (await self._read(ANCHOR)).partition(" ")
        return anchor if anchor and seal == self.seal.sign_anchor(anchor) else ""

    async def _entries(self, since: dt.datetime | None) -> AsyncIterator[tuple[str, AuditRow]]:
        # Ids of the stream are by Redis' clock, which may differ a little from ours: rows are compared, too.
        start = str(max(round(1000 * (since - _CLOCKS_DIFFER).timestamp()), 0)) if since else "-"
        while True:
            page = await self._page(start)
            for entry, fields in page:
                row = read_row_text(fields[b"row"].decode())
                if since is None or row.at >= since:
                    yield entry.decode(), row
            if len(page) < _PAGE:
                return
            start = f"({page[-1][0].decode()}"

    async def _page(self, start: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
        return list(await self._state.ask("XRANGE", STREAM, start, "+", "COUNT", _PAGE))

    async def _read(self, key: str) -> str:
        found = await self._state.ask("GET", key)
        if found and not _HASHES.fullmatch(found):
            await self._state.set_aside(key, "not a hash of a row")
            return ""
        return (found or b"").decode()


@asynccontextmanager
async def opened_trail(redis_url: str, seal: Seal) -> AsyncIterator[Trail]:
    """The trail for a person who reads it; `Unusable` where Redis cannot be asked."""
    async with connected(redis_url, patient=False) as client:
        try:
            yield Trail(client, State(client), seal)
        except (StateUnavailable, ValueError) as error:
            raise Unusable(str(error)) from None


def write_row_text(row: AuditRow) -> str:
    """A row as one line of JSON."""
    return json.dumps(row.public(), ensure_ascii=False, separators=(",", ":"))


def read_row_text(text: str) -> AuditRow:
    """The row that a line of JSON is; ValueError when it is none."""
    try:
        return AuditRow.model_validate_json(text)
    except ValidationError as error:
        raise ValueError(f"not a row of the audit trail: {text[:80]}") from error
