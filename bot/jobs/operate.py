"""The worker's other duty: takes remediations that want attention, each in one worker's hands at a time."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog
from ulid import ULID

from bot.jobs.audit import Trail
from bot.jobs.permissions import RedisPermissions
from bot.jobs.presence import RedisPresence
from bot.jobs.redis import BLOCKING, connected
from bot.jobs.remedies import Remedies
from bot.jobs.state import State
from bot.model.errors import StateUnavailable
from bot.model.presence import Headcount
from bot.model.remediation import Ask, AuditRow, Permission, Remediation
from bot.model.remediation_ports import Ledger, Superseded
from bot.remediation.permission import ticks
from bot.remediation.rows import about
from bot.remediation.seal import Seal

log = structlog.get_logger()

Attend = Callable[[Remediation, Ledger], Awaitable[float | None]]
"""Takes the next step of a remediation; answers the seconds until the one after, None when it says so itself."""

_BELL = "pvo:remedies:wake"
_AFTER_A_BUG = 10.0
_UNREADABLE = 3_600.0
_TRIM_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds: of a lease, between its renewals, for lines in hand to be finished when the worker stops, and for an
    app to say whether an approval was used before.
    """

    lease: float = 8.0
    beat: float = 2.0
    farewell: float = 120.0
    witness: float = 15.0
    hands: int = 4


@dataclass(frozen=True, slots=True)
class Records:
    """How the audit trail is kept: what signs it, and for how long."""

    seal: Seal
    keep: dt.timedelta


async def operate(
    redis_url: str, attend: Attend, records: Records, stop: asyncio.Event, tempo: Tempo = Tempo()
) -> None:
    """Attends to remediations until `stop` is set; then lines that are being typed are finished first."""
    async with connected(redis_url, patient=True) as client:
        state = State(client)
        trail = Trail(client, state, records.seal)
        surgery = Surgery(state, trail, attend, tempo)
        duties = [
            asyncio.create_task(surgery.take_all()),
            asyncio.create_task(_trim_again(trail, records.keep)),
        ]
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([stopping, *duties], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (stopping, *duties):
                task.cancel()
            await surgery.close()
            await asyncio.wait(duties)
        for duty in duties:
            if not duty.cancelled():
                duty.result()


async def _trim_again(trail: Trail, keep: dt.timedelta) -> None:
    """Drops rows that are older than they are to be kept."""
    while True:
        try:
            if dropped := await trail.trim(dt.datetime.now(dt.UTC) - keep):
                log.info("audit.trimmed", rows=dropped)
        except (StateUnavailable, ValueError) as error:
            log.warning("audit.not-trimmed", error=str(error))
        await asyncio.sleep(_TRIM_SECONDS)


class RedisLedger:
    """The port `Ledger` for one remediation in hand."""

    def __init__(self, state: State, trail: Trail, tempo: Tempo) -> None:
        self._state = state
        self._trail = trail
        self._remedies = Remedies(state, trail)
        self._presence = RedisPresence(state)
        self._permissions = RedisPermissions(state)
        self._attempt = str(ULID())
        self._lease, self._witness = tempo.lease, tempo.witness
        self._milliseconds = round(1000 * tempo.lease)
        self._renewed_at = ticks()
        self._held: set[str] = set()
        self.idle = asyncio.Event()
        self.idle.set()

    async def put(self, after: Remediation, *rows: AuditRow) -> Remediation:
        return await self._remedies.put(after, *rows)

    async def was_started(self, remediation: Remediation) -> bool:
        async for row in self._trail.rows(since=remediation.created):
            if row.request == remediation.id and row.event == "started":
                return True
        return False

    async def headcount(self) -> Headcount | None:
        return await self._presence.headcount()

    async def permission(self, ask: Ask) -> Permission | None:
        return await self._permissions.ask(ask, self._witness)

    def in_hand(self) -> bool:
        return ticks() - self._renewed_at < self._lease

    @asynccontextmanager
    async def hold(self, appliance: str) -> AsyncIterator[bool]:
        since = ticks()
        if not await self._state.call("hold", appliance, self._attempt, self._milliseconds):
            yield False
            return
        self._renewed_at = since
        self._held.add(appliance)
        self.idle.clear()
        try:
            yield True
        finally:
            self._held.discard(appliance)
            if not self._held:
                self.idle.set()
            await self._state.call("free", appliance, self._attempt)

    async def keep(self, since: float) -> bool:
        """Keeps up what is held, and was by the tick `since`; False when another one has it now."""
        for appliance in tuple(self._held):
            if not await self._state.call("hold", appliance, self._attempt, self._milliseconds):
                return False
        self._renewed_at = since
        return True


class Surgery:
    """The remediations in this worker's hands."""

    def __init__(self, state: State, trail: Trail, attend: Attend, tempo: Tempo) -> None:
        self._state = state
        self._trail = trail
        self._remedies = Remedies(state, trail)
        self._attend = attend
        self._tempo = tempo
        self._milliseconds = round(1000 * tempo.lease)
        self._hands: dict[asyncio.Task[None], RedisLedger] = {}

    async def take_all(self) -> None:
        """Takes what is due, for ever."""
        while True:
            if len(self._hands) >= self._tempo.hands:
                await asyncio.wait(self._hands, return_when=asyncio.FIRST_COMPLETED)
            holder = str(ULID())
            try:
                wait, *found = await self._state.call("take_remedy", holder, self._milliseconds)
                if found:
                    self._begin(holder, found[0].decode())
                else:
                    seconds = BLOCKING if wait < 0 else min(wait / 1000, BLOCKING)
                    await self._state.nap(max(seconds, 0.01), _BELL)
            except StateUnavailable as error:
                log.warning("remediation.not-taken", error=str(error))
                await asyncio.sleep(BLOCKING)

    async def close(self) -> None:
        """Finishes the lines that are being typed, and leaves everything else to another worker."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._tempo.farewell):
                await asyncio.gather(*(ledger.idle.wait() for ledger in self._hands.values()))
        tasks = list(self._hands)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, holder: str, remediation: str) -> None:
        ledger = RedisLedger(self._state, self._trail, self._tempo)
        task = asyncio.create_task(self._carry_out(holder, remediation, ledger))
        self._hands[task] = ledger
        task.add_done_callback(lambda done: self._hands.pop(done, None))

    async def _carry_out(self, holder: str, remediation: str, ledger: RedisLedger) -> None:
        pause: float | None = 0.0
        named = {"remediation": remediation}
        beating = asyncio.create_task(self._beat(holder, remediation, ledger, named))
        working = asyncio.create_task(self._work(remediation, ledger, named))
        try:
            await asyncio.wait([beating, working], return_when=asyncio.FIRST_COMPLETED)
            pause = working.result() if working.done() else 0.0
        finally:
            beating.cancel()
            working.cancel()
            await asyncio.gather(beating, working, return_exceptions=True)
            await self._drop(holder, remediation, pause, named)

    async def _work(self, remediation: str, ledger: RedisLedger, named: dict[str, str]) -> float | None:
        """`named` is what log lines say of it: run and site too, once they are known."""
        try:
            found = await self._remedies.get(remediation)
            if found is None:
                return _UNREADABLE
            named |= about(found)
            return await self._attend(found, ledger)
        except Superseded:
            return 0.0
        except StateUnavailable as error:
            log.warning("remediation.refused-by-redis", error=str(error), **named)
            return BLOCKING
        except Exception:
            log.exception("remediation.bug", **named)
            return _AFTER_A_BUG

    async def _beat(
        self, holder: str, remediation: str, ledger: RedisLedger, named: Mapping[str, str]
    ) -> None:
        """Returns when somebody else has what is ours: then nothing more may be done about it here."""
        while True:
            await asyncio.sleep(self._tempo.beat)
            since = ticks()
            try:
                kept = await self._state.call("keep_remedy", holder, self._milliseconds, remediation)
                if not (kept and await ledger.keep(since)):
                    log.warning("remediation.lost", **named)
                    return
            except StateUnavailable as error:
                log.warning("remediation.beat-refused", error=str(error), **named)

    async def _drop(
        self, holder: str, remediation: str, pause: float | None, named: Mapping[str, str]
    ) -> None:
        milliseconds = -1 if pause is None else round(1000 * pause)
        try:
            await self._state.call("drop_remedy", holder, remediation, milliseconds)
        except StateUnavailable as error:
            log.warning("remediation.not-dropped", error=str(error), **named)
