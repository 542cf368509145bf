"""Everything that a remediation needs, real and on loopback: appliances over SSH, Redis, an app, and workers."""

import asyncio
import datetime as dt
import tomllib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.diagnosis.diagnose import Doctor, Order
from bot.jobs.audit import Trail
from bot.jobs.operate import RedisLedger, Tempo
from bot.jobs.permissions import RedisPermissions
from bot.jobs.redis import Client
from bot.jobs.remedies import RedisRemediations, Remedies, Rules
from bot.jobs.state import State
from bot.knowledge import load
from bot.lab.appliances import Lab
from bot.model.inventory import Inventory, Secret
from bot.model.remediation import Asking, AuditRow, Press, Proposal, Remediation, RemediationState
from bot.model.remediation_ports import Use
from bot.model.report import Report
from bot.probes.live import LiveDoors
from bot.remediation.followup import Patience
from bot.remediation.permission import judge, ticks
from bot.remediation.seal import Seal
from bot.remediation.surgeon import Surgeon

KEY = b"a key of sixteen characters or more"
REQUESTER, FIRST, SECOND = "U0OPERATOR", "U0APPROVER", "U0SECOND"
CHANNEL, TS = "C0OPS", "1700000000.000100"

CIPHERS = Proposal(
    run="01RUN",
    site="site-a",
    finding="tls.ciphers.admit-anonymous",
    subject="esa-a2",
    fix="remove-anonymous-ciphers",
    user=REQUESTER,
    channel=CHANNEL,
)


def propose(finding: str, subject: str, fix: str) -> Proposal:
    """What an operator proposes from a run of site-a."""
    return CIPHERS.model_copy(update={"finding": finding, "subject": subject, "fix": fix})


RESUME = propose("setup.service.sma-suspended", "sma-a", "resume-receiving")
NEW_LIST = "HIGH:MEDIUM:-aNULL"
CIPHER_LINES = (
    *("sslconfig", "OUTBOUND", "", NEW_LIST, ""),
    *("commit", "pvo: remove anonymous ciphers (TechNote 200068)", ""),
)
PLANS: Mapping[str, tuple[str, Proposal, tuple[str, ...]]] = {
    "resume": ("sma-suspended", RESUME, ("resume",)),
    "resumetransfers": (
        "transfers-suspended",
        propose("setup.service.sma-transfers-suspended", "sma-a", "resume-transfers"),
        ("resumetransfers",),
    ),
    "resume-esa": (
        "esa-suspended",
        propose("setup.service.esa-suspended", "esa-a1", "resume-appliance"),
        ("resume",),
    ),
    "resumedel": (
        "esa-delivery-suspended",
        propose("setup.service.esa-delivery-suspended", "esa-a1", "resume-delivery"),
        ("resumedel", ""),
    ),
    "ciphers": ("anonymous-cipher", CIPHERS, CIPHER_LINES),
    "delivernow": (
        "queue-long",
        propose("queue.quarantine.backlog", "esa-a1 -> sma-a", "deliver-now"),
        ("delivernow", "1", "the.cpq.host"),
    ),
    "reboot": ("client-down", propose("log.application.fault", "sma-a", "reboot-sma"), ("reboot", "")),
}
"""By name: the fault that it is for, the proposal, and every line that is typed."""


def read_secret(secret: Secret) -> str:
    return Path(secret.file or "").read_text()


def load_inventory(path: Path) -> Inventory:
    return Inventory.model_validate(tomllib.loads(path.read_text()))


async def no_progress(done: int, total: int) -> None:
    pass


@contextmanager
def opened_doors() -> Iterator[LiveDoors]:
    doors = LiveDoors(read_secret, threads=8)
    try:
        yield doors
    finally:
        doors.close()


def make_surgeon(
    inventory: Callable[[], Inventory],
    doors: LiveDoors,
    seal: Seal,
    now: Callable[[], dt.datetime],
    last_good: Callable[[], Inventory] | None = None,
) -> Surgeon:
    doctor = Doctor(load(), now)

    async def examine(current: Inventory, site: str, language: str) -> Report:
        async with doors.open(current, site) as appliances:
            order = Order("again", current, site, language=language)
            return (await doctor.diagnose(order, appliances, no_progress)).report

    patience = Patience(settle=(0.5, 0.5, 1.0), proof=0.5, busy=0.1, away=5.0, grace=1.0, witness=0.1)
    return Surgeon(load(), examine, doors, inventory, last_good or inventory, seal, now, patience=patience)


@dataclass
class Memory:
    """The port `Witness`: remembers, like Slack, whatever Redis forgets; `away` = it cannot be asked."""

    uses: dict[str, list[Use]] = field(default_factory=dict)
    away: bool = False

    async def read(self, remediation: Remediation) -> Use | None:
        if self.away:
            raise ConnectionError("Slack cannot be asked")
        return next(iter(self.uses.get(remediation.id, [])), None)

    async def write(self, remediation: Remediation, worker: str) -> None:
        self.uses.setdefault(remediation.id, []).append(Use(worker, dt.datetime.now(dt.UTC)))


@dataclass
class Clock:
    """The clock of app and workers, which a test may set forward."""

    ahead: dt.timedelta = field(default_factory=dt.timedelta)

    def __call__(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.ahead


class Theatre:
    """An app and a worker over one Redis and one lab; both hold the same key unless told otherwise."""

    def __init__(self, client: Client, lab: Lab, doors: LiveDoors, seal: Seal | None = None) -> None:
        self.client, self.lab = client, lab
        self.inventory = load_inventory(lab.inventory)
        self.clock = Clock()
        self.seal = seal or Seal(KEY)
        self.state = State(client)
        self.trail = Trail(client, self.state, self.seal)
        rules = Rules(lambda: self.inventory, self.seal, load().remark, self.clock)
        self.app = RedisRemediations(self.state, self.trail, rules)
        self.remedies = Remedies(self.state, self.trail)
        self.surgeon = make_surgeon(lambda: self.inventory, doors, self.seal, self.clock)
        self.witness = Memory()
        self.open_ledger = RedisLedger
        self._envelopes = 0

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """What an app does for workers that ask for permissions."""
        task = asyncio.create_task(self._answer_all())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _answer_all(self) -> None:
        permissions = RedisPermissions(self.state)
        async for ask in permissions.asked():
            with suppress(ConnectionError):
                found = await self.app.get(ask.remediation)
                if answer := await judge(ask, found, self.witness, self.seal):
                    await permissions.answer(answer)

    def change_inventory(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Has app and worker read another inventory."""
        data = self.inventory.model_dump(mode="json")
        change(data)
        self.inventory = Inventory.model_validate(data)

    async def propose(self, proposal: Proposal) -> Remediation:
        self._envelopes += 1
        made = await self.app.propose(f"envelope-{self._envelopes}", proposal)
        assert made is not None
        return made

    async def attend(self, remediation: Remediation) -> float | None:
        """One step of a worker."""
        current = await self.get(remediation)
        ledger = self.open_ledger(self.state, self.trail, Tempo(witness=2.0))
        async with self.answering(), _kept(ledger):
            return await self.surgeon.attend(current, ledger)

    async def plan(self, proposal: Proposal) -> Remediation:
        made = await self.propose(proposal)
        await self.attend(made)
        return await self.get(made)

    async def request(self, proposal: Proposal) -> Remediation:
        """A request that waits for its approvals, its message posted."""
        planned = await self.plan(proposal)
        assert planned.state is RemediationState.PLANNED, planned.reason
        return await self.ask_for(planned)

    async def ask_for(self, planned: Remediation) -> Remediation:
        """Asks for approvals of a planned remediation and posts its message."""
        assert planned.plan
        asking = Asking(
            user=planned.proposal.user, reason="mail is stuck", channel=CHANNEL, shown=planned.plan.shown
        )
        await self.app.request(planned.id, asking)
        return await self.app.posted(planned.id, CHANNEL, TS)

    async def approve(self, remediation: Remediation, *users: str) -> Remediation:
        for user in users:
            shown = remediation.plan.shown if remediation.plan else ""
            press = press_of(user).model_copy(update={"shown": shown})
            remediation = await self.app.approve(remediation.id, press)
        return remediation

    async def run(self, remediation: Remediation) -> Remediation:
        """Attends until it has an end."""
        while not (current := await self.get(remediation)).state.final:
            pause = await self.attend(current)
            await asyncio.sleep(pause or 0.0)
        return current

    async def get(self, remediation: Remediation) -> Remediation:
        current = await self.app.get(remediation.id)
        assert current is not None
        return current

    async def rows(self, remediation: Remediation | None = None) -> list[AuditRow]:
        return [
            row async for row in self.trail.rows() if remediation is None or row.request == remediation.id
        ]

    def typed(self, appliance: str, since: int = 0) -> list[str]:
        """What the appliance received since its first `since` lines."""
        return self.lab.appliances[appliance].received[since:]


@asynccontextmanager
async def _kept(ledger: RedisLedger) -> AsyncIterator[None]:
    async def beat() -> None:
        while True:
            await asyncio.sleep(0.5)
            await ledger.keep(ticks())

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def press_of(user: str, channel: str = CHANNEL, ts: str = TS, groups: tuple[str, ...] = ()) -> Press:
    return Press(user=user, channel=channel, ts=ts, groups=groups)
