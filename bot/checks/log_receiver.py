"""Did the receiver of a path reject CPQ connections, and from which addresses?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.facts.attempt import attempt
from bot.facts.log import CpqLog
from bot.facts.receptions import Receptions, find_addresses, find_strangers, read_receptions
from bot.facts.window import show_minute
from bot.maillog.traffic import Reception
from bot.model.check import Check
from bot.model.errors import ProbeError, RoleRefused, Skipped
from bot.model.finding import Detail, Finding, Severity
from bot.model.inventory import Limits
from bot.model.ports import Probes
from bot.model.subject import Path

QUOTED = 3


@dataclass(frozen=True, slots=True)
class Rejections:
    """What the receiver rejected of the sender; `strangers`: of addresses that belong to nobody of the site."""

    path: Path
    log: CpqLog
    rejected: tuple[Reception, ...]
    receptions: Receptions
    strangers: bool


async def collect(probes: Probes, path: Path) -> Rejections:
    receptions = await attempt(read_receptions(probes, path.receiver))
    if isinstance(receptions, RoleRefused):
        raise receptions
    if isinstance(receptions, ProbeError):
        raise Skipped("log-not-read", appliance=path.receiver.name)
    own = receptions.rejected(await find_addresses(probes, path.sender))
    if own:
        return Rejections(path, receptions.log, own, receptions, strangers=False)
    strange = receptions.rejected(await find_strangers(probes, path.receiver, receptions))
    return Rejections(path, receptions.log, strange, receptions, strangers=True)


def analyze(facts: Rejections, limits: Limits) -> Iterator[Finding]:
    if not facts.rejected:
        return
    since = _accepted_since(facts)
    details: dict[str, Detail] = {
        "addresses": ", ".join(sorted({one.address or "" for one in facts.rejected})),
        "count": len(facts.rejected),
        "strangers": "yes" if facts.strangers else "no",
        "recovered": "yes" if since else "no",
        "since": since,
    }
    lines = [line for one in facts.rejected[-QUOTED:] for line in one.lines]
    evidence = facts.log.quote(lines)
    yield Finding("log.receiver.rejected", facts.path, Severity.WARNING, evidence, details)


def _accepted_since(facts: Rejections) -> str | None:
    """When the receiver first let the newest rejected address in again."""
    newest = facts.rejected[-1]
    later = facts.receptions.seen[facts.receptions.seen.index(newest) + 1 :]
    accepted = (one.at for one in later if one.verdict == "accepted" and one.address == newest.address)
    return show_minute(next(accepted, None))


CHECK = Check(
    id="log.receiver",
    title="The receiver rejected no CPQ connection",
    subjects=frozenset({"quarantine", "release"}),
    collect=collect,
    analyze=analyze,
)
