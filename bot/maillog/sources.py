"""Log files as people keep them: rotated, compressed, copied twice, of several appliances at once."""

import gzip
import io
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.maillog.events import Ordinary, Unrecognised
from bot.maillog.grammar import parse_line
from bot.maillog.heads import split_head
from bot.maillog.inflate import open_gzip
from bot.maillog.pieces import BYTE_ORDER_MARK, Read
from bot.maillog.unwrap import find_width
from bot.model.errors import Unusable

STDIN = "-"
_HEAD = 1 << 16
_LARGEST_COPY = 64 << 20
"""Nobody copies more from a terminal; joining lines is slow."""

_GZIP = b"\x1f\x8b"
_NAME = re.compile(
    r"(?P<base>.+?)\.(?:@(?P<time>\d{8}T\d{6}|\d+)(?:Z_\d{8}T\d{6}Z)?\.)?(?P<state>s|c|current|log|txt|\d+)"
    r"(?:\.gz)?"
)
_SERIAL = re.compile(rb"Info: Version: \S+ SN: ([\w-]+)")
_RELAYED = re.compile(
    r"(?:<\d{1,3}>)?(?:\w{3} )?\w{3} {1,2}\d{1,2} \d\d:\d\d:\d\d (?:\d{4} )?([A-Za-z][\w.-]*) \S+: "
    r"(?:Critical|Warning|Info|Debug|Trace): "
)


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file; `head` is its beginning (decompressed), `size` its bytes on disk (0 = not known).

    `wrapped` is the width at which its lines were wrapped by whoever copied them, None = they were not.
    `serial` and `host` tell the appliance where the lines do; `stamped` whether lines begin with a time stamp.
    """

    path: str
    size: int
    head: bytes
    compressed: bool = False
    first: datetime | None = None
    stamped: bool = True
    wrapped: int | None = None
    serial: str | None = None
    host: str | None = None

    @property
    def seekable(self) -> bool:
        return self.path != STDIN and not self.compressed and self.wrapped is None

    @property
    def family(self) -> tuple[str, str]:
        """Folder and base name, which the rotated files of one log share."""
        path = Path(self.path)
        named = _NAME.fullmatch(path.name)
        return str(path.parent), named["base"] if named else path.name

    @property
    def named_time(self) -> str:
        named = _NAME.fullmatch(Path(self.path).name)
        return (named["time"] or "") if named else ""


@contextmanager
def opened(file: LogFile) -> Iterator[Read]:
    """How to read the decompressed bytes of a file from its beginning; `Unusable` when it cannot be read."""
    try:
        if file.compressed:
            with open_gzip(sys.stdin.buffer if file.path == STDIN else file.path) as stream:
                yield stream.read
        elif file.path == STDIN:
            yield _continued(file.head)
        else:
            with Path(file.path).open("rb", buffering=0) as plain:
                yield plain.read
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unusable(
            f"{file.path}: the compressed data is cut or damaged ({error}); copy it again."
        ) from None
    except OSError as error:
        raise _unusable(file.path, error) from None


def survey(paths: Sequence[str]) -> tuple[list[list[LogFile]], list[str]]:
    """The files by appliance, in the order of time, and the ones left out because another holds the same lines.

    Raises `Unusable` for a file that cannot be read or is no mail log.
    """
    kept, left_out = _without_copies([_look_at(path) for path in dict.fromkeys(paths)])
    groups: dict[str, list[LogFile]] = {}
    for file, appliance in zip(kept, _appliances(kept), strict=True):
        groups.setdefault(appliance, []).append(file)
    return [sorted(group, key=_age) for group in groups.values()], left_out


def _age(file: LogFile) -> tuple[bool, datetime, str]:
    return file.first is None, file.first or datetime.min, file.named_time


def _look_at(path: str) -> LogFile:
    if path == STDIN:
        return _look_at_stdin()
    if Path(path).is_dir():
        raise Unusable(f"{path}: this is a folder; name the files in it.")
    try:
        with Path(path).open("rb") as stream:
            compressed = stream.read(2) == _GZIP
        file = LogFile(path, Path(path).stat().st_size, b"", compressed)
    except OSError as error:
        raise _unusable(path, error) from None
    with opened(file) as read:
        return _describe(replace(file, head=_first_bytes(path, read)))


def _look_at_stdin() -> LogFile:
    assert isinstance(sys.stdin.buffer, io.BufferedReader)
    if sys.stdin.buffer.peek(2)[:2] == _GZIP:
        return LogFile(STDIN, 0, b"", compressed=True)
    return _describe(LogFile(STDIN, 0, _first_bytes(STDIN, sys.stdin.buffer.read)))


def _first_bytes(path: str, read: Read) -> bytes:
    head = b""
    while len(head) < _HEAD and (more := read(_HEAD - len(head))):
        head += more
    return head


def _describe(file: LogFile) -> LogFile:
    raw = file.head.removeprefix(BYTE_ORDER_MARK).split(b"\n")
    lines = [line.decode("latin-1") for line in raw]
    heads = [split_head(line) for line in lines]
    if file.head.strip() and not any(head.level for head in heads) and not any(map(_is_known, lines)):
        raise Unusable(f"{file.path}: no line at its beginning looks like a mail log of an ESA or SMA.")
    serial = _SERIAL.search(file.head)
    hosts = Counter(match[1] for line in lines if (match := _RELAYED.match(line)))
    return replace(
        file,
        first=next((head.at for head in heads if head.at), None),
        stamped=(stamped := any(head.stamped for head in heads)),
        wrapped=find_width(raw) if stamped and file.size <= _LARGEST_COPY else None,
        serial=serial[1].decode() if serial else None,
        host=hosts.most_common(1)[0][0] if hosts else None,
    )


def _is_known(line: str) -> bool:
    event = parse_line(line)
    return not isinstance(event, Unrecognised) and (not isinstance(event, Ordinary) or bool(line.strip()))


def _without_copies(files: Sequence[LogFile]) -> tuple[list[LogFile], list[str]]:
    """Of files that begin alike the longest: `.current` lies beside `.c`, a copy beside its compressed self."""
    kept: list[LogFile] = []
    left_out: list[str] = []
    for file in sorted(files, key=lambda file: (-len(file.head), -_length(file))):
        if file.head and any(other.head.startswith(file.head) for other in kept):
            left_out.append(file.path)
        else:
            kept.append(file)
    return [file for file in files if file in kept], left_out


def _length(file: LogFile) -> int:
    """Bytes of the log in a file; a compressed one states them at its end, modulo 4 GiB."""
    if not file.compressed or file.path == STDIN:
        return file.size
    with Path(file.path).open("rb") as stream:
        stream.seek(-4, 2)
        return int.from_bytes(stream.read(4), "little")


def _appliances(files: Sequence[LogFile]) -> list[str]:
    """For each file what tells its appliance: serial number, host, or those of its family, or the family's name."""
    known: dict[tuple[str, str], set[str]] = {}
    for file in files:
        if name := file.serial or file.host:
            known.setdefault(file.family, set()).add(name)
    names = []
    for file in files:
        family = known.get(file.family, set())
        alone = next(iter(family)) if len(family) == 1 else None
        names.append(file.serial or file.host or alone or "/".join(file.family))
    return names


def _continued(head: bytes) -> Read:
    """Standard input, whose beginning was read already."""
    pending = [head]
    return lambda size: pending.pop() if pending else sys.stdin.buffer.read(size)


def _unusable(path: str, error: OSError) -> Unusable:
    return Unusable(f"{path}: the file cannot be read: {error.strerror or error}.")
