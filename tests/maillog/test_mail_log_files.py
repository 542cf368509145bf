"""Files as people keep them: rotated, compressed, copied, of several appliances; hostile ones, too."""

import datetime as dt
import gzip
import io
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from bot.maillog import inflate, scan
from bot.maillog.counts import Sent
from bot.maillog.outcome import LogsRead
from bot.maillog.reading import read_logs
from bot.maillog.searchers import Searcher, find_ripgrep, ripgrep
from bot.maillog.wanted import Wanted
from bot.maillog.window import read_duration, read_time
from bot.model.errors import Unusable

BEGIN = dt.datetime(2026, 11, 24, 3, 0)


def connection(minute: int, dcid: int, host: str = "10.10.10.1") -> list[str]:
    """A good transfer that begins so many minutes after 03:00."""
    at = BEGIN + dt.timedelta(minutes=minute)
    bodies = (
        f"New SMTP DCID {dcid} interface 10.10.20.1 address {host} port 7025",
        f"DCID {dcid} TLS success protocol TLSv1.2 cipher X the.cpq.host",
        f"Delivery start DCID {dcid} MID {dcid} to RID [0] to Centralized Policy Quarantine",
        f"Message done DCID {dcid} MID {dcid} to RID [0] (centralized policy quarantine)",
        f"DCID {dcid} close",
    )
    return [f"{at:%a %b %d %H:%M:%S %Y} Info: {body}" for body in bodies]


def failure(minute: int, dcid: int) -> list[str]:
    at = BEGIN + dt.timedelta(minutes=minute)
    bodies = (
        f"New SMTP DCID {dcid} interface 10.10.20.1 address 10.10.10.1 port 7025",
        f"DCID {dcid} TLS failed: verify error: no certificate from server",
        f"DCID {dcid} TLS was required but could not be successfully negotiated",
    )
    return [f"{at:%a %b %d %H:%M:%S %Y} Info: {body}" for body in bodies]


def rolled(minute: int, lines: list[str], serial: str = "564D-1") -> bytes:
    """The lines below the head of a rolled file."""
    at = BEGIN + dt.timedelta(minutes=minute)
    head = ["Begin Logfile", f"Version: 15.0.0-104 SN: {serial}", "Time offset from UTC: 0 seconds"]
    return "\n".join([*(f"{at:%a %b %d %H:%M:%S %Y} Info: {body}" for body in head), *lines, ""]).encode()


def read(*paths: Path, searcher: Searcher | None = None, **wanted: Any) -> LogsRead:
    names = tuple(map(str, paths))
    return read_logs(Wanted(names, searcher=searcher, **wanted), lambda done, total: None)


def sent(logs: LogsRead) -> Sent:
    total = Sent()
    for log in logs.appliances:
        for peer in log.tally.all_peers:
            total += peer.sent
    return total


def test_rotated_files_are_read_in_the_order_of_time(tmp_path: Path) -> None:
    new, old = tmp_path / "mail.@20261124T040000.s", tmp_path / "mail.@20261124T030000.s"
    new.write_bytes(rolled(60, failure(61, 9)))
    old.write_bytes(rolled(0, connection(1, 8)))
    for order in ((new, old), (old, new)):
        (log,) = read(*order).appliances
        assert log.files == (str(old), str(new))
        assert log.tally.peers["10.10.10.1"].handshakes.failing == 1
        assert (log.span.first, log.span.last) == (BEGIN, BEGIN + dt.timedelta(minutes=61))


def test_files_that_hold_the_same_lines_are_read_once(tmp_path: Path) -> None:
    growing, copy = tmp_path / "mail.current", tmp_path / "mail.@20261124T030000.c"
    packed = tmp_path / "mail.@20261124T030000.s.gz"
    whole = rolled(0, [*connection(1, 8), *connection(2, 9)])
    growing.write_bytes(whole)
    copy.write_bytes(rolled(0, connection(1, 8)))
    packed.write_bytes(gzip.compress(whole))
    logs = read(copy, growing, packed)
    assert sent(logs).connections == 2
    assert len(logs.left_out) == 2


def test_logs_of_two_appliances_do_not_mix(tmp_path: Path) -> None:
    """The same DCID on both: one fails, one works."""
    one, other = tmp_path / "a.log", tmp_path / "b.log"
    one.write_bytes(rolled(0, connection(1, 8), "A"))
    other.write_bytes(rolled(0, failure(1, 8)[:1], "B"))
    logs = read(one, other)
    assert len(logs.appliances) == 2
    assert [log.tally.peers["10.10.10.1"].sent.tls_ok for log in logs.appliances] == [1, 0]


def test_rotated_files_without_a_head_belong_to_their_family(tmp_path: Path) -> None:
    (tmp_path / "mail.@20261124T030000.s").write_bytes(rolled(0, connection(1, 8)[:1]))
    (tmp_path / "mail.@20261124T040000.s").write_text("\n".join(failure(60, 8)[1:]))
    (log,) = read(*tmp_path.iterdir()).appliances
    assert log.tally.peers["10.10.10.1"].sent.tls_failed == 1


def test_a_message_is_followed_through_both_appliances(tmp_path: Path) -> None:
    esa, sma = tmp_path / "esa.log", tmp_path / "sma.log"
    stamp = "Tue Nov 24 03:05:00 2026 Info: "
    esa.write_text(
        "\n".join(
            [
                *connection(1, 101),
                f"{stamp}MID 101 RID [0] Response 'ok:  Message 9001 accepted'",
                f"{stamp}MID 140 received from the SMA 10.10.10.1 (MID originally 101) on release from Policy",
            ]
        )
    )
    sma.write_text(f'{stamp}MID 9001 released from quarantine "Policy" (manual)\n')
    esa_log, sma_log = read(esa, sma).appliances
    assert esa_log.tally.trips is not None
    assert sma_log.tally.trips is not None
    trip = esa_log.tally.trips.by_mid[101]
    assert (trip.there, trip.again) == (9001, 140)
    assert sma_log.tally.trips.by_mid[9001].how == "manual"


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize(
    ("wanted", "connections", "lines"),
    [
        ({}, 400, 2003),
        ({"since": BEGIN + dt.timedelta(minutes=390)}, 10, 50),
        ({"since": BEGIN + dt.timedelta(days=9)}, 0, 0),
        ({"since": BEGIN - dt.timedelta(days=9)}, 400, 2003),
        ({"last": dt.timedelta(minutes=9)}, 10, 50),
        ({"last": dt.timedelta(days=9)}, 400, 2003),
    ],
)
def test_a_window_of_time(
    suffix: str, wanted: dict[str, Any], connections: int, lines: int, tmp_path: Path
) -> None:
    text = rolled(0, [line for minute in range(400) for line in connection(minute, minute + 1)])
    path = tmp_path / f"mail.log{suffix}"
    path.write_bytes(gzip.compress(text) if suffix else text)
    logs = read(path, **wanted)
    (log,) = logs.appliances
    assert (sent(logs).connections, log.span.lines) == (connections, lines)
    assert log.span.last == (BEGIN + dt.timedelta(minutes=399) if lines else None)


def test_a_window_by_ripgrep_counts_the_lines_of_the_window_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "_WORTH_A_CHILD", 0)
    path = tmp_path / "mail.log"
    path.write_bytes(rolled(0, [line for minute in range(400) for line in connection(minute, minute + 1)]))
    logs = read(path, searcher=find_ripgrep(), since=BEGIN + dt.timedelta(minutes=200))
    assert (sent(logs).connections, logs.appliances[0].span.lines) == (200, 1000)


def test_a_ripgrep_that_dies_is_replaced_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "_WORTH_A_CHILD", 0)
    path, dying = tmp_path / "mail.log", tmp_path / "rg"
    text = rolled(0, [line for minute in range(50) for line in connection(minute, minute + 1)])
    path.write_bytes(text)
    line = text.split(b"\n")[3]
    place = text.index(line)
    dying.write_text(f"#!/bin/sh\nprintf '4:{place}:%s\\n' '{line.decode()}'\nkill -9 $$\n")
    dying.chmod(0o755)
    logs = read(path, searcher=ripgrep(str(dying)))
    assert (sent(logs).connections, logs.appliances[0].span.lines) == (50, 253)
    assert sent(read(path, searcher=ripgrep(str(tmp_path / "missing")))).connections == 50


@pytest.mark.parametrize(
    "text",
    [
        b"\r\n".join(line.encode() for line in connection(1, 8)),
        b"\xef\xbb\xbf" + "\n".join(connection(1, 8)).encode(),
        "\n".join([*failure(0, 7)[:0], "MID 5 Subject 'é'", *connection(1, 8)]).encode("latin-1"),
        "\n".join(line.removeprefix("Tue ") for line in connection(1, 8)).encode(),
        "\n".join(line[25:] for line in connection(1, 8)).encode(),
        b"\x00\n" + "\n\n".join(connection(1, 8)).encode(),
        "\n".join(f"<166>Nov 24 03:00:00 esa1 mail_logs: {line[25:]}" for line in connection(1, 8)).encode(),
    ],
    ids=["crlf", "bom", "latin-1", "cut weekday", "no stamp", "nul and blank lines", "syslog"],
)
def test_line_ends_encodings_and_heads(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    path.write_bytes(text)
    counted = sent(read(path))
    assert (counted.connections, counted.tls_ok, counted.started, counted.done) == (1, 1, 1, 1)


@pytest.mark.parametrize("width", [60, 79, 80])
def test_lines_that_a_terminal_wrapped_are_joined(width: int, tmp_path: Path) -> None:
    lines = [*connection(1, 8), *failure(2, 9)]
    cut = [line[at : at + width] for line in lines for at in range(0, len(line), width)]
    path = tmp_path / "pasted.txt"
    path.write_text("\r\n".join(cut))
    logs = read(path)
    (log,) = logs.appliances
    assert (sent(logs).connections, sent(logs).tls_ok, sent(logs).tls_failed, sent(logs).done) == (2, 1, 1, 1)
    assert (log.span.lines, log.tally.unrecognised) == (len(cut), 0)
    assert log.tally.peers["10.10.10.1"].handshakes.reason == "verify error: no certificate from server"


def test_lines_that_a_document_wrapped_at_blanks_are_joined(tmp_path: Path) -> None:
    cut = [part for line in [*connection(1, 8), *failure(2, 9)] for part in textwrap.wrap(line, 70)]
    path = tmp_path / "page.txt"
    path.write_text("\n".join(cut))
    counted = sent(read(path))
    assert (counted.connections, counted.tls_ok, counted.tls_failed, counted.done) == (2, 1, 1, 1)


def test_the_port_is_what_the_lines_show(tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    path.write_text("\n".join([*connection(1, 8), *failure(2, 9)]).replace("port 7025", "port 7100"))
    (log,) = read(path).appliances
    assert log.tally.peers["10.10.10.1"].port == 7100
    assert log.tally.peers["10.10.10.1"].sent.tls_failed == 1


def test_standard_input_is_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for content in (
        "\n".join(connection(1, 8)).encode(),
        gzip.compress("\n".join(connection(1, 8)).encode()),
    ):
        stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)))
        monkeypatch.setattr(sys, "stdin", stdin)
        assert sent(read_logs(Wanted(("-",)), lambda done, total: None)).connections == 1


def test_gzip_without_isal_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mail.log.gz"
    path.write_bytes(gzip.compress(rolled(0, connection(1, 8))))
    monkeypatch.setattr(inflate, "find_spec", lambda name: None)
    assert sent(read(path)).connections == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("mail.log", b"%PDF-1.4 nothing of the kind\n", "looks like a mail log"),
        ("mail.gz", gzip.compress(rolled(0, connection(1, 8)) * 999)[:-900], "cut or damaged"),
        ("mail.gz", b"\x1f\x8b\x08garbage and more garbage", "damaged"),
    ],
)
def test_an_unusable_file_is_named_in_one_sentence(
    name: str, content: bytes, words: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Unusable, match=words) as told:
        read(path)
    assert str(path) in str(told.value)


def test_folders_and_missing_files_are_unusable(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="folder"):
        read(tmp_path)
    with pytest.raises(Unusable, match="No such file"):
        read(tmp_path / "none")


def test_times_that_are_none_are_told() -> None:
    assert read_duration("15m") == dt.timedelta(minutes=15)
    assert read_time("2026-11-24 03:00") == BEGIN
    for text in ("", "15", "m", "-3h"):
        with pytest.raises(Unusable, match="--last"):
            read_duration(text)
    for text in ("yesterday", "2026-11-24T03:00Z"):
        with pytest.raises(Unusable, match="--since"):
            read_time(text)


# --- hostile files ------------------------------------------------------------------------------------------

MEASURED = """
import sys
from pathlib import Path
from bot.maillog.reading import read_logs
from bot.maillog.wanted import Wanted
from bot.maillog.searchers import find_grep, find_ripgrep
program = {"python": lambda: None, "ripgrep": find_ripgrep, "grep": find_grep}[sys.argv[2]]()
(log,) = read_logs(Wanted((sys.argv[1],), searcher=program), lambda done, total: None).appliances
peers = log.tally.all_peers
status = Path("/proc/self/status").read_text().split()
print(sum(p.sent.connections for p in peers), sum(p.sent.tls_failed for p in peers), log.span.lines,
      status[status.index("VmHWM:") + 1])
"""
HOSTILE = (
    "MID 5 Subject 'Info: DCID 5 TLS failed: verify error: no certificate from server'",
    "MID 5 Subject 'Tue Nov 24 03:00:00 2026 Info: DCID 8 TLS failed: x'",
    "MID 5 Message-ID '<New SMTP DCID 5 interface a address b port 7025@x>'",
    "MID 5 ICID 6 From: <Delivery start DCID 5 MID 1 to RID [0] to Centralized Policy Quarantine>",
)


def measure(path: Path, program: str) -> tuple[int, int, int, int]:
    """Connections, failed handshakes, lines and peak memory (MiB) of a process that reads the file."""
    ended = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path), program], capture_output=True, text=True, check=True
    )
    connections, failed, lines, memory = map(int, ended.stdout.split())
    return connections, failed, lines, memory // 1024


measured = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")


@measured
@pytest.mark.parametrize("program", ["python", "ripgrep", "grep"])
def test_hostile_lines_change_no_count_and_exhaust_nothing(program: str, tmp_path: Path) -> None:
    stamp = b"Tue Nov 24 03:00:00 2026 Info: "
    good = "\n".join(connection(1, 8)).encode() + b"\n"
    path = tmp_path / "mail.log"
    with path.open("wb") as log:
        log.write(good)
        for body in HOSTILE:
            log.write(stamp + body.encode() + b"\n" + body.encode() + b"\n")
        for filler in (b"x", b"\x00", b"DCID 8 TLS failed: ", b"CPQ ICID 8 "):
            log.write(stamp + b"MID 5 Subject '" + filler * (60_000_000 // len(filler)) + b"\n")
        log.write(good.replace(b"DCID 8", b"DCID 9"))
    connections, failed, lines, memory = measure(path, program)
    assert (connections, failed, lines) == (2, 0, 10 + 2 * len(HOSTILE) + 4)
    assert memory < 64


@measured
def test_a_zip_bomb_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "mail.log.gz"
    with gzip.open(path, "wb", compresslevel=1) as log:
        log.write("\n".join(connection(1, 8)).encode() + b"\n")
        for _ in range(200):
            log.write(b"\x00" * 1_000_000)
    assert path.stat().st_size < 2_000_000
    connections, failed, lines, memory = measure(path, "python")
    assert (connections, failed, lines) == (1, 0, 6)
    assert memory < 64


@measured
def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    """A hundred thousand messages that wait, delays that nobody decides, connections that never close."""
    stamp = "Tue Nov 24 03:00:00 2026 Info: "
    peaks = []
    for number in (20_000, 100_000):
        path = tmp_path / f"{number}.log"
        with path.open("w") as log:
            for mid in range(number):
                log.write(f'{stamp}MID {mid} enqueued for transfer to centralized quarantine "Policy" (f)\n')
                log.write(f"{stamp}New SMTP DCID {mid} interface 10.10.20.1 address 10.10.10.1 port 7025\n")
                log.write(f"{stamp}DCID {mid + 10**7} TLS failed: x\n")
                log.write(f"{stamp}Delayed: DCID 0 MID {mid + 10**7} to RID 0 - 4.1.0 - y ('450', ['z'])\n")
        peaks.append(measure(path, "python")[3])
    assert peaks[1] < peaks[0] + 8
    assert peaks[1] < 64
