"""Attends to one remediation wherever it stands: draws its plan, has it carried out once, and says how it ended."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog

from bot.asyncos.commands.status import status
from bot.knowledge.knowledge import Knowledge
from bot.model.errors import ProbeError, PvoError
from bot.model.inventory import Inventory
from bot.model.ports import Now
from bot.model.remediation import (
    PROOF_MINUTES,
    REQUEST_MINUTES,
    Event,
    Plan,
    Progress,
    Remediation,
    RemediationState,
)
from bot.model.remediation_ports import Consoles, Ledger
from bot.model.report import Report
from bot.remediation.apply import Tell, Typist
from bot.remediation.approve import Denied, check_plan, check_proposal, check_run, check_times, is_expired
from bot.remediation.plan import Case, Drawn, draw_plan, find_subject
from bot.remediation.recipes import RECIPES
from bot.remediation.rows import write_row
from bot.remediation.seal import Seal
from bot.remediation.verify import Judgement, find_known, find_proofs, judge

log = structlog.get_logger()

State = RemediationState
Examine = Callable[[Inventory, str, str], Awaitable[Report]]
"""All the checks of a site, told in a language."""

_EVENTS: dict[State, Event] = {
    State.VERIFIED: "verified",
    State.NOT_RESOLVED: "not-resolved",
    State.COULD_NOT_TELL: "could-not-tell",
    State.REFUSED: "refused",
    State.EXPIRED: "expired",
    State.LAPSED: "expired",
}


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: between looks after a change while it does not show yet, and between looks for the proof."""

    settle: tuple[float, ...] = (2.0, 4.0, 8.0)
    proof: float = 15.0
    busy: float = 1.0


@dataclass(frozen=True, slots=True)
class Surgeon:
    """What a worker needs to attend to remediations; `begun` are those whose lines it has begun itself."""

    knowledge: Knowledge
    examine: Examine
    consoles: Consoles
    inventory: Callable[[], Inventory]
    seal: Seal
    now: Now
    begun: set[str]
    patience: Patience = Patience()

    async def attend(self, remediation: Remediation, ledger: Ledger) -> float | None:
        """Takes the next step. Answers the seconds until it wants to be asked again, None when it need not.

        Raises `Superseded` when somebody else changed the remediation meanwhile.
        """
        match remediation.state:
            case State.PROPOSED:
                await self._plan(remediation, ledger)
            case State.REQUESTED if is_expired(remediation, self.now()):
                await self._end(remediation, ledger, State.EXPIRED, self._expired(remediation))
            case State.QUEUED:
                return await self._operate(remediation, ledger)
            case State.STARTED:
                return await self._follow(remediation, ledger)
            case State.WAITING:
                return await self._prove(remediation, ledger)
        return None

    # --- the plan -------------------------------------------------------------------------------------------

    async def _plan(self, remediation: Remediation, ledger: Ledger) -> None:
        try:
            check_proposal(remediation.proposal, self.inventory(), self.now())
            if self.now() - remediation.created > dt.timedelta(minutes=REQUEST_MINUTES):
                raise Denied("plan-old", minutes=REQUEST_MINUTES)
            drawn = await self._draw_in_a_session_of_its_own(remediation)
        except Denied as denied:
            await self._refuse(remediation, ledger, denied)
            return
        await ledger.put(remediation.model_copy(update={"state": State.PLANNED, "plan": drawn.plan}))

    async def _draw_in_a_session_of_its_own(self, remediation: Remediation) -> Drawn:
        case = await self._examine(remediation)
        try:
            async with self.consoles.console(case.inventory, case.subject.asked.name) as console:
                return await draw_plan(case, self.knowledge, console)
        except ProbeError as error:
            raise Denied("no-console", error=str(error)) from error

    async def _examine(self, remediation: Remediation) -> Case:
        """The case as it stands now, with a report that is newer than this call."""
        proposal, inventory = remediation.proposal, self.inventory()
        try:
            report = await self.examine(inventory, proposal.site, proposal.language)
        except PvoError as error:
            raise Denied("not-read", error=str(error)) from error
        return Case(proposal, inventory, report, self.seal.signs, self.now())

    # --- the lines ------------------------------------------------------------------------------------------

    async def _operate(self, remediation: Remediation, ledger: Ledger) -> float | None:
        try:
            check_run(remediation, self.inventory(), self.seal, self.now())
            if remediation.id in self.begun or await ledger.was_started(remediation):
                raise Denied("already-run")
            appliance = find_subject(self.inventory(), remediation.proposal).asked.name
            async with ledger.hold(appliance) as held:
                if not held:
                    return self.patience.busy
                remediation = await self._operate_alone(remediation, ledger)
        except Denied as denied:
            await self._refuse(remediation, ledger, denied)
            return None
        except ProbeError as error:
            await self._refuse(remediation, ledger, Denied("no-console", error=str(error)))
            return None
        return await self._follow(remediation, ledger)

    async def _operate_alone(self, remediation: Remediation, ledger: Ledger) -> Remediation:
        """Draws the plan again on the session that will carry it out; raises `Denied` before the first line only."""
        case = await self._examine(remediation)
        async with self.consoles.console(case.inventory, case.subject.asked.name) as console:
            drawn = await draw_plan(case, self.knowledge, console)
            check_plan(remediation, drawn.plan)
            check_times(remediation, self.now())
            started = await self._start(remediation, ledger, drawn.plan, case.report)
            return await Typist(started, ledger, console, self.now).apply(drawn.commands, self._tell(started))

    async def _start(
        self, remediation: Remediation, ledger: Ledger, plan: Plan, report: Report
    ) -> Remediation:
        self.begun.add(remediation.id)
        known = {"known": find_known(report), "proofs": find_proofs(report, plan)}
        after = remediation.model_copy(
            update={"state": State.STARTED, "plan": plan, "progress": Progress(), "until": None} | known
        )
        row = write_row(after, "started", self.now(), lines=plan.commands)
        log.info("remediation.started", remediation=after.id, site=plan.site, appliance=plan.appliance)
        return await ledger.put(after, row)

    # --- what became of it ----------------------------------------------------------------------------------

    async def _follow(self, remediation: Remediation, ledger: Ledger) -> float | None:
        """After the last line, or after a worker that ended in the middle: nothing is sent any more."""
        plan, progress = remediation.plan, remediation.progress
        assert plan, "a started remediation has a plan"
        if progress is None or not (progress.done or progress.stopped):
            remediation = await self._take_over(remediation, ledger, plan, progress or Progress())
        judgement = await self._look_until_settled(remediation, plan)
        if _is_away(plan) and judgement.state is not State.VERIFIED:
            judgement = Judgement(State.WAITING, "away", {"appliance": plan.appliance})
        if judgement.state is State.WAITING:
            until = self.now() + dt.timedelta(minutes=PROOF_MINUTES)
            reason = self._sentence(remediation, judgement)
            await ledger.put(
                remediation.model_copy(update={"state": State.WAITING, "until": until, "reason": reason})
            )
            return self.patience.proof
        await self._end(remediation, ledger, judgement.state, self._sentence(remediation, judgement))
        return None

    async def _take_over(
        self, remediation: Remediation, ledger: Ledger, plan: Plan, progress: Progress
    ) -> Remediation:
        """Makes the remediation ours first: whoever still has it cannot write down, so not send, another line."""
        counts = {"sent": progress.sent, "total": len(plan.lines)}
        reason = "interrupted" if progress.sent else "nothing-sent"
        stopped = progress.model_copy(update={"stopped": self._tell(remediation)(reason, counts)})
        remediation = await ledger.put(remediation.model_copy(update={"progress": stopped}))
        log.warning("remediation.interrupted", remediation=remediation.id, sent=progress.sent)
        clock = await self._read_clock(plan)
        return await ledger.put(
            remediation.model_copy(update={"progress": stopped.model_copy(update={"clock": clock})})
        )

    async def _read_clock(self, plan: Plan) -> dt.datetime | None:
        """The appliance's own time: log lines before it prove nothing about the change."""
        try:
            async with self.consoles.console(self.inventory(), plan.appliance) as console:
                return (await console.ask(status())).as_of
        except ProbeError:
            return None

    async def _look_until_settled(self, remediation: Remediation, plan: Plan) -> Judgement:
        """A change may take a moment to show; what shows it at once is believed at once."""
        for seconds in (None,) if _is_away(plan) else (*self.patience.settle, None):
            judgement = await self._look(remediation, plan)
            if seconds is None or judgement.state in (State.VERIFIED, State.WAITING):
                break
            await asyncio.sleep(seconds)
        return _temper(judgement, remediation, plan)

    async def _look(self, remediation: Remediation, plan: Plan) -> Judgement:
        try:
            report = await self.examine(self.inventory(), plan.site, plan.language)
            clock = remediation.progress.clock if remediation.progress else None
            return judge(remediation, plan, report, clock or await self._read_clock(plan))
        except PvoError as error:
            return Judgement(State.COULD_NOT_TELL, "site-not-asked", {"error": str(error)})
        except (
            Exception
        ) as error:  # whatever it is, the lines were sent: somebody must be told that nobody knows
            log.exception("remediation.bug", remediation=remediation.id)
            return Judgement(State.COULD_NOT_TELL, "site-not-asked", {"error": type(error).__name__})

    async def _prove(self, remediation: Remediation, ledger: Ledger) -> float | None:
        plan = remediation.plan
        assert plan, "what waits for proof has a plan"
        judgement = await self._look(remediation, plan)
        early = remediation.until is not None and self.now() < remediation.until
        if early and (
            judgement.state is State.WAITING or (_is_away(plan) and judgement.state is not State.VERIFIED)
        ):
            return self.patience.proof
        if judgement.state is State.WAITING:
            judgement = Judgement(State.COULD_NOT_TELL, "no-proof", {"minutes": PROOF_MINUTES})
        await self._end(remediation, ledger, judgement.state, self._sentence(remediation, judgement))
        return None

    # --- how it is told -------------------------------------------------------------------------------------

    async def _refuse(self, remediation: Remediation, ledger: Ledger, denied: Denied) -> None:
        state = {"lapsed": State.LAPSED, "expired": State.EXPIRED}.get(denied.reason, State.REFUSED)
        await self._end(remediation, ledger, state, self._tell(remediation)(denied.reason, denied.details))

    async def _end(self, remediation: Remediation, ledger: Ledger, state: State, reason: str) -> None:
        after = remediation.model_copy(
            update={"state": state, "reason": reason, "ended": self.now(), "until": None}
        )
        await ledger.put(after, write_row(after, _EVENTS[state], self.now(), reason=reason))
        log.info("remediation.ended", remediation=after.id, state=state.value, reason=reason)

    def _tell(self, remediation: Remediation) -> Tell:
        return partial(self.knowledge.remark, remediation.proposal.language)

    def _sentence(self, remediation: Remediation, judgement: Judgement) -> str:
        """How it was stopped, if it was, and what the appliances show now."""
        shown = self._tell(remediation)(judgement.reason, judgement.details)
        stopped = remediation.progress.stopped if remediation.progress else None
        return f"{stopped} {shown}" if stopped else shown

    def _expired(self, remediation: Remediation) -> str:
        return self._tell(remediation)("expired", {"minutes": REQUEST_MINUTES})


def _is_away(plan: Plan) -> bool:
    """Whether the appliance restarts: until it is back nothing can be told, and what shows is no result."""
    recipe = RECIPES.get(plan.fix)
    return recipe is not None and recipe.away


def _temper(judgement: Judgement, remediation: Remediation, plan: Plan) -> Judgement:
    """Lines that were not all sent cannot have worked, whatever shows: then nobody can tell why it does."""
    progress = remediation.progress
    demanded = sum(not line.optional for line in plan.lines)
    if progress is None or progress.done or progress.sent >= demanded:
        return judgement
    if judgement.state is State.NOT_RESOLVED:
        return judgement
    return Judgement(State.COULD_NOT_TELL, judgement.reason, judgement.details)
