"""Do the clocks of both ends of a quarantine path agree?"""

from collections.abc import Iterator

from bot.facts.clock import Clock, read_clock
from bot.model.check import Check
from bot.model.finding import Detail, Finding, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Path

TOLERATED_SECONDS = 120


async def collect(probes: Probes, path: Path) -> tuple[Path, Clock, Clock]:
    return path, await read_clock(probes, path.sender), await read_clock(probes, path.receiver)


def analyze(facts: tuple[Path, Clock, Clock], limits: Limits) -> Iterator[Finding]:
    path, sender, receiver = facts
    seconds = round(abs((sender.ahead - receiver.ahead).total_seconds()))
    if seconds <= TOLERATED_SECONDS:
        return
    details: dict[str, Detail] = {
        "seconds": seconds,
        "sender_time": f"{sender.shown:%Y-%m-%d %H:%M:%S} UTC",
        "receiver_time": f"{receiver.shown:%Y-%m-%d %H:%M:%S} UTC",
    }
    evidence = tuple(clock.page.exchange.quote(r"^\s*Status as of") for clock in (sender, receiver))
    yield Finding("setup.clock.skewed", path, Severity.WARNING, evidence, details)


CHECK = Check(
    id="setup.clock",
    title="The clocks of both ends agree",
    subjects=frozenset({"quarantine"}),
    collect=collect,
    analyze=analyze,
)
