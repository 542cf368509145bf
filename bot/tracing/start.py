"""Switches tracing on where it is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.model.errors import Unusable


@contextmanager
def tracing(endpoint: str | None, service: str) -> Iterator[None]:
    """Sends the spans of this process to `endpoint`, the whole URL, until the end; None = makes none.

    The other standard variables hold: OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER,
    OTEL_EXPORTER_OTLP_HEADERS … Raises `Unusable` for an address that is none, and where the packages are missing.
    """
    if endpoint is None:
        yield
        return
    if not endpoint.startswith(("http://", "https://")):
        raise Unusable(f"OTEL_EXPORTER_OTLP_ENDPOINT must begin with http:// or https://, not {endpoint!r}.")
    try:
        from bot.tracing.otlp import sent_to
    except ImportError as error:
        raise Unusable(
            f"OTEL_EXPORTER_OTLP_ENDPOINT asks for traces, and {error.name} is not installed: "
            "pip install 'pvo[otel]', or unset the variable."
        ) from None
    with sent_to(endpoint, service):
        yield
