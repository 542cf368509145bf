"""What went wrong with CPQ deliveries in the window of the log, and is it over?"""

import datetime as dt
from collections.abc import Iterator

from bot.facts.handshake import PathLog, read_path_log
from bot.facts.troubles import recovered_at, troubles_on
from bot.maillog.reasons import group
from bot.model.check import Check
from bot.model.errors import CouldNotTell
from bot.model.finding import Detail, Finding, Severity
from bot.model.inventory import Limits

REASONS_SHOWN = 3


def analyze(facts: PathLog, limits: Limits) -> Iterator[Finding]:
    troubles = troubles_on(facts)
    groups = group(troubles)
    if not groups and facts.log.capped:
        raise CouldNotTell("log-cut-before-trouble", appliance=facts.path.sender.name)
    if not groups:
        return
    ended = max((entry.last for entry in groups if entry.last), default=None)
    since = recovered_at(facts, troubles)
    details: dict[str, Detail] = {
        "count": sum(entry.count for entry in groups),
        "reasons": "; ".join(f"{entry.count} x {entry.reason}" for entry in groups[:REASONS_SHOWN]),
        "first": _clock(min((entry.first for entry in groups if entry.first), default=None)),
        "last": _clock(ended),
        "recovered": "yes" if since else "no",
        "since": _clock(since),
    }
    evidence = facts.log.quote([entry.example.line for entry in groups[:REASONS_SHOWN]])
    yield Finding("log.delivery.failing", facts.path, Severity.WARNING, evidence, details)


def _clock(moment: dt.datetime | None) -> str | None:
    return f"{moment:%H:%M}" if moment else None


CHECK = Check(
    id="log.delivery",
    title="No CPQ delivery failed in the window of the log",
    subjects=frozenset({"quarantine", "release"}),
    collect=read_path_log,
    analyze=analyze,
)
