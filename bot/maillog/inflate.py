"""Decompression of .gz logs: `isal` in a thread of its own where it is installed, the standard library otherwise."""

import gzip
from contextlib import AbstractContextManager
from importlib.util import find_spec
from typing import IO, Any

_BLOCK = 1 << 20


def open_gzip(source: str | IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    """The decompressed bytes of a file; reading raises EOFError, OSError or zlib.error where it is damaged."""
    opened: Any
    if find_spec("isal") is None:
        opened = gzip.GzipFile(source, "rb") if isinstance(source, str) else gzip.GzipFile(fileobj=source)
    else:
        from isal import igzip_threaded

        opened = igzip_threaded.open(source, "rb", threads=1, block_size=_BLOCK)  # type: ignore[no-untyped-call]
    return opened  # type: ignore[no-any-return]
