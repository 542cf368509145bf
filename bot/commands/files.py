"""The files of the terminal's commands: captures and pictures, written whole or not at all."""

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from bot.model.capture import Capture
from bot.model.errors import Unusable

SCHEMA, KIND = "pvo-capture/1", "pvo-capture/"


def expect_writable(path: Path | None) -> None:
    """`Unusable` for a file that could not be written: said before a long run rather than after it."""
    if path is None:
        return
    folder = path.resolve().parent
    if path.is_dir() or not os.access(folder, os.W_OK):
        raise Unusable(
            f"{path}: cannot be written; name a file in a folder that exists and may be written to."
        )


def write_private(path: Path, content: bytes) -> None:
    """Puts a file of mode 0600 in its place at once; `Unusable` when that cannot be done."""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.resolve().parent)
    except OSError as error:
        raise Unusable(f"{path}: cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        raise Unusable(f"{path}: cannot be written: {error.strerror}.") from None
    finally:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()


def write_capture(path: Path, capture: Capture) -> None:
    """Writes the capture, in ASCII alone: captures go through mail and tickets."""
    document = capture.model_dump(mode="json", by_alias=True)
    write_private(path, f"{json.dumps(document, indent=1)}\n".encode("ascii"))


def read_capture(path: Path) -> Capture:
    """The capture in `path`; `Unusable` for a file that is none, was cut, or comes from a newer pvo."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise Unusable(f"{path}: cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise Unusable(f"{path}: is no complete JSON document; is it a capture, and was it cut?") from None
    _expect_schema(path, document)
    try:
        capture = Capture.model_validate(document)
        capture.inventory()
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the site"
        what = str(first["msg"]).removeprefix("Value error, ")
        raise Unusable(f"{path}: is not a sound capture: {key}: {what}.") from None
    return capture


def _expect_schema(path: Path, document: object) -> None:
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema == SCHEMA:
        return
    if isinstance(document, dict) and isinstance(schema, str) and schema.startswith(KIND):
        maker = str(document.get("pvo", "another release"))[:40]
        raise Unusable(f"{path}: is a {schema[:40]} of pvo {maker}; this pvo reads {SCHEMA}: update it.")
    raise Unusable(f"{path}: is not a capture; pvo check SITE --capture FILE makes one.")
