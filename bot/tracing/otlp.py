"""OpenTelemetry's SDK as pvo uses it: spans in batches, by OTLP over HTTP. Importing it takes time; see `start`."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from threading import Timer

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from bot.tracing import spans

FAREWELL = 3.0
"""Seconds for what is left at the end, also when the collector does not answer."""


class _Exporter(OTLPSpanExporter):
    """May be ended twice: by whoever has no more patience, then by its owner."""

    _ended = False

    def shutdown(self) -> None:
        if not self._ended:
            self._ended = True
            super().shutdown()  # type: ignore[no-untyped-call]


@contextmanager
def sent_to(endpoint: str, service: str) -> Iterator[None]:
    """Spans of this process go to `endpoint`, the whole URL, until the end."""
    ours = Resource({"service.name": service, "service.version": version("pvo")})
    provider = TracerProvider(resource=ours.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
    exporter = _Exporter(endpoint)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    spans.use(provider.get_tracer("pvo"))
    try:
        yield
    finally:
        spans.use(None)
        patience = Timer(FAREWELL, exporter.shutdown)
        patience.start()
        provider.shutdown()
        patience.cancel()
