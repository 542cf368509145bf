"""Does released mail pile up on the SMA? It has one queue for all ESAs, so the subject is the SMA."""

from collections.abc import Iterator

from bot.facts.queue import Queue, describe_queue, read_queue
from bot.model.check import Check
from bot.model.finding import Finding, Severity
from bot.model.inventory import Limits


def analyze(facts: Queue, limits: Limits) -> Iterator[Finding]:
    if facts.row is None or not facts.row.active:
        return
    details = describe_queue(facts, limits)
    if facts.stalled:
        yield Finding("queue.release.stalled", facts.subject, Severity.CRITICAL, facts.evidence, details)
    elif facts.row.active > limits.queue_recipients:
        yield Finding("queue.release.backlog", facts.subject, Severity.WARNING, facts.evidence, details)


CHECK = Check(
    id="queue.release",
    title="No released mail piles up on the SMA",
    subjects=frozenset({"sma"}),
    collect=read_queue,
    analyze=analyze,
)
