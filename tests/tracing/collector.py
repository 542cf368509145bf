"""A collector as OpenTelemetry's protocol has it: it takes spans by OTLP over HTTP, decodes and keeps them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Encoded


@dataclass(frozen=True)
class Received:
    """A span as it arrived; ids are hexadecimal, `parent` is "" for a root, times are in ns."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    began: int
    ended: int
    failure: str | None
    attributes: dict[str, object]


@dataclass
class Collector:
    """What arrived at `url`, decoded and raw."""

    url: str
    spans: list[Received] = field(default_factory=list)
    raw: bytes = b""

    def named(self, name: str) -> list[Received]:
        return [span for span in self.spans if span.name == name]

    def above(self, span: Received) -> list[Received]:
        """The span and those above it, up to a root."""
        by_id = {one.id: one for one in self.spans}
        chain = [span]
        while chain[-1].parent:
            chain.append(by_id[chain[-1].parent])
        return chain

    def take(self, body: bytes) -> None:
        self.raw += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = str(_attributes(resource.resource.attributes)["service.name"])
            for scope in resource.scope_spans:
                self.spans += [_decode(service, span) for span in scope.spans]


def _decode(service: str, span: Encoded) -> Received:
    failed = span.status.code == span.status.STATUS_CODE_ERROR
    return Received(
        service=service,
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        began=span.start_time_unix_nano,
        ended=span.end_time_unix_nano,
        failure=span.status.message if failed else None,
        attributes=_attributes(span.attributes),
    )


def _attributes(pairs: "Iterator[KeyValue]") -> dict[str, object]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value") for pair in pairs}


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on loopback; its `url` is what OTEL_EXPORTER_OTLP_ENDPOINT takes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known = self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
            if known:
                collector.take(body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200 if known else 404)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield collector
        server.shutdown()
