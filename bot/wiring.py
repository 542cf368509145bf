"""Builds the real things and hands them in; the only file that knows everybody."""

import asyncio
import contextlib
import datetime as dt
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import structlog
from pydantic import SecretStr
from ulid import ULID

from bot.diagnosis.checking import Progress
from bot.diagnosis.diagnose import Diagnosis, Doctor, Order
from bot.knowledge.load import load as load_knowledge
from bot.logs import configure_logging
from bot.metrics.meters import SLACK_PONG, WORKER_BEAT
from bot.model.audit import Entry, Verified
from bot.model.capture import Capture
from bot.model.errors import Unusable
from bot.model.examination import Examined
from bot.model.inventory import Inventory
from bot.model.remediation import Remediation
from bot.model.remediation_ports import Ledger
from bot.model.report import Report
from bot.model.run import Run
from bot.remediation.seal import Seal
from bot.settings import (
    InventoryFile,
    Level,
    Settings,
    load_inventory,
    load_settings,
    log_format,
    proxy_in_the_way,
    read_secret,
)
from bot.tracing.spans import Open, note_past, span
from bot.tracing.start import tracing

if TYPE_CHECKING:
    from bot.probes.live import LiveDoors


def now() -> dt.datetime:
    """The clock of this process."""
    return dt.datetime.now(dt.UTC)


def new_id() -> str:
    """An id that sorts by time."""
    return str(ULID())


def find_inventory(settings: Settings, named: Path | None) -> Path:
    """The inventory that was named, else the setting; `Unusable` when there is neither."""
    path = named or settings.pvo_inventory
    if path is None:
        raise Unusable("No inventory: name one with --inventory FILE or PVO_INVENTORY.")
    return path


def expect_site(inventory: Inventory, site: str, path: Path) -> None:
    """Raises `Unusable` when the inventory has no such site."""
    if site not in inventory.sites:
        raise Unusable(
            f"{path}: there is no site {site!r} (known: {', '.join(sorted(inventory.sites)) or 'none'})."
        )


async def check_site(order: Order, progress: Progress) -> Diagnosis:
    """Diagnoses a site from this process."""
    from bot.probes.live import LiveDoors

    doors = LiveDoors(read_secret)
    try:
        async with doors.open(order.inventory, order.site) as appliances:
            return await Doctor(load_knowledge(), now).diagnose(order, appliances, progress)
    finally:
        await doors.settle()
        doors.close()


async def replay(capture: Capture, language: str) -> Report:
    """Diagnoses what was captured, at the time of the capture."""
    from bot.diagnosis.replay import Recording, order_again

    async def ignore(done: int, total: int) -> None:
        pass

    recording = Recording(capture)
    doctor = Doctor(load_knowledge(), recording.now)
    return (await doctor.diagnose(order_again(capture, new_id(), language), recording, ignore)).report


def terminal_order(path: Path, site: str, areas: tuple[str, ...], language: str) -> Order:
    """What a person at a terminal asks for."""
    inventory = load_inventory(path)
    expect_site(inventory, site, path)
    return Order(new_id(), inventory, site, areas, language)


@contextlib.asynccontextmanager
async def opened_doors(url: str) -> AsyncIterator["LiveDoors"]:
    """The door of a worker; logins that were refused are known to all workers."""
    from bot.jobs.redis import connected
    from bot.jobs.refusals import RedisRefusals
    from bot.probes.live import LiveDoors

    async with connected(url, patient=False) as client:
        doors = LiveDoors(read_secret, refusals=RedisRefusals(client))
        try:
            yield doors
        finally:
            await doors.settle()
            doors.close()


async def run_worker(settings: Settings, path: Path, changes: Literal["too", "no", "only"] = "too") -> None:
    """Takes jobs until SIGTERM: checks, remediations, or both."""
    with tracing(settings.traces_url, "pvo-worker"):
        async with opened_doors(settings.redis_url or "") as doors:
            await _take_jobs(settings, path, changes, doors)


async def _take_jobs(
    settings: Settings, path: Path, changes: Literal["too", "no", "only"], doors: "LiveDoors"
) -> None:
    from bot.jobs.observe import observed
    from bot.jobs.watching import keep_watch
    from bot.jobs.worker import work

    url, inventory = settings.redis_url or "", InventoryFile(path)
    doctor = Doctor(load_knowledge(), now)

    async def check(run: Run, progress: Callable[[int, int], Awaitable[None]]) -> Report:
        request, current = run.request, inventory()
        expect_site(current, request.site, path)
        order = Order(run.id, current, request.site, request.areas, request.language, request.user)
        unattended = request.user is None
        with traced_run(run) as traced:
            async with doors.open(current, request.site, unattended=unattended) as appliances:
                report = (await doctor.diagnose(order, appliances, progress)).report
            traced.note(verdict=report.verdict)
        return report

    stop = stop_on_signals()

    async def check_sites() -> None:
        language, days = settings.pvo_language or "en", settings.pvo_history_days
        watching = asyncio.create_task(keep_watch(url, inventory, language, days))
        try:
            await work(url, check, settings.pvo_concurrency, stop)
        finally:
            watching.cancel()

    # A worker for remediations alone looks at no queue of checks.
    signs = {} if changes == "only" else {"worker": WORKER_BEAT}
    async with observed(url, settings.pvo_metrics_port, signs, settings.pvo_metrics_host):
        duties = [] if changes == "only" else [check_sites()]
        if changes != "no":
            duties.append(run_remediations(settings, inventory, doors, stop))
        await asyncio.gather(*duties)


@contextlib.contextmanager
def traced_run(run: Run) -> Iterator[Open]:
    """A span from the moment a run was asked for, below what asked for it; and one of its time in the queue."""
    with span(
        "run", "consumer", parent=run.request.trace, since=run.asked_at, run=run.id, site=run.request.site
    ) as traced:
        note_past("queued", since=run.asked_at)
        yield traced


async def run_remediations(
    settings: Settings, inventory: InventoryFile, doors: "LiveDoors", stop: asyncio.Event
) -> None:
    """Attends to remediations until `stop` is set."""
    from bot.jobs.operate import Records, operate
    from bot.remediation.examine import examine_by
    from bot.remediation.present import for_changes
    from bot.remediation.surgeon import Surgeon

    knowledge, seal = load_knowledge(), approval_seal(settings)
    if not seal.signs:
        structlog.get_logger().warning(
            "approvals.unsigned", remedy="Set the same PVO_APPROVAL_KEY for the app and the workers."
        )
    examine = examine_by(Doctor(knowledge, now), doors)
    surgeon = Surgeon(knowledge, examine, doors, for_changes(inventory.read_present), inventory, seal, now)
    records = Records(seal, dt.timedelta(days=settings.pvo_audit_days))

    async def attend(remediation: Remediation, ledger: Ledger) -> float | None:
        site, step = remediation.proposal.site, remediation.state.value
        with span("remediation", "consumer", remediation=remediation.id, site=site, step=step):
            return await surgeon.attend(remediation, ledger)

    await operate(settings.redis_url or "", attend, records, stop)


async def examine_stores(settings: Settings) -> list[Examined]:
    """Whether Redis is fit, for `pvo doctor`; nothing where none is set."""
    from bot.jobs.examine import examine_redis

    return await examine_redis(settings.redis_url, now) if settings.redis_url else []


async def examine_slack(settings: Settings) -> list[Examined]:
    """Whether Slack takes the tokens, for `pvo doctor`; nothing where none is set or a proxy is in the way."""
    from bot.slack.wire.doctor import examine_slack as examine

    if proxy_in_the_way(settings.slack_api_url):
        return []
    tokens = _revealed(settings.slack_bot_token), _revealed(settings.slack_app_token)
    return await examine(*tokens, settings.slack_api_url, now)


def approval_seal(settings: Settings) -> Seal:
    """What signs approvals and the audit trail: nothing does without PVO_APPROVAL_KEY."""
    key = _revealed(settings.pvo_approval_key)
    return Seal(key.encode() or None)


async def read_audit(settings: Settings, since: dt.datetime | None) -> list[Entry]:
    """What the audit trail holds; `Unusable` where Redis cannot be asked."""
    from bot.jobs.audit import opened_trail

    async with opened_trail(settings.redis_url or "", approval_seal(settings)) as trail:
        return [entry async for entry in trail.entries(since)]


async def verify_audit(settings: Settings, head: str | None) -> Verified:
    """Whether the chain of the audit trail holds, and has a row with the hash `head`; `Unusable` as above."""
    from bot.jobs.audit import opened_trail

    async with opened_trail(settings.redis_url or "", approval_seal(settings)) as trail:
        return await trail.verify(head)


async def run_app(settings: Settings, path: Path) -> None:
    """Serves Slack until SIGTERM."""
    with tracing(settings.traces_url, "pvo-app"):
        await _serve_slack(settings, path)


async def _serve_slack(settings: Settings, path: Path) -> None:
    from bot.jobs.audit import Trail
    from bot.jobs.budget import RedisBudget
    from bot.jobs.observe import observed
    from bot.jobs.outbox import RedisOutbox
    from bot.jobs.permissions import RedisPermissions
    from bot.jobs.presence import RedisPresence
    from bot.jobs.queue import Checks
    from bot.jobs.redis import connected
    from bot.jobs.remedies import RedisNotices, RedisRemediations, Rules
    from bot.jobs.runs import RedisRuns
    from bot.jobs.state import State
    from bot.jobs.watches import RedisWatches
    from bot.remediation.present import for_changes
    from bot.slack.app import SlackSettings
    from bot.slack.app import run_app as serve
    from bot.slack.desk import Stores

    url = settings.redis_url or ""
    slack = SlackSettings(
        bot_token=_revealed(settings.slack_bot_token),
        app_token=_revealed(settings.slack_app_token),
        signing_secret=_revealed(settings.slack_signing_secret),
        port=settings.port,
        language=settings.pvo_language or "en",
        api_url=settings.slack_api_url,
        proxy=proxy_in_the_way(settings.slack_api_url),
        seal=(seal := approval_seal(settings)),
    )
    current = InventoryFile(path)
    rules = Rules(for_changes(current.read_present), seal, load_knowledge().remark, now)
    signs = {"slack": SLACK_PONG} if slack.app_token else {}
    async with (
        observed(url, settings.pvo_metrics_port, signs, settings.pvo_metrics_host),
        connected(url, patient=False) as hasty,
        connected(url, patient=True) as patient,
    ):
        state, checks = State(hasty), Checks(hasty)
        trail, waiting = Trail(hasty, state, seal), State(patient)
        stores = Stores(
            runs=RedisRuns(state, checks),
            outbox=RedisOutbox(waiting),
            watches=RedisWatches(hasty, state, checks),
            budget=RedisBudget(state),
            audit=trail,
            remediations=RedisRemediations(state, trail, rules),
            notices=RedisNotices(waiting, Trail(patient, waiting, seal)),
            permissions=RedisPermissions(waiting),
            presence=RedisPresence(state),
        )
        await serve(slack, stores, current, stop_on_signals())


def _revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def settings_for(*required: str, level: Level | None = None) -> Settings:
    """The settings a process needs, with its logs set up; `level` is what --quiet or --verbose say."""
    try:
        settings = load_settings(*required)
    except Unusable:
        configure_logging(log_format(), level or "info")
        raise
    configure_logging(settings.pvo_log_format, level or settings.pvo_log_level)
    return settings
