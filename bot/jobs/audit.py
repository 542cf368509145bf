"""The audit trail: a stream of rows, each naming the hash of the one before it; added to, never changed."""

import datetime as dt
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import structlog
from pydantic import ValidationError
from redis.exceptions import RedisError, ResponseError

from bot.jobs.redis import Client, connected
from bot.jobs.state import State, unavailable
from bot.model.audit import Entry, Standing, Verified
from bot.model.errors import StateUnavailable, Unusable
from bot.model.remediation import AuditRow
from bot.remediation.seal import Seal

log = structlog.get_logger()

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
                self.tell(chained)
                return chained[0]
        raise StateUnavailable("The audit trail is being written by too many at once; try again.")

    def chain(self, head: str, rows: Sequence[AuditRow]) -> tuple[list[AuditRow], str]:
        """The rows as they follow on `head`, and the head after them."""
        chained: list[AuditRow] = []
        for row in rows:
            chained.append(row.model_copy(update={"previous": head}))
            head = self.seal.hash_row(chained[-1])
        return chained, head

    def tell(self, added: Sequence[AuditRow]) -> None:
        """Logs the hash of each row that was added: so the end of the trail is known outside Redis."""
        for row in added:
            log.info("audit.row", hash=self.seal.hash_row(row), step=row.event, request=row.request)

    async def read_head(self) -> str:
        return await self._read(HEAD)

    async def rows(self, since: dt.datetime | None = None) -> AsyncIterator[AuditRow]:
        """Every row from `since` on, oldest first; one that cannot be read is logged. Raises `StateUnavailable`."""
        async for page, _ in self._pages(since):
            for entry, row in page:
                if row is None:
                    log.error("audit.unreadable", entry=entry)
                elif _is_from(entry, row, since):
                    yield row

    async def entries(self, since: dt.datetime | None = None) -> AsyncIterator[Entry]:
        """Every entry from `since` on, oldest first, also those that cannot be read; raises `StateUnavailable`."""
        async for entry, row, named in self._followed(since):
            if _is_from(entry, row, since):
                yield Entry(entry, row, self._judge(row, named))

    async def _followed(
        self, since: dt.datetime | None
    ) -> AsyncIterator[tuple[str, AuditRow | None, str | None]]:
        """Each entry with the hash that what comes next names, None where that cannot be read."""
        before: tuple[str, AuditRow | None] | None = None
        head = ""
        async for page, head in self._pages(since):  # noqa: B007 - the last one is used
            for entry, row in page:
                if before:
                    yield *before, row.previous if row else None
                before = entry, row
        if before:
            yield *before, head

    def _judge(self, row: AuditRow | None, named: str | None) -> Standing:
        if row is None or named is None:
            return "untold"
        if named == self.seal.hash_row(row):
            return "fits"
        return "unsigned" if named == Seal().hash_row(row) else "loose"

    async def verify(self, head: str | None = None) -> Verified:
        """Looks at the whole chain; `head` is the hash of a row that it must have."""
        first, number, breaks = await self._first_previous(), 0, list[str]()
        found = 0 if head and head == first else None
        standing: Standing = "fits"
        async for entry in self.entries():
            number += 1
            if entry.row is None:
                breaks.append(f"Row {number} ({entry.id}) cannot be read.")
            elif standing == "loose" or (number == 1 and entry.row.previous != first):
                at = entry.row.public()["at"]
                breaks.append(f"Row {number} ({at}, {entry.row.event}) does not follow the row before it.")
            if entry.standing == "unsigned":
                breaks.append(f"Row {number} is not signed: it was written without PVO_APPROVAL_KEY.")
            if head and entry.row and self.seal.hash_row(entry.row) == head:
                found = number
            standing = entry.standing
        if not number:
            return await self._verify_empty(first, head)
        if standing == "loose":
            breaks.append(f"The rows end after row {number}, and the trail was longer.")
        return Verified(number, True, tuple(breaks), None if found is None else number - found)

    async def _verify_empty(self, first: str, head: str | None) -> Verified:
        page, end = await self._page("-")
        if page:  # the first row was added meanwhile
            return await self.verify(head)
        breaks = () if end == first else ("The rows end after row 0, and the trail was longer.",)
        return Verified(0, bool(first or end), breaks, 0 if head and head == first else None)

    async def find_break(self) -> str | None:
        """Why the chain does not hold, in a sentence; None when it does."""
        return next(iter((await self.verify()).breaks), None)

    async def trim(self, before: dt.datetime) -> int:
        """Drops the rows older than `before` and marks where the trail begins now; answers how many."""
        dropped: list[str] = []
        last: AuditRow | None = None
        async for entry, row in self._until(before):
            dropped.append(entry)
            last = row or last
        if last is None:
            return 0
        anchor = self.seal.hash_row(last)
        try:
            await self._client.set(ANCHOR, f"{anchor} {self.seal.sign_anchor(anchor)}")
            await self._client.xdel(STREAM, *dropped)
        except (RedisError, OSError) as error:
            raise unavailable(error) from error
        return len(dropped)

    async def _until(self, before: dt.datetime) -> AsyncIterator[tuple[str, AuditRow | None]]:
        async for page, _ in self._pages(None):
            for entry, row in page:
                if _is_from(entry, row, before):
                    return
                yield entry, row

    async def _first_previous(self) -> str:
        """What the first row must name: nothing, or the hash of the last row that was dropped for its age."""
        anchor, _, seal = (await self._read(ANCHOR)).partition(" ")
        return anchor if anchor and seal == self.seal.sign_anchor(anchor) else ""

    async def _pages(
        self, since: dt.datetime | None
    ) -> AsyncIterator[tuple[list[tuple[str, AuditRow | None]], str]]:
        """The entries from about `since` on, in pages, each with the head as it was when the page was read."""
        # Ids of the stream are by Redis' clock, which may differ a little from ours.
        start = str(max(round(1000 * (since - _CLOCKS_DIFFER).timestamp()), 0)) if since else "-"
        while True:
            page, head = await self._page(start)
            yield [(entry.decode(), _read_fields(fields)) for entry, fields in page], head
            if len(page) < _PAGE:
                return
            start = f"({page[-1][0].decode()}"

    async def _page(self, start: str) -> tuple[list[tuple[bytes, dict[bytes, bytes]]], str]:
        try:
            return await self._read_page(start)
        except ResponseError:  # one of both keys is of another type: it is set aside
            await self._state.call("look", "XLEN", STREAM)
            await self._state.call("look", "GET", HEAD)
            return await self._read_page(start)

    async def _read_page(self, start: str) -> tuple[list[tuple[bytes, dict[bytes, bytes]]], str]:
        try:
            async with self._client.pipeline(transaction=True) as both:
                both.xrange(STREAM, min=start, count=_PAGE)
                both.get(HEAD)
                found, head = await both.execute()
        except ResponseError:
            raise
        except (RedisError, OSError) as error:
            raise unavailable(error) from error
        return list(found), (head or b"").decode(errors="replace")

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
        except StateUnavailable as error:
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


def _read_fields(fields: Mapping[bytes, bytes]) -> AuditRow | None:
    try:
        return read_row_text(fields[b"row"].decode())
    except (KeyError, ValueError):
        return None


def _is_from(entry: str, row: AuditRow | None, since: dt.datetime | None) -> bool:
    """Whether it is of that time or later; what cannot be read is of the time when Redis took it in."""
    if since is None:
        return True
    return row.at >= since if row else int(entry.partition("-")[0]) >= 1000 * since.timestamp()
