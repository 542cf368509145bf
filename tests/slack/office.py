"""An office for the app: a workspace, a Redis, an inventory, and what people and workers do."""

import asyncio
import datetime as dt
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.jobs.audit import Trail
from bot.jobs.budget import RedisBudget
from bot.jobs.outbox import RedisOutbox
from bot.jobs.permissions import RedisPermissions
from bot.jobs.presence import RedisPresence
from bot.jobs.queue import Checks
from bot.jobs.redis import Client
from bot.jobs.remedies import RedisNotices, RedisRemediations, Rules
from bot.jobs.runs import RedisRuns
from bot.jobs.state import State
from bot.jobs.watches import RedisWatches
from bot.jobs.watching import Watch
from bot.knowledge import load
from bot.lab.workspace import Workspace
from bot.lab.workspace.messages import Message
from bot.model.inventory import Inventory
from bot.model.ports import Runs
from bot.model.presence import RHYTHM, Rhythm
from bot.model.report import Report
from bot.remediation.seal import Seal
from bot.slack.app import SlackSettings, run_app
from bot.slack.desk import Stores
from tests.slack import make

Box = TypeVar("Box", bound=RedisOutbox)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def listens(port: int, running: asyncio.Task[None]) -> None:
    """Waits until somebody does, or until `running` has ended."""
    async with asyncio.timeout(20):
        while not running.done():
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return


def give_second_id(workspace: Workspace, user: str, second: str, person: str) -> None:
    """Makes the user somebody with two ids in an Enterprise Grid, in the same channels."""
    users = workspace.state.users
    users[user] = replace(users[user], person=person)
    users[second] = replace(users[user], id=second)
    for channel in workspace.state.channels.values():
        if user in channel.members:
            channel.members.add(second)


def stores_over(hasty: Client, patient: Client, rules: Rules | None = None) -> Stores:
    """What an app has in common with the others, as the wiring makes it; `rules` are those of remediations."""
    rules = rules or Rules(make.inventory, Seal(), load().remark, lambda: dt.datetime.now(dt.UTC))
    state, checks, waiting = State(hasty), Checks(hasty), State(patient)
    trail = Trail(hasty, state, rules.seal)
    return Stores(
        runs=RedisRuns(state, checks),
        outbox=RedisOutbox(waiting),
        watches=RedisWatches(hasty, state, checks),
        budget=RedisBudget(state),
        audit=trail,
        remediations=RedisRemediations(state, trail, rules),
        notices=RedisNotices(waiting, Trail(patient, waiting, rules.seal)),
        permissions=RedisPermissions(waiting),
        presence=RedisPresence(state),
    )


@dataclass
class Office:
    """A workspace and a Redis, and the app between them; its runs and its watch are also those of a worker."""

    workspace: Workspace
    redis: Client
    stores: Stores
    inventory: Inventory = field(default_factory=make.inventory)
    seal: Seal = field(default_factory=Seal)

    @property
    def runs(self) -> Runs:
        return self.stores.runs

    @property
    def watch(self) -> Watch:
        """The watch of a worker."""
        state, checks = State(self.redis), Checks(self.redis)
        watches = RedisWatches(self.redis, state, checks)
        return Watch(RedisRuns(state, checks), watches, lambda: self.inventory)

    def open_outbox(self, kind: type[Box]) -> Box:
        """The outbox of one app."""
        return kind(State(self.redis))

    @asynccontextmanager
    async def app(
        self, outbox: RedisOutbox | None = None, *, http: bool = False, rhythm: Rhythm = RHYTHM
    ) -> AsyncIterator[str]:
        """The app, connected; stopped and drained at the end. By `http` it listens at the address that is yielded."""
        stop, box, port = asyncio.Event(), self.workspace, free_port() if http else 0
        app_token = "" if http else box.app_token
        settings = SlackSettings(box.bot_token, app_token, box.signing_secret, port=port, api_url=box.api_url)
        settings = replace(settings, seal=self.seal)
        stores = replace(self.stores, outbox=outbox or self.open_outbox(RedisOutbox))
        before = self.workspace.sockets.connections
        running = asyncio.create_task(run_app(settings, stores, lambda: self.inventory, stop, rhythm))
        try:
            if http:
                await listens(port, running)
            else:
                await self.until(lambda: running.done() or self.workspace.sockets.connections > before)
            yield f"http://127.0.0.1:{port}/slack/events"
        finally:
            stop.set()
            await running

    async def until(self, true: Callable[[], bool], seconds: float = 20) -> None:
        """Waits for something that shows in the workspace."""
        with self.workspace.state.feed.subscribe() as events:
            async with asyncio.timeout(seconds):
                while not true():
                    await events.get()

    def cards(self, channel: str = "C0OPS") -> list[Message]:
        """The bot's messages in the channel itself."""
        posted = self.workspace.state.messages.top_level(channel)
        return [message for message in posted if message.user == "U0BOT"]

    def replies(self, card: Message) -> list[Message]:
        return self.workspace.state.messages.replies(card)

    def whispers(self, user: str = make.OPERATOR) -> list[str]:
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
        self, line: str = "/pvo check site-a", channel: str = "C0OPS", user: str = make.OPERATOR
    ) -> Message:
        """Types a command and waits for its card."""
        before = len(self.cards(channel))
        await self.workspace.people.type(user, channel, line)
        await self.until(lambda: len(self.cards(channel)) > before)
        return self.cards(channel)[-1]


async def audited(office: Office) -> list[tuple[str, str | None, str | None, str | None, str | None]]:
    """Event, site, actor, channel and reason of every row of the audit trail, whose chain holds."""
    trail = Trail(office.redis, State(office.redis), Seal())
    assert await trail.find_break() is None
    return [(row.event, row.site, row.actor, row.channel, row.reason) async for row in trail.rows()]
