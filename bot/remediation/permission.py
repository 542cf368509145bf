"""One approval, used once: a worker asks before its first line, and the request's own message in Slack remembers.

Redis may go back to an earlier state (a snapshot, a replica that lags, an attacker), and an approval that was used is
then there again. What stands in the thread of the request's message does not go back with it. So the app, which alone
holds Slack's tokens, writes there which worker uses the approval, reads who was first, and answers, signed. Threads
only grow, in one order that all readers see alike: of two workers that ask at once, one is first.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ulid import ULID

from bot.model.remediation import Ask, Permission, Remediation, RemediationState
from bot.model.remediation_ports import Ledger, Witness
from bot.remediation.approve import Denied
from bot.remediation.seal import Seal

LASTS = 20.0
"""Seconds after the question in which the first line may be sent."""
SETTLE = 0.5
"""Seconds after a use was written, until who was first is read: another app may just have written too."""

Ticks = Callable[[], float]


def ticks() -> float:
    """Seconds of a clock that also runs while the process is stopped or the machine sleeps."""
    return time.clock_gettime(_CLOCK)


_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(frozen=True, slots=True)
class Permit:
    """May the first line still be sent? `asked_at` is of this machine's clock, so that no other clock matters."""

    asked_at: float = field(default_factory=ticks)

    @property
    def lasts(self) -> bool:
        return ticks() - self.asked_at < LASTS


async def obtain(remediation: Remediation, worker: str, ledger: Ledger, seal: Seal) -> Permit | None:
    """The permit; None when the witness could not be asked in time. Raises `Denied` when it was used before."""
    permit, ask = Permit(), Ask(remediation=remediation.id, worker=worker, question=str(ULID()))
    answer = await ledger.permission(ask)
    if answer is None or not permit.lasts:
        return None
    named = (answer.remediation, answer.worker, answer.question)
    if not seal.holds_permission(answer) or named != (ask.remediation, ask.worker, ask.question):
        raise Denied("not-signed")
    if not answer.granted:
        raise Denied("spent", time=f"{answer.used_at:%Y-%m-%d %H:%M:%S} UTC")
    return permit


async def judge(ask: Ask, remediation: Remediation | None, witness: Witness, seal: Seal) -> Permission | None:
    """What the app answers; None where nothing may be said. Raises what the witness raises."""
    if remediation is None or remediation.state is not RemediationState.QUEUED:
        return None
    if remediation.message is None or not remediation.approvals or not seal.holds(remediation):
        return None
    first = await witness.read(remediation)
    if first is None:
        await witness.write(remediation, ask.worker)
        await asyncio.sleep(SETTLE)
        first = await witness.read(remediation)
    if first is None:  # what was written does not show yet: another worker may be first all the same
        return None
    named = {"remediation": ask.remediation, "worker": ask.worker, "question": ask.question}
    return seal.sign_permission(Permission(granted=first.worker == ask.worker, used_at=first.at, **named))
