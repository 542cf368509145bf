"""A worker as a process: python dying_worker.py URL INVENTORY STEP [SIGNAL]; it sends itself SIGKILL, or that signal
by its number, at that step.

The steps of a remediation are counted: before and after each time that it is written down, and before and after
each line that is typed. STEP 0 never comes.
"""

import asyncio
import datetime as dt
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bot.jobs.operate import Records, Tempo, operate
from bot.model.command import Entry, Printed, Reading
from bot.model.inventory import Inventory
from bot.model.presence import Headcount
from bot.model.remediation import Ask, AuditRow, Endpoint, Permission, Remediation
from bot.model.remediation_ports import Console, Consoles, Ledger
from bot.remediation.seal import Seal
from tests.remediation.theatre import KEY, load_inventory, make_surgeon, opened_doors

T = TypeVar("T")


class Fate:
    """Counts steps and ends the process at one of them, as a power cut would, or stops it, as a stalled machine."""

    def __init__(self, step: int, blow: int = signal.SIGKILL) -> None:
        self._left, self._blow = step, blow

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), self._blow)


class FatefulConsole:
    """A console whose lines are steps."""

    def __init__(self, console: Console, fate: Fate) -> None:
        self._console, self._fate = console, fate

    @property
    def endpoint(self) -> Endpoint:
        return self._console.endpoint

    @property
    def prompt(self) -> str:
        return self._console.prompt

    @property
    def ready(self) -> bool:
        return self._console.ready

    async def ask(self, command: Reading[T]) -> T:
        return await self._console.ask(command)

    async def type(self, entry: Entry, expected: str, hinders: Callable[[], str | None]) -> Printed:
        self._fate.step()
        printed = await self._console.type(entry, expected, hinders)
        self._fate.step()
        return printed

    async def interrupt(self) -> None:
        await self._console.interrupt()


class FatefulConsoles:
    """Doors to such consoles."""

    def __init__(self, doors: Consoles, fate: Fate) -> None:
        self._doors, self._fate = doors, fate

    @asynccontextmanager
    async def console(self, inventory: Inventory, appliance: str) -> AsyncIterator[FatefulConsole]:
        async with self._doors.console(inventory, appliance) as console:
            yield FatefulConsole(console, self._fate)


class FatefulLedger:
    """A ledger whose entries are steps."""

    def __init__(self, ledger: Ledger, fate: Fate) -> None:
        self._ledger, self._fate = ledger, fate

    async def put(self, after: Remediation, *rows: AuditRow) -> Remediation:
        self._fate.step()
        written = await self._ledger.put(after, *rows)
        self._fate.step()
        return written

    def hold(self, appliance: str) -> AbstractAsyncContextManager[bool]:
        return self._ledger.hold(appliance)

    async def was_started(self, remediation: Remediation) -> bool:
        return await self._ledger.was_started(remediation)

    async def headcount(self) -> Headcount | None:
        return await self._ledger.headcount()

    async def permission(self, ask: Ask) -> Permission | None:
        self._fate.step()
        found = await self._ledger.permission(ask)
        self._fate.step()
        return found

    def in_hand(self) -> bool:
        return self._ledger.in_hand()


async def main(url: str, inventory: Path, step: int, blow: int = signal.SIGKILL) -> None:
    fate, stop = Fate(step, blow), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with opened_doors() as doors:
        surgeon = make_surgeon(
            lambda: load_inventory(inventory), doors, Seal(KEY), lambda: dt.datetime.now(dt.UTC)
        )
        surgeon = replace(surgeon, consoles=FatefulConsoles(doors, fate))

        async def attend(remediation: Remediation, ledger: Ledger) -> float | None:
            return await surgeon.attend(remediation, FatefulLedger(ledger, fate))

        records = Records(Seal(KEY), dt.timedelta(days=1))
        await operate(url, attend, records, stop, Tempo(lease=1.5, beat=0.5))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:])))
