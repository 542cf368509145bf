"""After the last line, or after a worker that ended in the middle: nothing is sent any more, only asked."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog

from bot.asyncos.commands.showchanges import showchanges
from bot.asyncos.commands.status import status
from bot.knowledge.knowledge import Knowledge
from bot.model.errors import ProbeError, PvoError
from bot.model.inventory import Inventory
from bot.model.ports import Now
from bot.model.remediation import PROOF_MINUTES, Plan, Progress, Remediation, RemediationState
from bot.model.remediation_ports import Consoles, Ledger
from bot.model.report import Report
from bot.remediation.apply import Tell
from bot.remediation.ending import end
from bot.remediation.recipes import RECIPES
from bot.remediation.rows import about
from bot.remediation.verify import Judgement, judge

log = structlog.get_logger()

State = RemediationState
Examine = Callable[[Inventory, str, str], Awaitable[Report]]
"""All the checks of a site, told in a language."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: between looks after a change while it does not show yet, and between looks for the proof.

    `away`: how long a restart may take before what shows is taken for its result. `grace`: how long a worker that was
    taken over from may still be about to send its line. `witness`: until the permission is asked for again.
    """

    settle: tuple[float, ...] = (2.0, 4.0, 8.0)
    proof: float = 15.0
    busy: float = 1.0
    away: float = 60.0 * PROOF_MINUTES
    grace: float = 30.0
    witness: float = 3.0


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Finds out what became of a started remediation, and says so."""

    knowledge: Knowledge
    examine: Examine
    consoles: Consoles
    inventory: Callable[[], Inventory]
    now: Now
    patience: Patience

    async def follow(self, remediation: Remediation, ledger: Ledger) -> float | None:
        """For one that is started; answers the seconds until it wants a look, None when it has its end."""
        plan, progress = remediation.plan, remediation.progress
        assert plan, "a started remediation has a plan"
        taken_over = progress is None or not (progress.done or progress.stopped)
        if taken_over:
            remediation = await self._take_over(remediation, ledger, plan, progress or Progress())
        judgement = await self._look_until_settled(remediation, plan)
        if taken_over and _may_be_sent(progress) and judgement.state is not State.WAITING:
            return await self._look_again(remediation, ledger, judgement)
        if judgement.state is not State.WAITING:
            await self._end(remediation, ledger, judgement)
            return None
        longest = self.patience.away if _restarts(remediation, plan) else 60.0 * PROOF_MINUTES
        until = self.now() + dt.timedelta(seconds=longest)
        waiting = {"state": State.WAITING, "until": until, "reason": self._sentence(remediation, judgement)}
        await ledger.put(remediation.model_copy(update=waiting))
        return self.patience.proof

    async def _look_again(
        self, remediation: Remediation, ledger: Ledger, judgement: Judgement
    ) -> float | None:
        """Says what shows now, and that it is not the end: the line in hand may be sent after this look."""
        sentence = f"{self._sentence(remediation, judgement)} {self._tell(remediation)('may-be-sent', {})}"
        until = self.now() + dt.timedelta(seconds=self.patience.grace)
        waiting = {"state": State.WAITING, "until": until, "reason": sentence}
        await ledger.put(remediation.model_copy(update=waiting))
        return self.patience.grace

    async def prove(self, remediation: Remediation, ledger: Ledger) -> float | None:
        """For one that waits for its proof; answers as `follow`."""
        plan = remediation.plan
        assert plan, "what waits for proof has a plan"
        judgement = _temper(await self._look(remediation, plan), remediation, plan)
        if remediation.until and self.now() < remediation.until and _is_open(judgement, remediation, plan):
            return self.patience.proof
        if judgement.state is State.WAITING:
            judgement = Judgement(State.COULD_NOT_TELL, "no-proof", {"minutes": PROOF_MINUTES})
        await self._end(remediation, ledger, judgement)
        return None

    async def _take_over(
        self, remediation: Remediation, ledger: Ledger, plan: Plan, progress: Progress
    ) -> Remediation:
        """Makes the remediation ours first: whoever still has it cannot write down, so not send, another line."""
        tell = self._tell(remediation)
        counts = {"sent": progress.sent, "total": len(plan.lines)}
        stopped = tell("interrupted" if progress.sent else "nothing-sent", counts)
        after = progress.model_copy(update={"stopped": stopped})
        remediation = await ledger.put(remediation.model_copy(update={"progress": after}))
        log.warning("remediation.interrupted", sent=progress.sent, **about(remediation))
        clock, pending = await self._look_around(plan)
        if pending:
            stopped = f"{stopped} {tell('left-pending', {'appliance': plan.appliance})}"
        after = after.model_copy(update={"stopped": stopped, "clock": clock})
        return await ledger.put(remediation.model_copy(update={"progress": after}))

    async def _look_around(self, plan: Plan) -> tuple[dt.datetime | None, bool]:
        """The appliance's own time, which log lines must be newer than; and whether it shows pending changes."""
        try:
            async with self.consoles.console(self.inventory(), plan.appliance) as console:
                clock = (await console.ask(status())).as_of
                commits = "commit" in plan.commands
                return clock, commits and (await console.ask(showchanges())).pending
        except (ProbeError, KeyError):  # the inventory may no longer have the appliance
            return None, False

    async def _look_until_settled(self, remediation: Remediation, plan: Plan) -> Judgement:
        """A change may take a moment to show; what shows it at once is believed at once."""
        restarts = _restarts(remediation, plan)
        for seconds in (None,) if restarts else (*self.patience.settle, None):
            judgement = await self._look(remediation, plan)
            if seconds is None or judgement.state in (State.VERIFIED, State.WAITING):
                break
            await asyncio.sleep(seconds)
        if restarts and judgement.state is not State.VERIFIED:
            return Judgement(State.WAITING, "away", {"appliance": plan.appliance})
        return _temper(judgement, remediation, plan)

    async def _look(self, remediation: Remediation, plan: Plan) -> Judgement:
        try:
            report = await self.examine(self.inventory(), plan.site, plan.language)
            clock = remediation.progress.clock if remediation.progress else None
            if clock is None:
                clock, _ = await self._look_around(plan)
            return judge(remediation, plan, report, clock, self.knowledge)
        except PvoError as error:
            why = str(error)
        except Exception as error:
            # Whatever it is: lines were sent, and somebody must be told that nobody knows.
            log.exception("remediation.bug", **about(remediation))
            why = type(error).__name__
        return Judgement(State.COULD_NOT_TELL, "site-not-asked", {"error": why})

    async def _end(self, remediation: Remediation, ledger: Ledger, judgement: Judgement) -> None:
        sentence = self._sentence(remediation, judgement)
        await end(remediation, ledger, judgement.state, sentence, self.now())

    def _tell(self, remediation: Remediation) -> Tell:
        return partial(self.knowledge.remark, remediation.proposal.language)

    def _sentence(self, remediation: Remediation, judgement: Judgement) -> str:
        """How it was stopped, if it was, and what the appliances show now."""
        shown = self._tell(remediation)(judgement.reason, judgement.details)
        stopped = remediation.progress.stopped if remediation.progress else None
        return f"{stopped} {shown}" if stopped else shown


def _may_be_sent(progress: Progress | None) -> bool:
    """Whether a line was written down of which nobody knows whether it was sent."""
    return progress is not None and progress.sent > progress.answered


def _is_open(judgement: Judgement, remediation: Remediation, plan: Plan) -> bool:
    """Whether a later look may tell more."""
    if _restarts(remediation, plan):
        return judgement.state is not State.VERIFIED
    return judgement.state in (State.WAITING, State.COULD_NOT_TELL)


def _restarts(remediation: Remediation, plan: Plan) -> bool:
    """Whether the appliance restarts: until it is back, what shows is no result."""
    recipe = RECIPES.get(plan.fix)
    return recipe is not None and recipe.away and _all_sent(remediation, plan)


def _all_sent(remediation: Remediation, plan: Plan) -> bool:
    progress = remediation.progress
    demanded = sum(not line.optional for line in plan.lines)
    return progress is not None and (progress.done or progress.sent >= demanded)


def _temper(judgement: Judgement, remediation: Remediation, plan: Plan) -> Judgement:
    """Lines that were not all sent cannot have worked, whatever shows: then nobody can tell why it does."""
    if judgement.state is State.NOT_RESOLVED or _all_sent(remediation, plan):
        return judgement
    return Judgement(State.COULD_NOT_TELL, judgement.reason, judgement.details)
