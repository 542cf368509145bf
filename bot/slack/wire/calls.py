"""Counts and traces every call to Slack by method and status, whichever part of the app makes it."""

from types import SimpleNamespace

from aiohttp import (
    ClientSession,
    TraceConfig,
    TraceRequestEndParams,
    TraceRequestExceptionParams,
    TraceRequestStartParams,
)
from yarl import URL

from bot.metrics.meters import SLACK_CALLS
from bot.tracing.spans import begin


def count_calls() -> TraceConfig:
    """What the shared session is to be told, so that it counts."""
    trace = TraceConfig()
    trace.on_request_start.append(_start)
    trace.on_request_end.append(_end)
    trace.on_request_exception.append(_fail)
    return trace


async def _start(session: ClientSession, context: SimpleNamespace, asked: TraceRequestStartParams) -> None:
    context.span = begin("slack call", "client", method=_method(asked.url))


async def _end(session: ClientSession, context: SimpleNamespace, done: TraceRequestEndParams) -> None:
    SLACK_CALLS.labels(_method(done.url), str(done.response.status)).inc()
    context.span.note(status=done.response.status)
    context.span.end()


async def _fail(
    session: ClientSession, context: SimpleNamespace, failed: TraceRequestExceptionParams
) -> None:
    SLACK_CALLS.labels(_method(failed.url), "failed").inc()
    context.span.fail(type(failed.exception).__name__)
    context.span.end()


def _method(url: URL) -> str:
    """`chat.postMessage`; other addresses hold secrets and are of any number."""
    parts = url.parts
    return parts[-1] if len(parts) >= 2 and parts[-2] == "api" else "other"
