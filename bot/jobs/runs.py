"""The state of runs: what a person asked for, who carries it out, and how it ended."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError
from ulid import ULID

from bot.jobs.outbox import read_card
from bot.jobs.queue import Checks
from bot.jobs.state import State
from bot.model.errors import StateUnavailable
from bot.model.report import Report
from bot.model.run import Admission, Request, Run, RunState

log = structlog.get_logger()


class RedisRuns:
    """The port `Runs` over one connection: hasty in the app, patient in the worker."""

    def __init__(self, state: State, checks: Checks) -> None:
        self._state = state
        self._checks = checks

    async def ask(self, key: str, request: Request) -> Run | None:
        run = Run(id=str(ULID()), request=request, state=RunState.ASKED, asked_at=_now(), version=1)
        asked_at = run.asked_at.isoformat()
        if not await self._state.call("ask", key, run.id, request.model_dump_json(), asked_at):
            return None
        return run

    async def asked(self, older_than: float) -> list[Run]:
        ids = await self._state.call("asked", _milliseconds(older_than))
        runs = [await self.get(run.decode()) for run in ids]
        return [run for run in runs if run is not None and run.state is RunState.ASKED]

    async def admit(self, run: str, language: str | None = None) -> Admission | None:
        asked = await self.get(run)
        if asked is None:
            return None
        request = asked.request.model_copy(update={"language": language} if language else {})
        about = (_same(request), request.channel, request.user or "", request.model_dump_json())
        admitted = await self._state.call("admit", run, *about)
        if admitted is None:
            return None
        answer, joined = admitted[0].decode(), bool(admitted[1])
        who = {"user": request.user, "channel": request.channel}
        log.info("run.admitted", run=answer, site=request.site, asked=run, joined=joined, **who)
        if answer == run:
            await self._ring(asked)
        elif request.user:
            await self._hurry(answer, request.site)
        current = await self.get(answer)
        card = await read_card(self._state, answer, request.channel) if joined else None
        return Admission(run=current, joined=card) if current else None

    async def refuse(self, run: str) -> bool:
        return await self._move(run, "asked", RunState.REFUSED)

    async def get(self, run: str) -> Run | None:
        key = f"pvo:run:{run}"
        fields = await self._state.read(key)
        try:
            return _parse(run, fields) if fields else None
        except (ValidationError, KeyError):
            await self._state.set_aside(key, "not a run")
            return None

    async def begin(self, run: str) -> bool:
        return await self._move(run, "queued,running", RunState.RUNNING)

    async def progress(self, run: str, done: int, total: int) -> None:
        await self._move(run, "running", RunState.RUNNING, "checks_done", done, "checks_total", total)

    async def finish(self, run: str, report: Report) -> bool:
        text = report.model_dump_json(by_alias=True)
        return await self._move(run, "running", RunState.DONE, "report", text)

    async def lose(self, run: str, reason: str) -> bool:
        return await self._move(run, "queued,running", RunState.LOST, "reason", reason)

    async def _move(self, run: str, sources: str, target: RunState, *fields: str | int) -> bool:
        return bool(await self._state.call("move", run, sources, target.value, *fields))

    async def _ring(self, run: Run) -> None:
        try:
            await self._checks.ring(run.id, scheduled=run.request.user is None)
        except StateUnavailable as error:
            # The run is queued; a worker finds it without a job and sees to it.
            log.warning("run.without-job", run=run.id, site=run.request.site, error=str(error))

    async def _hurry(self, run: str, site: str) -> None:
        try:
            await self._checks.hurry(run)
        except StateUnavailable as error:
            log.warning("run.not-hurried", run=run, site=site, error=str(error))


@dataclass(frozen=True, slots=True)
class Hold:
    """One attempt at one run: `number` counts them, `attempt` names it."""

    run: str
    attempt: str
    number: int


class Leases:
    """Who carries out a run: one attempt at a time, for `seconds` unless it is kept up."""

    def __init__(self, state: State, seconds: float) -> None:
        self._state = state
        self._milliseconds = _milliseconds(seconds)

    async def take(self, run: str) -> Hold | None:
        """None when another attempt has it, or when the run has an end."""
        attempt = str(ULID())
        number = await self._state.call("take_run", run, attempt, self._milliseconds)
        return Hold(run, attempt, number) if number > 0 else None

    async def keep(self, hold: Hold) -> bool:
        """False when another attempt took the run over, or when it was given an end."""
        return bool(await self._state.call("keep_run", hold.run, hold.attempt, self._milliseconds))

    async def drop(self, hold: Hold, *, unused: bool = False, pause: float = 0.0) -> None:
        """Gives the run back; unless it has an end, it gets a job again after `pause` seconds.

        `unused`: the attempt does not count.
        """
        await self._state.call("drop_run", hold.run, hold.attempt, int(unused), _milliseconds(pause))

    async def abandoned(self) -> list[tuple[str, bool]]:
        """Queued and running runs that nobody carries out, each named every few seconds to one caller.

        With each: whether the schedule asked for it.
        """
        return [(run.decode(), bool(scheduled)) for run, scheduled in await self._state.call("abandoned")]


def _parse(run: str, fields: dict[str, str]) -> Run:
    data: dict[str, Any] = {"id": run, "request": Request.model_validate_json(fields["request"])}
    if "report" in fields:
        data["report"] = Report.model_validate_json(fields["report"])
    known = ("state", "asked_at", "checks_done", "checks_total", "reason", "version")
    return Run.model_validate(data | {name: fields[name] for name in known if name in fields})


def _same(request: Request) -> str:
    return f"{request.site} {','.join(sorted(set(request.areas)))}"


def _milliseconds(seconds: float) -> int:
    return round(1000 * seconds)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
