"""What is being done, as spans. Nothing happens, and nothing of OpenTelemetry is loaded, unless tracing is on.

Names and attributes are words of ours: no text that a person typed, no answer, no address, no secret.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer

Kind = Literal["internal", "server", "client", "consumer"]
Value = str | int | float | bool

_tracer: "Tracer | None" = None


def use(tracer: "Tracer | None") -> None:
    """From now on spans go to `tracer`; None = nowhere."""
    global _tracer
    _tracer = tracer


@dataclass(frozen=True, slots=True)
class Open:
    """A span that has begun; without one underneath it takes everything and does nothing."""

    span: "Span | None" = None

    def note(self, **attributes: Value) -> None:
        """Adds what is only known by now."""
        if self.span:
            self.span.set_attributes(_named(attributes))

    def fail(self, kind: str) -> None:
        """It went wrong; `kind` is a word, never the message of an error, which may quote an answer."""
        if self.span:
            from opentelemetry.trace import Status, StatusCode

            self.span.set_status(Status(StatusCode.ERROR, kind))

    def end(self) -> None:
        if self.span:
            self.span.end()


_NOTHING = Open()


@contextmanager
def span(
    name: str,
    kind: Kind = "internal",
    *,
    parent: str | None = None,
    since: dt.datetime | None = None,
    **attributes: Value,
) -> Iterator[Open]:
    """A span around a block, below the current one, or below `parent`, the `carrier` of another process.

    It began at `since`, if given. What is raised in the block ends it as failed, with the name of the error alone.
    """
    if _tracer is None:
        yield _NOTHING
        return
    from opentelemetry.trace import use_span

    opened = Open(_start(_tracer, name, kind, _context(parent), since, attributes))
    assert opened.span
    with use_span(opened.span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield opened
        except BaseException as error:
            opened.fail(type(error).__name__)
            raise


@contextmanager
def follow(parent: str | None, name: str, *, run: str) -> Iterator[Open]:
    """As `span` below `parent`, about a run; nothing where there is no parent."""
    if parent is None:
        yield _NOTHING
        return
    with span(name, parent=parent, run=run) as opened:
        yield opened


def begin(name: str, kind: Kind = "internal", **attributes: Value) -> Open:
    """A span below the current one, to be ended by hand; nothing outside of any."""
    if _tracer is None or carrier() is None:
        return _NOTHING
    return Open(_start(_tracer, name, kind, None, None, attributes))


def note_past(name: str, since: dt.datetime) -> None:
    """A span below the current one that began at `since` and ends now."""
    if _tracer is not None:
        _start(_tracer, name, "internal", None, since, {}).end()


def carrier() -> str | None:
    """The current span as another process may go on with it: a `traceparent` of W3C Trace Context."""
    if _tracer is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carried: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carried)
    return carried.get("traceparent")


def _context(parent: str | None) -> "Context | None":
    """What to begin below; a `traceparent` that is none begins a trace of its own."""
    if parent is None:
        return None
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": parent}, Context())


def _start(
    tracer: "Tracer",
    name: str,
    kind: Kind,
    context: "Context | None",
    since: dt.datetime | None,
    attributes: dict[str, Value],
) -> "Span":
    from opentelemetry.trace import SpanKind

    began = int(since.timestamp() * 1_000_000_000) if since else None
    return tracer.start_span(name, context, SpanKind[kind.upper()], _named(attributes), start_time=began)


def _named(attributes: dict[str, Value]) -> dict[str, Value]:
    return {f"pvo.{name}": value for name, value in attributes.items()}
