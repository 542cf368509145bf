"""Both fast ways of reading give what a slow loop over every line gives, on logs however odd; so does the truth."""

import gzip
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.maillog import events as e
from bot.maillog import scan
from bot.maillog.correlate import correlate
from bot.maillog.counts import Peer, Received, Sent, moment
from bot.maillog.digest import Digest
from bot.maillog.grammar import parse, parse_line
from bot.maillog.outcome import ApplianceLog, Span
from bot.maillog.pieces import LONGEST
from bot.maillog.reading import read_logs
from bot.maillog.searchers import Searcher, find_grep, find_ripgrep
from bot.maillog.selection import Selection
from bot.maillog.tally import Tally
from bot.maillog.text import line_of, text_of
from bot.maillog.unwrap import find_width, unwrap
from bot.maillog.wanted import Wanted
from tests.bench.make_log import make_log

SEARCHERS = [searcher for searcher in (find_ripgrep(), find_grep()) if searcher]
HEAD = "Tue Nov 24 03:00:01 2026 Info: "
BODIES = """
MID {m} enqueued for transfer to centralized quarantine "Policy" (f1)
New SMTP DCID {d} interface 10.10.20.1 address 10.10.10.{d} port 7025
New SMTP DCID {d} interface 10.10.20.1 address 10.10.10.1 port 6025
New SMTP DCID {d} interface 10.10.20.1 address 192.0.2.1 port 25
DCID {d} TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384 the.cpq.host
DCID {d} TLS success protocol TLSv1 cipher RC4-SHA for the.cpq.release.host
DCID {d} TLS success protocol TLSv1.2 cipher X the.euq.host
DCID {d} TLS success
DCID {d} TLS failed: verify error: no certificate from server
DCID {d} TLS failed: [Errno 54] Connection reset by peer
DCID {d} TLS failed
DCID {d} TLS was required but could not be successfully negotiated
DCID {d} IP 10.10.10.1 TLS was required but could not be successfully negotiated
Delivery start DCID {d} MID {m} to RID [0] to Centralized Policy Quarantine
Delivery start DCID {d} MID {m} to RID [0]
Delivery start DCID {d} MID {m} to RID [0] to offbox IronPort Spam Quarantine
Message done DCID {d} MID {m} to RID [0, 1] (centralized policy quarantine) [('from', 'a@example.com')]
Message done DCID {d} MID {m} to RID [0] (centralized policy quarantine)
Message done DCID {d} MID {m} to RID [0] (external quarantine)
Connection Error: DCID {d} domain: the.cpq.host IP: 10.10.10.1 port: 7025 details: x interface: 10.10.20.1 reason: network error
Connection Error: DCID {d} domain: example.org IP: 192.0.2.1 port: 25 details: timeout interface: 10.10.20.1 reason: y
Connection Error: DCID 0 domain: the.cpq.host IP: 10.10.10.1 port: 7025 details: timeout interface: a reason: z
Connection Error: DCID: {d} IP: 10.10.10.1 details: EOF interface: 10.10.20.1 reason: network error
Connection Error: timed out DCID: {d} IP: 10.10.10.1 details: timeout interface: 10.10.20.1
Delayed: DCID {d} MID {m} to RID 0 - 4.4.0 - Other network problem ('000', ['x']) []
Delayed: DCID: {d} Message {m} to 0 - 4.4.0 - Other network problem ('000', ['x'])
Bounced: DCID 0 MID {m} to RID 0 - 5.4.7 - Delivery expired (message too old) ('000', ['timeout'])
Bounced: DCID {d} MID {m} From:<a@example.com> To:<b@example.com> RID 0 - 5.1.2 - Bad host ('000', [])
DCID {d} close
New CPQ ICID {d} interface Management (10.10.10.1) address 10.10.20.{d} reverse dns host unknown verified no
New CPQ ICID {d} interface a (10.10.10.1) address 10.10.20.{d} reverse dns host CPQ ICID {m} verified no
New SMTP ICID {d} interface Data 1 (10.10.10.1) address 10.10.20.{d} reverse dns host unknown verified no
ICID {d} RELAY SG RELAYLIST match 10.10.20.1 SBRS not enabled
ICID {d} REJECT SG None match ALL SBRS not enabled
ICID 1{d} REJECT SG None match ALL SBRS not enabled
Start MID {m} ICID {d}
ICID {d} close
MID {m} released from quarantine "Policy" (queue full)
MID {m} released (attachments stripped) from quarantine "Policy" (manual) t=86
MID {m} deleted from quarantine "Policy" (expired)
MID {m} received from the SMA 10.10.10.1 (MID originally 9) on release from Policy
An application fault occurred: ('a/b.py f|12', "<type 'exceptions.RuntimeError'>", "'x'", '[a/b.py f|12]')
MID {m} Subject 'Info: DCID {d} TLS failed: verify error: no certificate from server'
MID {m} Subject 'New CPQ ICID {d} interface a address 10.0.0.1'
MID {m} Subject 'Delivery start DCID {d} MID {m} to RID [0] to Centralized Policy Quarantine'
Delivery start DCID {d} MID {m} to some new place of Centralized Policy Quarantine
MID {m} is held for transfer to centralized quarantine "Policy"
a line of next year's release
""".strip().splitlines()  # noqa: E501
HEADS = (
    HEAD,
    HEAD,
    HEAD,
    "Tue Nov 24 03:00:02 2026 Warning: ",
    "<166>Nov 24 14:22:57 esa1 mail_logs: Info: ",
    "",
)

LINES = st.builds(
    lambda head, body, m, d: head + body.format(m=m, d=d),
    st.sampled_from(HEADS),
    st.sampled_from(BODIES),
    st.integers(1, 4),
    st.integers(1, 3),
)
ODDITIES: tuple[Callable[[str], bytes], ...] = (
    lambda line: line.encode(),
    lambda line: line.encode(),
    lambda line: line.encode(),
    lambda line: f"{line} \r".encode(),
    lambda line: line[: len(line) * 2 // 3].encode(),
    lambda line: line[len(line) // 3 :].encode(),
    lambda line: f"{line}\t".encode(),
    lambda line: line.encode()[:60] + b"\xe4\x00" + line.encode()[60:],
    lambda line: (line + "x" * LONGEST).encode(),
    lambda line: line.encode() + b"\n" + line.encode(),
    lambda line: b"12:34:" + line.encode(),
    lambda line: b"",
)


@dataclass(slots=True)
class Slow:
    """One line after the other, each read by the grammar; only what the selection is for is left out."""

    tally: Tally = field(default_factory=Tally)
    receptions: dict[int, Peer] = field(default_factory=dict)

    def read(self, text: bytes) -> ApplianceLog:
        lines = text.split(b"\n")
        stamped = any(parse_line(text_of(line)).at or b"<166>" in line[:5] for line in lines)
        selection = Selection(7025)
        wanted = re.compile("|".join(map(re.escape, selection.literals)).encode())
        digest = Digest(self.tally, selection)
        for line in lines:
            if len(line) > LONGEST:
                if selection.exact.search(line, 0, LONGEST):
                    self.tally.unknown(line)
                continue
            event = parse_line(text_of(line), stamped=stamped)
            if wanted.search(line):
                digest.take(event, line)
            self.receive(event, line)
        self.tally.finish()
        return ApplianceLog("", (), self.tally, Span(len(lines) - (not lines[-1])))

    def receive(self, event: e.Event, line: bytes) -> None:
        match event:
            case e.InOpened(protocol="CPQ"):
                self.receptions[event.icid] = self.tally.came_in(event.address, event.interface_address)
            case e.InOpened() | e.InClosed():
                self.receptions.pop(event.icid, None)
            case e.HatVerdict() | e.InMessage() if event.icid in self.receptions:
                rejected = isinstance(event, e.HatVerdict) and event.action in ("REJECT", "TCPREFUSE")
                group = event.group if rejected and isinstance(event, e.HatVerdict) else None
                self.tally.admit(self.receptions.pop(event.icid), event.at, group, line)


def summary(log: ApplianceLog) -> dict[str, object]:
    """Everything that is counted and told."""
    tally = log.tally
    return {
        "lines": log.span.lines,
        "unrecognised": tally.unrecognised,
        "unknown": [line_of(line)[:LONGEST] for line in tally.unknown_lines],
        "quarantine": tally.quarantine,
        "messages": tally.count_messages(),
        "peers": {
            peer.address: (
                peer.sent,
                peer.received,
                peer.messages.count,
                peer.handshakes.failing,
                peer.releases,
                bool(peer.worked_at),
                [
                    (reason.kind, reason.reason, reason.count, moment(reason.first), line_of(reason.example))
                    for reason in peer.reasons.by_words.values()
                ],
            )
            for peer in tally.all_peers
        },
        "faults": [(fault.reason, fault.count) for fault in tally.faults.by_words.values()],
        "early": [(early.reason, early.count) for early in tally.early.by_words.values()],
    }


def fast(path: Path, searcher: Searcher | None) -> ApplianceLog:
    (log,) = read_logs(
        Wanted((str(path),), port=7025, searcher=searcher), lambda read, total: None
    ).appliances
    return log


@pytest.fixture(autouse=True)
def _small_files_are_worth_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "_WORTH_A_CHILD", 0)


@pytest.fixture(scope="module")
def log_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs") / "mail.log"


def check_equal(text: bytes, path: Path) -> None:
    path.write_bytes(text)
    width = find_width(text[:65536].split(b"\n"))
    joined = b"".join(piece for _, piece in unwrap([(0, text)], width)) if width else text
    slow = summary(Slow().read(joined))
    assert summary(fast(path, None)) == slow
    packed = path.with_suffix(".log.gz")
    packed.write_bytes(gzip.compress(text, 1))
    for searcher in SEARCHERS:
        assert summary(fast(path, searcher)) == slow
        assert summary(fast(packed, searcher)) == slow


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.lists(st.tuples(LINES, st.sampled_from(ODDITIES)), max_size=60), st.booleans())
def test_odd_logs_are_read_alike(
    log_file: Path, lines: list[tuple[str, Callable[[str], bytes]]], ended: bool
) -> None:
    begin = f"{HEAD}Begin Logfile\n".encode()
    text = begin + b"\n".join(odd(line) for line, odd in lines) + (b"\n" if ended else b"")
    check_equal(text, log_file)


@pytest.mark.parametrize("change", ["none", "shuffle", "cut", "interleave", "repeat"])
def test_a_realistic_log_and_what_accidents_make_of_it(change: str, log_file: Path) -> None:
    make_log(log_file, 400_000, seed=7)
    lines = log_file.read_bytes().split(b"\n")
    rng = random.Random(change)
    match change:
        case "shuffle":
            rng.shuffle(lines)
        case "cut":
            lines = [line[: rng.randint(0, len(line))] if rng.random() < 0.2 else line for line in lines]
        case "interleave":
            half = len(lines) // 2
            lines = [line for pair in zip(lines[:half], lines[half:], strict=False) for line in pair]
        case "repeat":
            lines = [line for line in lines for _ in range(rng.choice((1, 1, 1, 2)))]
    check_equal(b"\n".join(lines), log_file)


@pytest.mark.parametrize(
    "searcher", [None, *SEARCHERS], ids=lambda one: Path(one.program).name if one else "python"
)
def test_the_counts_of_a_realistic_log_are_the_true_ones(searcher: Searcher | None, log_file: Path) -> None:
    truth = make_log(log_file, 3_000_000)
    log = fast(log_file, searcher)
    sent, received = Sent(), Received()
    for peer in log.tally.all_peers:
        sent += peer.sent
        received += peer.received
    sent.messages = log.tally.count_messages()
    counted = {f"sent.{name}": getattr(sent, name) for name in Sent.__dataclass_fields__}
    counted |= {f"received.{name}": getattr(received, name) for name in Received.__dataclass_fields__}
    quarantine = log.tally.quarantine
    counted |= {f"quarantine.{name}": getattr(quarantine, name) for name in quarantine.__dataclass_fields__}
    assert {name: number for name, number in counted.items() if number} == dict(truth.counts)
    assert (log.span.lines, log.tally.unrecognised) == (truth.lines, 0)


def test_the_tally_agrees_with_the_correlation_of_the_checks(log_file: Path) -> None:
    make_log(log_file, 1_000_000, seed=3)
    traffic = correlate(parse(log_file.read_text().splitlines()))
    log = fast(log_file, None)
    (peer,) = [peer for peer in log.tally.all_peers if peer.sent.connections]
    assert peer.sent.connections == len(traffic.sent)
    assert peer.sent.tls_ok == sum(sending.tls == "ok" for sending in traffic.sent)
    assert peer.sent.tls_failed == sum(sending.tls == "failed" for sending in traffic.sent)
    assert (peer.sent.started, peer.sent.done) == (
        sum(sending.started for sending in traffic.sent),
        sum(sending.done for sending in traffic.sent),
    )
    assert (peer.sent.delayed, peer.sent.bounced, peer.sent.connection_errors) == (
        len(traffic.delays),
        len(traffic.bounces),
        len(traffic.errors),
    )
    assert log.tally.quarantine.enqueued == traffic.enqueued
    received = [peer.received for peer in log.tally.all_peers]
    assert sum(one.accepted for one in received) == sum(one.verdict == "accepted" for one in traffic.received)
    assert sum(one.rejected for one in received) == sum(one.verdict == "rejected" for one in traffic.received)
