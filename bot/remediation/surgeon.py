"""Attends to one remediation wherever it stands: draws its plan, has it carried out once, and says how it ended."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import structlog
from ulid import ULID

from bot.knowledge.knowledge import Knowledge
from bot.model.errors import ProbeError, PvoError
from bot.model.inventory import Inventory
from bot.model.ports import Now
from bot.model.remediation import REQUEST_MINUTES, Plan, Progress, Remediation, RemediationState
from bot.model.remediation_ports import Consoles, Ledger
from bot.model.report import Report
from bot.remediation.apply import Tell, Typist
from bot.remediation.approve import (
    Denied,
    check_alone,
    check_begun,
    check_plan,
    check_proposal,
    check_run,
    is_expired,
)
from bot.remediation.ending import end
from bot.remediation.followup import PATIENCE, Examine, FollowUp, Patience
from bot.remediation.permission import obtain
from bot.remediation.plan import Case, Drawn, draw_plan, find_subject
from bot.remediation.rows import about, write_row
from bot.remediation.seal import Seal
from bot.remediation.verify import find_known, find_proofs

log = structlog.get_logger()

State = RemediationState
_PLAN_LASTS = dt.timedelta(minutes=REQUEST_MINUTES)


@dataclass(frozen=True, slots=True)
class Surgeon:
    """What a worker needs to attend to remediations.

    `begun` are those whose lines it has begun itself, `names` what it is called in front of the witness of each.
    `inventory` is the one that changes go by, and raises `Denied` while it cannot be read; what became of a change
    is looked at with the last good one.
    """

    knowledge: Knowledge
    examine: Examine
    consoles: Consoles
    inventory: Callable[[], Inventory]
    last_good: Callable[[], Inventory]
    seal: Seal
    now: Now
    begun: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    patience: Patience = PATIENCE

    async def attend(self, remediation: Remediation, ledger: Ledger) -> float | None:
        """Takes the next step. Answers the seconds until it wants to be asked again, None when it need not.

        Raises `Superseded` when somebody else changed the remediation meanwhile.
        """
        match remediation.state:
            case State.PROPOSED:
                await self._plan(remediation, ledger)
            case State.PLANNED if self.now() - remediation.created > _PLAN_LASTS:
                await ledger.put(remediation.model_copy(update={"state": State.EXPIRED, "ended": self.now()}))
            case State.REQUESTED if not self.seal.holds(remediation):
                await self._disown(remediation, ledger, Denied("not-signed"))
            case State.REQUESTED if is_expired(remediation, self.now()):
                await self._refuse(remediation, ledger, Denied("expired", minutes=REQUEST_MINUTES))
            case State.QUEUED:
                return await self._operate(remediation, ledger)
            case State.STARTED | State.WAITING:
                return await self._go_on(remediation, ledger)
        return None

    async def _go_on(self, remediation: Remediation, ledger: Ledger) -> float | None:
        """Follows what was begun; what only Redis says was begun is neither followed nor put on the record."""
        try:
            check_begun(remediation, self.seal)
        except Denied as denied:
            await self._disown(remediation, ledger, denied)
            return None
        follow_up = self._follow_up()
        started = remediation.state is State.STARTED
        return await (follow_up.follow if started else follow_up.prove)(remediation, ledger)

    async def _disown(self, remediation: Remediation, ledger: Ledger, denied: Denied) -> None:
        """Ends what no person can have approved, without a row: the audit trail is about what people did."""
        reason = self._tell(remediation)(denied.reason, denied.details)
        log.error("remediation.forged", state=remediation.state.value, reason=reason, **about(remediation))
        ended = {"state": State.REFUSED, "reason": reason, "ended": self.now(), "until": None}
        await ledger.put(remediation.model_copy(update=ended))

    # --- the plan -------------------------------------------------------------------------------------------

    async def _plan(self, remediation: Remediation, ledger: Ledger) -> None:
        try:
            check_proposal(remediation.proposal, self.inventory(), self.now())
            if self.now() - remediation.created > _PLAN_LASTS:
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
            check_alone(await ledger.headcount())
            if remediation.id in self.begun or await ledger.was_started(remediation):
                raise Denied("already-run")
            appliance = find_subject(self.inventory(), remediation.proposal).asked.name
            async with ledger.hold(appliance) as held:
                if not held:
                    return self.patience.busy
                begun = await self._operate_alone(remediation, ledger)
                if begun is None:
                    return self.patience.witness
                remediation = begun
        except Denied as denied:
            await self._refuse(remediation, ledger, denied)
            return None
        except ProbeError as error:
            await self._refuse(remediation, ledger, Denied("no-console", error=str(error)))
            return None
        return await self._follow_up().follow(remediation, ledger)

    async def _operate_alone(self, remediation: Remediation, ledger: Ledger) -> Remediation | None:
        """Draws the plan again on the session that will carry it out; raises `Denied` before the first line only.

        None when nobody could be asked whether the approval was used before.
        """
        case = await self._examine(remediation)
        async with self.consoles.console(case.inventory, case.subject.asked.name) as console:
            drawn = await draw_plan(case, self.knowledge, console)
            check_plan(remediation, drawn.plan)
            check_run(remediation, self.inventory(), self.seal, self.now())
            check_alone(await ledger.headcount())
            name = self.names.setdefault(remediation.id, str(ULID()))
            permit = await obtain(remediation, name, ledger, self.seal)
            if permit is None:
                log.warning("remediation.no-permission", **about(remediation))
                return None
            started = await self._start(remediation, ledger, drawn.plan, case.report)
            typist = Typist(started, ledger, console, permit, self.now)
            return await typist.apply(drawn.commands, self._tell(started))

    async def _start(
        self, remediation: Remediation, ledger: Ledger, plan: Plan, report: Report
    ) -> Remediation:
        if remediation.id in self.begun:  # by another attempt of this worker, while this one waited
            raise Denied("already-run")
        self.begun.add(remediation.id)
        known = {"known": find_known(report), "proofs": find_proofs(report, plan, self.knowledge)}
        after = remediation.model_copy(
            update={"state": State.STARTED, "plan": plan, "progress": Progress(), "until": None} | known
        )
        row = write_row(after, "started", self.now(), lines=plan.commands)
        log.info("remediation.started", appliance=plan.appliance, **about(after))
        return await ledger.put(after, row)

    # --- how it is told -------------------------------------------------------------------------------------

    async def _refuse(self, remediation: Remediation, ledger: Ledger, denied: Denied) -> None:
        state = {"lapsed": State.LAPSED, "expired": State.EXPIRED}.get(denied.reason, State.REFUSED)
        reason = self._tell(remediation)(denied.reason, denied.details)
        await end(remediation, ledger, state, reason, self.now())

    def _follow_up(self) -> FollowUp:
        return FollowUp(self.knowledge, self.examine, self.consoles, self.last_good, self.now, self.patience)

    def _tell(self, remediation: Remediation) -> Tell:
        return partial(self.knowledge.remark, remediation.proposal.language)
