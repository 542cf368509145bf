"""The metrics of pvo, one place for all names; rooms count here, `serve` shows them."""

from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from bot.metrics.sign import Sign
from bot.model.report import Report

_CHECK_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)
_RUN_SECONDS = (0.5, 1, 2.5, 5, 10, 20, 40, 80, 180)
_MINUTES = (10, 30, 60, 120, 300, 600, 1200, 1800)

RUNS = Counter("pvo_runs", "Runs that ended, by verdict; `lost` ended without a report.", ["verdict"])
RUN_SECONDS = Histogram("pvo_run_seconds", "How long runs with a report took.", buckets=_RUN_SECONDS)
CHECKS = Counter("pvo_checks", "Checks by how they ended for one subject.", ["check", "status"])
CHECK_SECONDS = Histogram(
    "pvo_check_seconds", "How long a check took for one subject.", ["check"], buckets=_CHECK_SECONDS
)
QUEUE_DEPTH = Gauge("pvo_queue_depth", "Runs in Redis that have no end yet.", ["queue", "state"])
QUEUE_AGE = Gauge(
    "pvo_queue_age_seconds", "Age of the oldest run that no worker has begun; 0 = none waits.", ["queue"]
)
OUTBOX_DEPTH = Gauge("pvo_outbox_depth", "Cards in Redis that are to be posted or edited.")
SLACK_CALLS = Counter(
    "pvo_slack_calls", "Calls to Slack by method and HTTP status; `failed` = no answer.", ["method", "status"]
)
SLACK_CONNECTIONS = Gauge("pvo_slack_connections", "Socket Mode connections of this app that Slack counts.")
SLACK_STRANGERS = Gauge(
    "pvo_slack_strangers",
    "Connections that no live app has, for too long; remediations are paused while there are any.",
)
REMEDIATION_STEPS = Counter(
    "pvo_remediation_steps", "Rows written to the audit trail about remediations.", ["event"]
)
APPROVAL_SECONDS = Histogram(
    "pvo_approval_seconds", "From the request to its last approval.", buckets=_MINUTES
)
ERRORS = Counter(
    "pvo_errors", "What was logged as an error, by event, or by the library that logged it.", ["event"]
)

WORKER_BEAT = Sign("pvo_worker_heartbeat_timestamp_seconds", "When this worker last looked at its queue.")
SLACK_PONG = Sign("pvo_slack_pong_timestamp_seconds", "When Slack last answered a ping of this app.")


def count_report(report: Report) -> None:
    """Counts a run that ended with a report, and its checks."""
    RUNS.labels(report.verdict).inc()
    RUN_SECONDS.observe(report.seconds)
    for check in report.checks:
        CHECKS.labels(check.id, check.status).inc()
        if check.status != "skipped":
            CHECK_SECONDS.labels(check.id).observe(check.seconds)


def count_error(logger: object, method: str, event: Any) -> Any:
    """A processor of structlog that counts errors and passes everything on; those of a library by its name."""
    if method in ("error", "exception", "critical"):
        ERRORS.labels(str(event.get("logger") or event.get("event", ""))[:80]).inc()
    return event
