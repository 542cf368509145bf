"""Writes a realistic mail log of any size whose CPQ counts are known: about 2 % CPQ, with decoys in subjects."""

import datetime as dt
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

PEER = "10.10.10.1"
_CPQ_TO = f"New SMTP DCID {{d}} interface 10.10.20.1 address {PEER} port 7025"
_CPQ_TLS = "DCID {d} TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384 the.cpq.host"
_CPQ_START = "Delivery start DCID {d} MID {m} to RID [0] to Centralized Policy Quarantine"
_CPQ_DONE = "Message done DCID {d} MID {m} to RID [0] (centralized policy quarantine) "
_ENQUEUED = 'MID {m} enqueued for transfer to centralized quarantine "Policy" (Message filter)'
_FINISHED = "Message finished MID {m} done"
_CLOSE = "DCID {d} close"
_DECOYS = (
    "Info: DCID 5 TLS failed: verify error: no certificate from server",
    "RE: invoice port 7025",
    "New SMTP DCID 7 interface 10.0.0.1 address 10.0.0.2 port 7025",
    "your CPQ order",
    "Delivery start DCID 9 MID 1 to RID [0] to Centralized Policy Quarantine",
)
_REFUSED = "[Errno 61] Connection refused"

_Course = tuple[str, ...]
_RECEIVED: _Course = (
    "New SMTP ICID {i} interface Data 1 (198.51.100.9) address 203.0.113.{r} "
    "reverse dns host mx{r}.example.net verified yes",
    "ICID {i} ACCEPT SG UNKNOWNLIST match sbrs[-1.0:10.0] SBRS 3.5 country United States",
    "ICID {i} TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384",
    "Start MID {m} ICID {i}",
    "MID {m} ICID {i} From: <sender{r}@example.net>",
    "MID {m} ICID {i} RID 0 To: <recipient{r}@example.com>",
    "MID {m} SPF: mailfrom identity sender{r}@example.net Pass (v=spf1)",
    "MID {m} Message-ID '<{r}.20261124@mx.example.net>'",
    "MID {m} Subject '{s}'",
    "MID {m} ready {r}31 bytes from <sender{r}@example.net>",
    "MID {m} matched all recipients for per-recipient policy DEFAULT in the inbound table",
    "MID {m} interim verdict using engine: CASE spam negative",
    "MID {m} interim AV verdict using Sophos CLEAN",
    "MID {m} antivirus negative ",
    "ICID {i} close",
)
_DELIVERED: _Course = (
    "MID {m} queued for delivery",
    "New SMTP DCID {d} interface 198.51.100.9 address 192.0.2.{r} port 25",
    "DCID {d} TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384 ",
    "Delivery start DCID {d} MID {m} to RID [0]",
    "Message done DCID {d} MID {m} to RID [0] [('from', 'sender{r}@example.net')]",
    "MID {m} RID [0] Response '2.0.0 Ok: queued as 4F{r}A'",
    _FINISHED,
    _CLOSE,
)
_ORDINARY: dict[str, tuple[int, _Course, dict[str, int]]] = {
    "delivered": (560, (*_RECEIVED, *_DELIVERED), {}),
    "rejected": (
        90,
        (
            "New SMTP ICID {i} interface Data 1 (198.51.100.9) address 203.0.113.{r} "
            "reverse dns host unknown verified no",
            "ICID {i} REJECT SG BLACKLIST match sbrs[-10.0:-3.0] SBRS -7.2",
            "ICID {i} close",
        ),
        {},
    ),
    "delayed": (
        12,
        (
            *_RECEIVED,
            "New SMTP DCID {d} interface 198.51.100.9 address 192.0.2.{r} port 25",
            "Delivery start DCID {d} MID {m} to RID [0]",
            "Delayed: DCID {d} MID {m} to RID 0 - 4.1.0 - Unknown address error ('450', ['4.2.0 greylisted']) []",
            _CLOSE,
        ),
        {},
    ),
    "bounced": (
        6,
        (
            *_RECEIVED,
            "Bounced: DCID 0 MID {m} to RID 0 - 5.1.2 - Bad destination host ('000', ['DNS Hard Error'])",
            "Message finished MID {m} done",
        ),
        {},
    ),
    "plain": (
        8,
        (
            "New SMTP DCID {d} interface 198.51.100.9 address 192.0.2.{r} port 25",
            "DCID {d} TLS failed: [Errno 54] Connection reset by peer",
            _CLOSE,
        ),
        {},
    ),
    "unreachable": (
        6,
        (
            "New SMTP DCID {d} interface 198.51.100.9 address 192.0.2.{r} port 25",
            "Connection Error: DCID {d} domain: example.org IP: 192.0.2.{r} port: 25 details: timeout "
            "interface: 198.51.100.9 reason: connection timed out",
        ),
        {},
    ),
    "spam": (
        20,
        (
            "ISQ: Tagging MID {m} for quarantine",
            "New SMTP DCID {d} interface 10.10.20.1 address 10.10.10.1 port 6025",
            "DCID {d} TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384 the.euq.host",
            "Delivery start DCID {d} MID {m} to RID [0] to offbox IronPort Spam Quarantine",
            "Message done DCID {d} MID {m} to RID [0] (external quarantine) ",
            _CLOSE,
        ),
        {},
    ),
}
_SENT = {"quarantine.enqueued": 1, "sent.connections": 1}
_CPQ: dict[str, tuple[int, _Course, dict[str, int]]] = {
    "sent": (
        100,
        (_ENQUEUED, _CPQ_TO, _CPQ_TLS, _CPQ_START, _CPQ_DONE, _FINISHED, _CLOSE),
        _SENT | {"sent.tls_ok": 1, "sent.started": 1, "sent.done": 1, "sent.messages": 1},
    ),
    "anonymous": (
        8,
        (
            _ENQUEUED,
            _CPQ_TO,
            "DCID {d} TLS failed: verify error: no certificate from server",
            "DCID {d} TLS was required but could not be successfully negotiated",
            "Delayed: DCID {d} MID {m} to RID 0 - 4.4.0 - Other network problem ('000', ['TLS']) []",
        ),
        _SENT | {"sent.tls_failed": 1, "sent.delayed": 1},
    ),
    "refused": (
        8,
        (
            _ENQUEUED,
            f"Connection Error: DCID {{d}} domain: the.cpq.host IP: {PEER} port: 7025 details: {_REFUSED} "
            "interface: 10.10.20.1 reason: network error",
            f"Delayed: DCID {{d}} MID {{m}} to RID 0 - 4.4.0 - Other network problem ('000', ['{_REFUSED}'])",
        ),
        _SENT | {"sent.connection_errors": 1, "sent.delayed": 1},
    ),
    "expired": (
        3,
        (
            _ENQUEUED,
            "Bounced: DCID 0 MID {m} to RID 0 - 5.4.7 - Delivery expired (message too old) ('000', ['timeout'])",
            _FINISHED,
        ),
        {"quarantine.enqueued": 1, "sent.bounced": 1},
    ),
    "returned": (
        6,
        (
            f"New CPQ ICID {{i}} interface Management (10.10.20.1) address {PEER} "
            "reverse dns host unknown verified no",
            f"ICID {{i}} RELAY SG RELAYLIST match {PEER} SBRS not enabled",
            "Start MID {m} ICID {i}",
            f"MID {{m}} received from the SMA {PEER} (MID originally 17) on release from Policy",
            "ICID {i} close",
        ),
        {"received.connections": 1, "received.accepted": 1},
    ),
    "stranger": (
        2,
        (
            "New CPQ ICID {i} interface Management (10.10.20.1) address 10.10.20.99 "
            "reverse dns host unknown verified no",
            "ICID {i} REJECT SG None match ALL SBRS not enabled",
            "ICID {i} close",
        ),
        {"received.connections": 1, "received.rejected": 1},
    ),
    "overflow": (
        2,
        (
            'MID {m} released from quarantine "Policy" (queue full)',
            "MID {m} released from all quarantines",
        ),
        {"quarantine.released": 1, "quarantine.released_queue_full": 1},
    ),
    "deleted": (2, ('MID {m} deleted from quarantine "Policy" (expired)',), {"quarantine.deleted": 1}),
}
_SHARE = 0.02
_COURSES_A_BATCH = 60
_BATCHES = 64
_SECONDS_A_BATCH = 10


@dataclass(slots=True)
class _Batch:
    """Lines of some courses side by side: `text` has a `%d` an id and a `%s` a stamp, `slots` say which."""

    text: str
    slots: list[tuple[str, int]]
    lines: int
    cpq: int
    truth: Counter[str]


@dataclass(slots=True)
class Truth:
    """What the log holds: physical lines, those that are CPQ's, and `counts` by the names of the JSON document."""

    lines: int = 0
    cpq: int = 0
    size: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def make_log(path: Path, size: int, seed: int = 1) -> Truth:
    """Writes at least `size` bytes to `path` and returns the truth about them."""
    random.seed(seed)
    batches = [_make_batch() for _ in range(_BATCHES)]
    truth, now = Truth(), dt.datetime(2026, 11, 20)
    numbers = {"m": 1000, "d": 1000, "i": 1000}
    with path.open("wb") as log:
        truth.size += log.write(_head(now))
        truth.lines += 3
        while truth.size < size:
            batch = random.choice(batches)
            stamps = [
                f"{now + dt.timedelta(seconds=n):%a %b %d %H:%M:%S %Y}" for n in range(_SECONDS_A_BATCH)
            ]
            values = tuple(stamps[n] if kind == "t" else numbers[kind] + n for kind, n in batch.slots)
            truth.size += log.write((batch.text % values).encode())
            truth.lines += batch.lines
            truth.cpq += batch.cpq
            truth.counts += batch.truth
            now += dt.timedelta(seconds=_SECONDS_A_BATCH)
            for kind in numbers:
                numbers[kind] += _COURSES_A_BATCH
    return truth


def _head(now: dt.datetime) -> bytes:
    bodies = (
        "Begin Logfile",
        "Version: 15.0.0-104 SN: 0123456789AB-CDEF012",
        "Time offset from UTC: 0 seconds",
    )
    return "".join(f"{now:%a %b %d %H:%M:%S %Y} Info: {body}\n" for body in bodies).encode()


def _make_batch() -> _Batch:
    """Courses begin one after the other and run side by side, as on a busy appliance."""
    truth: Counter[str] = Counter()
    cpq = 0
    placed: list[tuple[float, int, str]] = []
    for number in range(_COURSES_A_BATCH):
        course, counts = _choose()
        truth.update(counts)
        cpq += len(course) if counts else 0
        at = random.uniform(0, 0.7)
        for body in course:
            at += random.expovariate(1 / 0.01)
            placed.append((at, number, _fill(body)))
    placed.sort(key=lambda line: line[0])
    text, slots = [], []
    for place, (_, number, body) in enumerate(placed):
        kinds = re.findall(r"\{([mdi])\}", body)
        slots += [("t", place * _SECONDS_A_BATCH // len(placed)), *((kind, number) for kind in kinds)]
        text.append("%s Info: " + re.sub(r"\{[mdi]\}", "%d", body) + "\n")
    return _Batch("".join(text), slots, len(placed), cpq, truth)


def _choose() -> tuple[_Course, dict[str, int]]:
    """CPQ courses are shorter than others: the share of lines, not of courses, is what is given."""
    kinds = _CPQ if random.random() < _SHARE * 3.0 else _ORDINARY
    (weight_course_truth,) = random.choices([*kinds.values()], weights=[kind[0] for kind in kinds.values()])
    return weight_course_truth[1], weight_course_truth[2]


def _fill(body: str) -> str:
    decoy = random.random() < 0.01
    subject = random.choice(_DECOYS) if decoy else "Weekly report of the department, please read"
    return body.replace("{s}", subject).replace("{r}", str(random.randint(10, 99))).replace("%", "%%")
