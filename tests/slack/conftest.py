"""An office for the app: a workspace, a Redis, an inventory, and reports in which every finding can stand."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from bot import knowledge
from bot.jobs.outbox import RedisOutbox
from bot.jobs.queue import Checks
from bot.jobs.redis import Client, connected
from bot.jobs.runs import RedisRuns
from bot.jobs.state import State
from bot.lab.workspace import Workspace
from bot.lab.workspace.messages import Message
from bot.model.finding import Evidence, Finding, Severity, Status
from bot.model.inventory import Inventory
from bot.model.report import Explanation, Report, ReportedCheck, ReportedFinding, ReportedPath
from bot.model.run import Request, Run, RunState
from bot.model.subject import Kind, Node, Path, Subject
from bot.slack.app import SlackSettings, run_app

AT = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
Box = TypeVar("Box", bound=RedisOutbox)
OPERATOR, GUEST = "U0OPERATOR", "U0GUEST"


def make_inventory(esas: int = 2, operators: Iterable[str] = (OPERATOR, GUEST)) -> Inventory:
    names = [f"esa-a{n}" for n in range(1, esas + 1)]
    box = {"host": "127.0.0.1", "username": "pvo", "password": {"env": "PVO_TEST"}}
    return Inventory.model_validate(
        {
            "access": {"operators": list(operators)},
            "appliances": {"sma-a": box | {"product": "sma"}} | {n: box | {"product": "esa"} for n in names},
            "sites": {"site-a": {"title": "Site A", "sma": "sma-a", "esas": names}},
        }
    )


def subject_of(kind: Kind) -> Subject:
    esa, sma = Node("esa-a1", "esa", "10.10.20.1"), Node("sma-a", "sma", "10.10.10.1")
    match kind:
        case "esa":
            return esa
        case "sma":
            return sma
        case "quarantine":
            return Path("quarantine", esa, sma)
        case _:
            return Path(kind, sma, esa)


def make_finding(identifier: str = "tls.ciphers.admit-anonymous", **more: Any) -> ReportedFinding:
    """A finding with the texts of the catalogue, its details filled with `fill`."""
    catalogue = knowledge.load()
    entry = catalogue.entry(identifier)
    fill = more.pop("fill", "x")
    subject = subject_of(sorted(entry.subjects)[0])
    evidence = Evidence(appliance="esa-a1", command="status", excerpt=more.pop("excerpt", "Offline"), at=AT)
    details = dict.fromkeys(entry.details, fill)
    found = Finding(identifier, subject, Severity.CRITICAL, (evidence,), details)
    told = catalogue.describe(found, "en")
    values: dict[str, Any] = {
        "id": identifier,
        "severity": Severity.CRITICAL,
        "role": "cause",
        "subject": str(subject),
        "title": told.title,
        "why": told.why,
        "evidence": (evidence,),
        "fixes": told.fixes,
    }
    return ReportedFinding.model_validate(values | more)


def make_report(*findings: ReportedFinding, **more: Any) -> Report:
    esas = more.pop("esas", 2)
    status = more.pop("path", "failed" if findings else "ok")
    paths = [
        ReportedPath.model_validate({"kind": kind, "from": sender, "to": receiver, "status": status})
        for n in range(1, esas + 1)
        for kind, sender, receiver in (
            ("quarantine", f"esa-a{n}", "sma-a"),
            ("release", "sma-a", f"esa-a{n}"),
            ("command", "sma-a", f"esa-a{n}"),
        )
    ]
    values: dict[str, Any] = {
        "id": "01RUN",
        "site": "site-a",
        "language": "en",
        "started": AT,
        "seconds": 2.31,
        "verdict": "broken" if findings else "healthy",
        "paths": paths,
        "checks": [make_check(Status.PASSED)],
        "findings": findings,
    }
    return Report.model_validate(values | more)


def make_check(
    status: Status, identifier: str = "connectivity.cpq", reason: str | None = None
) -> ReportedCheck:
    return ReportedCheck(id=identifier, subject="esa-a1 -> sma-a", status=status, reason=reason, seconds=0.4)


def make_consequence(identifier: str = "queue.quarantine.stalled", **more: Any) -> ReportedFinding:
    cause = Explanation(id="tls.ciphers.admit-anonymous", subject="esa-a1")
    return make_finding(identifier, role="consequence", explained_by=(cause,), **more)


def make_run(state: RunState = RunState.DONE, report: Report | None = None, **more: Any) -> Run:
    request = Request(
        site="site-a", user=OPERATOR, team="T0LOCAL", channel="C0OPS", areas=more.pop("areas", ())
    )
    return Run(id="01RUN", request=request, state=state, asked_at=AT, report=report, **more)


@dataclass
class Office:
    """A workspace and a Redis, and the app between them; `Runs` is also what a worker would use."""

    workspace: Workspace
    redis: Client
    runs: RedisRuns
    inventory: Inventory = field(default_factory=make_inventory)

    def open_outbox(self, kind: type[Box]) -> Box:
        """The outbox of one app."""
        return kind(State(self.redis))

    @asynccontextmanager
    async def app(self, outbox: RedisOutbox | None = None) -> AsyncIterator[None]:
        """The app, connected; stopped and drained at the end."""
        stop = asyncio.Event()
        settings = SlackSettings(self.workspace.bot_token, self.workspace.app_token, self.workspace.api_url)
        outbox = outbox or self.open_outbox(RedisOutbox)
        running = asyncio.create_task(run_app(settings, self.runs, outbox, lambda: self.inventory, stop))
        before = self.workspace.sockets.connections
        try:
            await self.until(lambda: running.done() or self.workspace.sockets.connections > before)
            yield
        finally:
            stop.set()
            await running

    async def until(self, true: Callable[[], bool]) -> None:
        """Waits for something that shows in the workspace."""
        with self.workspace.state.feed.subscribe() as events:
            async with asyncio.timeout(20):
                while not true():
                    await events.get()

    def cards(self, channel: str = "C0OPS") -> list[Message]:
        """The bot's messages in the channel itself."""
        posted = self.workspace.state.messages.top_level(channel)
        return [message for message in posted if message.user == "U0BOT"]

    def replies(self, card: Message) -> list[Message]:
        return self.workspace.state.messages.replies(card)

    def whispers(self, user: str = OPERATOR) -> list[str]:
        return [message.text for message in self.workspace.state.messages.ephemerals(user)]

    def run_of(self, card: Message) -> str:
        assert card.metadata is not None
        return str(card.metadata["event_payload"]["run"])

    async def finish(self, card: Message, report: Report) -> None:
        """What a worker does with a run."""
        run = self.run_of(card)
        assert await self.runs.begin(run)
        assert await self.runs.finish(run, report.model_copy(update={"id": run}))

    async def settled(self, card: Message) -> None:
        """Waits until an app has given the card back and nothing of it is due."""
        name = f"{self.run_of(card)} {card.channel}"
        async with asyncio.timeout(20):
            while await self.redis.zscore("pvo:outbox", name) is not None:  # noqa: ASYNC110 - Redis tells nobody
                await asyncio.sleep(0.01)

    async def check(
        self, line: str = "/pvo check site-a", channel: str = "C0OPS", user: str = OPERATOR
    ) -> Message:
        """Types a command and waits for its card."""
        before = len(self.cards(channel))
        await self.workspace.people.type(user, channel, line)
        await self.until(lambda: len(self.cards(channel)) > before)
        return self.cards(channel)[-1]


@pytest.fixture
async def office(redis_url: str) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        workspace = await stack.enter_async_context(Workspace())
        hasty = await stack.enter_async_context(connected(redis_url, patient=False))
        patient = await stack.enter_async_context(connected(redis_url, patient=True))
        runs = RedisRuns(State(hasty), Checks(hasty))
        yield Office(workspace, patient, runs)


class Make:
    """Makers of what tests show, at hand as one fixture."""

    inventory = staticmethod(make_inventory)
    finding = staticmethod(make_finding)
    consequence = staticmethod(make_consequence)
    check = staticmethod(make_check)
    report = staticmethod(make_report)
    run = staticmethod(make_run)


@pytest.fixture
def make() -> Make:
    return Make()
