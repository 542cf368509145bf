"""Where everything that a process says of itself goes: its own lines, those of libraries, and what nobody caught.

With PVO_LOG_FORMAT=json each line on stderr is one JSON object.
"""

import logging
import sys
import threading
from typing import Any, Literal

import structlog

from bot.diagnosis.redact import redact
from bot.metrics.meters import count_error
from bot.model.errors import PvoError

LogFormat = Literal["console", "json"]


def configure_logging(form: LogFormat, level: str) -> None:
    """Sends everything to stderr, redacted; errors of libraries are counted as ours are."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            count_error,
            _redact_event,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)
    logging.captureWarnings(True)
    if form == "json":
        sys.excepthook = _tell_end
        sys.unraisablehook = _tell_unraisable
        threading.excepthook = _tell_thread


def tell_error(error: PvoError) -> None:
    """The sentence with which a process ends: for a person as it is, else as a line of the log."""
    if sys.excepthook is _tell_end:
        structlog.get_logger().error("process.unusable", error=str(error))
    else:
        print(error, file=sys.stderr)  # noqa: T201


class _Libraries(logging.Handler):
    """What libraries say becomes a line like ours, with their name."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = record.getMessage()
        except (TypeError, ValueError):  # their format and its words do not fit
            text = str(record.msg)
        structlog.get_logger().log(record.levelno, text, logger=record.name, exc_info=record.exc_info)


def _tell_end(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    structlog.get_logger().critical("process.failed", exc_info=(kind, error, trace))


def _tell_thread(failed: threading.ExceptHookArgs) -> None:
    error = failed.exc_value
    structlog.get_logger().error(
        "thread.failed", thread=failed.thread.name if failed.thread else None, exc_info=error
    )


def _tell_unraisable(failed: "sys.UnraisableHookArgs") -> None:
    structlog.get_logger().error("process.unraisable", about=failed.err_msg, exc_info=failed.exc_value)


def _redact_event(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {key: _redact_value(value) for key, value in event.items()}


def _redact_value(value: object) -> object:
    """What is not made of plain values is logged as its redacted text."""
    match value:
        case None | bool() | int() | float():
            return value
        case dict():
            return {str(key): _redact_value(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_redact_value(inner) for inner in value]
        case _:
            return redact(str(value))
