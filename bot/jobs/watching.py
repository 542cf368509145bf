"""The watch: asks sites when they are due, remembers how their runs ended, and announces changes only."""

import asyncio
import datetime as dt
from collections.abc import Callable

import structlog

from bot.diagnosis.planned import in_maintenance
from bot.jobs.queue import Checks
from bot.jobs.redis import connected
from bot.jobs.runs import RedisRuns
from bot.jobs.schedule import Agenda, last_due
from bot.jobs.state import State
from bot.jobs.watches import DAYS, RedisWatches
from bot.model.errors import StateUnavailable
from bot.model.inventory import Inventory
from bot.model.report import Report
from bot.model.run import Request, Run
from bot.model.watch import Change, Entry, Orders, Schedule, Switch, Trouble, schedule_of

log = structlog.get_logger()

LOOK, TICK = 0.5, 5.0
AGAIN = 10.0
MOMENT = 120.0
"""Seconds in which troubles of one channel are announced together."""
CHANGES = 20


class Watch:
    """What every worker does beside its runs; Redis sees to it that each due time and each change counts once."""

    def __init__(
        self,
        runs: RedisRuns,
        watches: RedisWatches,
        inventory: Callable[[], Inventory],
        language: str = "en",
    ) -> None:
        self._runs = runs
        self._watches = watches
        self._inventory = inventory
        self._language = language
        self._agenda = Agenda()
        self._planned: tuple[Inventory | None, dict[str, Switch]] = (None, {})

    async def keep(self) -> None:
        """Asks and looks for ever."""
        ticked = 0.0
        clock = asyncio.get_running_loop()
        while True:
            try:
                if clock.time() - ticked >= TICK:
                    ticked = clock.time()
                    await self.ask_due(dt.datetime.now(dt.UTC))
                await self.look()
            except StateUnavailable as error:
                log.warning("watch.refused", error=str(error))
            except Exception:  # a bug here must not end the worker
                log.exception("watch.failed")
                await asyncio.sleep(AGAIN)
            await asyncio.sleep(LOOK)

    async def ask_due(self, now: dt.datetime) -> None:
        """Asks for a run of every watched site that is due; whichever worker comes first does."""
        orders, inventory = await self._watches.orders(), self._inventory()
        if inventory is not self._planned[0] or orders.switches != self._planned[1]:
            await self._plan(inventory, orders, now)
        for name in self._agenda.due(now):
            site = inventory.sites[name]
            schedule = schedule_of(site, orders.switches.get(name))
            assert schedule, "what is not watched is not on the agenda"
            due = last_due(name, site, schedule.cron, now)
            if due and not _began_before(orders, name, due):
                await self._ask(name, schedule, due, orders)
            self._agenda.put_off(name, site, now)

    async def _plan(self, inventory: Inventory, orders: Orders, now: dt.datetime) -> None:
        """Enters what is new in the agenda and drops what is watched no longer; others get their turn in between."""
        watched = {
            name: schedule
            for name, site in inventory.sites.items()
            if (schedule := schedule_of(site, orders.switches.get(name)))
        }
        self._agenda.keep(set(watched))
        for name, schedule in watched.items():
            if self._agenda.plan(name, inventory.sites[name], schedule.cron, now):
                await asyncio.sleep(0)
        self._planned = inventory, orders.switches

    async def _ask(self, name: str, schedule: Schedule, due: dt.datetime, orders: Orders) -> None:
        switch = orders.switches.get(name)
        language = switch.language if switch else self._language
        request = Request(site=name, user=None, channel=schedule.channel, language=language)
        if run := await self._runs.ask(f"schedule:{name}:{due.isoformat()}", request):
            await self._runs.admit(run.id)

    async def look(self) -> None:
        """Notes the runs that have ended since."""
        for name in await self._watches.ended(AGAIN):
            run = await self._runs.get(name)
            passed = await self._note(run, run.report) if run is not None and run.report is not None else None
            if passed:
                await self._watches.let_go(passed)
            await self._watches.forget_ended(name)

    async def _note(self, run: Run, report: Report) -> str | None:
        """Notes and announces; answers the run whose report nobody will ask for any more, if there is one."""
        if run.request.areas:  # less than the whole site
            return None
        name, site = run.request.site, self._inventory().sites.get(run.request.site)
        entry = describe(run, report)
        if site is None or not await self._watches.note(name, entry):
            return run.id
        orders = await self._watches.orders()
        schedule = schedule_of(site, orders.switches.get(name))
        quiet = name in orders.mutes or in_maintenance(site, report.started)
        channel = schedule.channel if schedule else ""
        passed = await self._follow_trouble(entry, name, channel, quiet)
        if channel:
            await self._watches.show_digest(channel, _language(orders, name, self._language))
        return passed

    async def _follow_trouble(self, entry: Entry, name: str, channel: str, quiet: bool) -> str | None:
        """Goes on with the site's trouble or begins one; answers the run that it no longer needs."""
        if (known := await self._watches.trouble_of(name)) is not None:
            lead, trouble = known
            await self._watches.change_trouble(lead, follow(trouble, entry, quiet))
            return trouble.latest.run if trouble.latest.run != entry.run else None
        if channel and entry.ill and entry.scheduled and not quiet:
            trouble = Trouble(site=name, first=entry, latest=entry)
            await self._watches.open_trouble(trouble, channel, MOMENT)
            return None
        return entry.run


async def keep_watch(
    redis_url: str, inventory: Callable[[], Inventory], language: str, history_days: int = DAYS
) -> None:
    """Keeps watch until it is cancelled; outlives any absence of Redis. Raises `Unusable` for a malformed URL."""
    async with connected(redis_url, patient=True) as client:
        state, checks = State(client), Checks(client)
        watches = RedisWatches(client, state, checks, history_days)
        await Watch(RedisRuns(state, checks), watches, inventory, language).keep()


def _began_before(orders: Orders, site: str, due: dt.datetime) -> bool:
    """Whether `due` lies before the watch was switched on."""
    switch = orders.switches.get(site)
    return switch is not None and switch.at > due


def _language(orders: Orders, site: str, default: str) -> str:
    switch = orders.switches.get(site)
    return switch.language if switch else default


def describe(run: Run, report: Report) -> Entry:
    """What is remembered of a run that has ended."""
    causes = [finding for finding in report.causes if finding.counts]
    return Entry(
        run=run.id,
        at=report.started,
        verdict=report.verdict,
        causes=tuple(f"{finding.id} {finding.subject}" for finding in causes),
        waiting=report.impact.waiting,
        scheduled=run.request.user is None,
    )


def follow(trouble: Trouble, entry: Entry, quiet: bool) -> Trouble:
    """The trouble after a later run; what is new in it is a change to announce, unless `quiet`."""
    before = trouble.latest
    same = entry.verdict == before.verdict and set(entry.causes) == set(before.causes)
    changes = trouble.changes if same else (*trouble.changes, Change(entry=entry, quiet=quiet))[-CHANGES:]
    return trouble.model_copy(update={"latest": entry, "changes": changes})
