"""Log files read: what each appliance's files say about CPQ, in one pass and in memory that does not grow."""

import datetime as dt
import gc
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bot.maillog.digest import Digest
from bot.maillog.outcome import ApplianceLog, LogsRead, Span
from bot.maillog.pieces import split_pieces
from bot.maillog.places import last_time, opened_places
from bot.maillog.receptions import Receptions
from bot.maillog.scan import Scan
from bot.maillog.selection import Selection
from bot.maillog.series import Series
from bot.maillog.sources import STDIN, LogFile, opened, survey
from bot.maillog.tally import DEFAULT_PORT, Tally
from bot.maillog.trips import Trips
from bot.maillog.wanted import Progress, Wanted
from bot.model.errors import Unusable

_SAMPLES = (256 << 10, 2 << 20)
"""Bytes that are looked at where the files begin and end: more only where less shows nothing."""
_OPENED = re.compile(rb"New SMTP DCID (\d+) interface \S+ address \S+ port (\d{1,5})\b")
_CPQ_WORDS = re.compile(
    rb"DCID (\d+) (?:TLS success [^\n]* the\.cpq\.|MID \d+ to RID \[[\d, ]*\] (?:to |\()[Cc]entralized [Pp]olicy)"
)
_FAILED = re.compile(rb"domain: the\.cpq\.\S+ IP: \S+ port: (\d{1,5}) ")


def read_logs(wanted: Wanted, progress: Progress) -> LogsRead:
    """Reads the files, appliance by appliance; raises `Unusable` for one that cannot be read or is no mail log."""
    groups, left_out = survey(wanted.paths)
    with collector_paused():
        return LogsRead(tuple(_read_groups(groups, wanted, progress)), tuple(left_out))


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without Python's search for reference cycles: the tallies make none, and it takes a quarter of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _read_groups(
    groups: Sequence[Sequence[LogFile]], wanted: Wanted, progress: Progress
) -> Iterator[ApplianceLog]:
    total = sum(file.size for group in groups for file in group)
    passed = 0
    for group in groups:
        base = passed
        yield _read_appliance(group, wanted, len(groups) > 1, partial(_tick, progress, base, total))
        passed += sum(file.size for file in group)


def _tick(progress: Progress, base: int, total: int, at: int) -> None:
    progress(base + at, total)


def _read_appliance(
    files: Sequence[LogFile], wanted: Wanted, trips: bool, tick: Callable[[int], None]
) -> ApplianceLog:
    since = _since(files, wanted)
    port = wanted.port or _port_shown(files) or DEFAULT_PORT
    tally = Tally(port, Series() if wanted.series else None, Trips() if trips else None)
    scan = Scan(Digest(tally, Selection(port, trips)), Receptions(tally), wanted.searcher, tick)
    span = Span()
    for file in files:
        part = scan.read(file, since)
        span = Span(span.lines + part.lines, span.first or part.first, part.last or span.last)
        since = None if part.lines else since
    tally.finish()
    name = files[0].host or tally.own_address or Path(files[0].path).name
    return ApplianceLog(name, tuple(file.path for file in files), tally, span)


def _since(files: Sequence[LogFile], wanted: Wanted) -> dt.datetime | None:
    """The beginning of the window by this appliance's own clock: `last` counts from its newest line."""
    if wanted.last is None and wanted.since is None:
        return None
    if not any(file.first for file in files):
        raise Unusable(f"{files[0].path}: its lines state no time with a year; it can only be read whole.")
    if wanted.last is None:
        return wanted.since
    newest = max(filter(None, map(_last_time, files)), default=None)
    return newest - wanted.last if newest else None


def _last_time(file: LogFile) -> dt.datetime | None:
    if file.path == STDIN:
        raise Unusable("--last needs a file, for its end is read first; with standard input use --since.")
    if file.seekable:
        with opened_places(file) as places:
            return places.last_time()
    newest = None
    with opened(file) as read:
        for _, piece in split_pieces(read):
            newest = last_time(piece) or newest
    return newest


def _port_shown(files: Sequence[LogFile]) -> int | None:
    """The port most often beside CPQ words, at the beginning of the first file and the end of the last."""
    for size in _SAMPLES:
        ports: Counter[int] = Counter()
        for sample in _samples(files, size):
            opened_to = dict(_OPENED.findall(sample))
            ports.update(int(opened_to[dcid]) for dcid in _CPQ_WORDS.findall(sample) if dcid in opened_to)
            ports.update(map(int, _FAILED.findall(sample)))
        if ports:
            return max(ports, key=lambda port: ports[port])
    return None


def _samples(files: Sequence[LogFile], size: int) -> Iterator[bytes]:
    if not files[-1].seekable:
        yield from (file.head for file in files)
        return
    with opened_places(files[-1]) as places:
        yield places.read(size, max(0, places.size - size))
    if files[0].seekable:
        with opened_places(files[0]) as places:
            yield places.read(size, 0)
