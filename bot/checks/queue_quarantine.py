"""Does mail for the central quarantine pile up on the ESA?"""

from collections.abc import Iterator

from bot.facts.queue import Queue, describe_queue, read_queue
from bot.model.check import Check
from bot.model.finding import Finding, Severity
from bot.model.inventory import Limits

EXPIRING_MINUTES = 54 * 60


def analyze(facts: Queue, limits: Limits) -> Iterator[Finding]:
    if facts.row is None or not facts.row.active:
        return
    details = describe_queue(facts, limits)
    over = (
        facts.row.active > limits.queue_recipients or (facts.oldest_minutes or 0) > limits.queue_age_minutes
    )
    if facts.stalled:
        yield Finding("queue.quarantine.stalled", facts.subject, Severity.CRITICAL, facts.evidence, details)
    elif over:
        yield Finding("queue.quarantine.backlog", facts.subject, Severity.WARNING, facts.evidence, details)
    if (facts.stalled or over) and (facts.oldest_minutes or 0) >= EXPIRING_MINUTES:
        yield Finding("queue.quarantine.expiring", facts.subject, Severity.CRITICAL, facts.evidence, details)


CHECK = Check(
    id="queue.quarantine",
    title="No mail piles up for the central quarantine",
    subjects=frozenset({"quarantine"}),
    collect=read_queue,
    analyze=analyze,
)
