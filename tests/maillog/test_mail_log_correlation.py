"""Connections and troubles as the facts sheet's situations give them."""

from collections.abc import Iterable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.maillog.correlate import correlate
from bot.maillog.grammar import parse
from bot.maillog.traffic import LINES_KEPT, Traffic


def read(text: str, ports: Iterable[int] = (7025,)) -> Traffic:
    """Correlate bodies, one a line and one second after the other from 03:00:00."""
    bodies = [body.strip() for body in text.strip().splitlines()]
    return correlate(
        parse(f"Tue Nov 24 03:{n // 60:02}:{n % 60:02} 2026 Info: {body}" for n, body in enumerate(bodies)),
        frozenset(ports),
    )


def at(second: int) -> datetime:
    return datetime(2026, 11, 24, 3, second // 60, second % 60)


GOOD = """
    MID 101 enqueued for transfer to centralized quarantine "Policy" (f1)
    New SMTP DCID 55 interface 10.10.20.1 address 10.10.10.1 port 7025
    DCID 55 TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384 the.cpq.host
    Delivery start DCID 55 MID 101 to RID [0] to Centralized Policy Quarantine
    Message done DCID 55 MID 101 to RID [0] (centralized policy quarantine)
    MID 101 RID [0] Response 'ok:  Message 9001 accepted'
    Message finished MID 101 done
    DCID 55 close
"""


def test_a_good_transfer() -> None:
    traffic = read(GOOD)
    (sending,) = traffic.sent
    assert (sending.dcid, sending.opened_at, sending.closed_at) == (55, at(1), at(7))
    assert (sending.interface, sending.address, sending.port) == ("10.10.20.1", "10.10.10.1", 7025)
    assert (sending.tls, sending.tls_at, sending.tls_reason) == ("ok", at(2), None)
    assert (sending.protocol, sending.cipher) == ("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384")
    assert (sending.started, sending.done, sending.delayed, sending.bounced) == (1, 1, 0, 0)
    assert len(sending.lines) == 5
    assert (traffic.enqueued, traffic.lines, traffic.unrecognised) == (1, 8, 0)
    assert (traffic.first, traffic.last) == (at(0), at(7))
    assert (traffic.delays, traffic.bounces, traffic.errors, traffic.received) == ((), (), (), ())


def test_cause_and_effect_of_a_failed_handshake_are_one() -> None:
    (sending,) = read("""
        New SMTP DCID 56 interface 10.10.20.1 address 10.10.10.1 port 7025
        DCID 56 TLS failed: verify error: no certificate from server
        DCID 56 TLS was required but could not be successfully negotiated
    """).sent
    assert (sending.tls, sending.tls_at) == ("failed", at(1))
    assert sending.tls_reason == "verify error: no certificate from server"


def test_an_effect_whose_cause_is_not_shown_still_tells_the_failure() -> None:
    (sending,) = read("""
        New SMTP DCID 56 interface 10.10.20.1 address 10.10.10.1 port 7025
        DCID 56 TLS was required but could not be successfully negotiated
    """).sent
    assert (sending.tls, sending.tls_at) == ("failed", at(1))
    assert sending.tls_reason == "TLS was required but could not be successfully negotiated"


def test_connection_errors_delays_and_bounces() -> None:
    traffic = read("""
        MID 101 enqueued for transfer to centralized quarantine "Policy" (f1)
        Connection Error: DCID 58 domain: the.cpq.host IP: 10.10.10.1 port: 7025 details: [Errno 61] Connection refused interface: 10.10.20.1 reason: network error
        Connection Error: DCID 58 domain: the.cpq.host IP: 10.10.10.1 port: 7025 details: [Errno 61] Connection refused interface: 10.10.20.1 reason: network error
        Delayed: DCID 58 MID 101 to RID 0 - 4.4.0 - Other network problem ('000', ['[Errno 61] Connection refused']) []
        Connection Error: DCID 0 domain: the.cpq.host IP: 10.10.10.1 port: 7025 details: timeout interface: 10.10.20.1 reason: connection timed out
        Connection Error: DCID 0 domain: example.com IP: 192.0.2.1 port: 25 details: timeout interface: 10.10.20.1 reason: connection timed out
        Bounced: DCID 0 MID 101 to RID 0 - 5.4.7 - Delivery expired (message too old) ('000', ['timeout'])
        Bounced: DCID 0 MID 999 to RID 0 - 5.4.7 - Delivery expired (message too old) ('000', ['timeout'])
    """)  # noqa: E501
    assert [(error.dcid, error.reason, error.at) for error in traffic.errors] == [
        (58, "network error: [Errno 61] Connection refused", at(1)),
        (0, "connection timed out: timeout", at(4)),
    ]
    (delay,) = traffic.delays
    assert delay.reason == "4.4.0 - Other network problem ('000', ['[Errno 61] Connection refused'])"
    assert (delay.address, delay.port, delay.dcid) == ("10.10.10.1", 7025, 58)
    (bounce,) = traffic.bounces
    assert (bounce.address, bounce.dcid, bounce.at) == (None, 0, at(6))
    (sending,) = traffic.sent
    assert (sending.error, sending.error_at) == ("network error: [Errno 61] Connection refused", at(1))
    assert (sending.delayed, sending.bounced, sending.opened_at) == (1, 0, None)


@pytest.mark.parametrize(
    "sign",
    [
        "DCID 7 TLS success protocol TLSv1 cipher RC4-SHA the.cpq.host",
        "DCID 7 TLS success protocol TLSv1 cipher RC4-SHA for the.cpq.release.host",
        "Delivery start DCID 7 MID 3 to RID [0] to Centralized Policy Quarantine",
        "Message done DCID 7 MID 3 to RID [0] (centralized policy quarantine)",
        "Connection Error: DCID 7 domain: the.cpq.host IP: 10.10.10.1 port: 7026 details: x interface: y reason: z",
        "New SMTP DCID 7 interface 10.10.20.1 address 10.10.10.1 port 7025",
    ],
)
def test_any_sign_makes_a_connection_cpq_also_after_its_failure(sign: str) -> None:
    traffic = read(f"""
        DCID 7 TLS failed: [Errno 54] Connection reset by peer
        Delayed: DCID 7 MID 3 to RID 0 - 4.4.0 - Other network problem ('000', ['x'])
        {sign}
    """)
    if sign.startswith("New"):
        assert [(sending.tls, sending.port) for sending in traffic.sent] == [(None, 7025)]
        return
    assert [sending.dcid for sending in traffic.sent] == [7]
    assert len(traffic.delays) == 1


@pytest.mark.parametrize(
    "lines",
    [
        "New SMTP DCID 7 interface 10.10.20.1 address 10.10.10.1 port 6025\nDCID 7 TLS success the.cpq.host",
        "Message done DCID 7 MID 3 to RID [0] (external quarantine) \nDCID 7 TLS success the.cpq.host",
        "Delivery start DCID 7 MID 3 to RID [0] to offbox IronPort Spam Quarantine",
        "DCID 7 TLS success protocol TLSv1 cipher RC4-SHA the.euq.host",
        "New SMTP DCID 7 interface 10.10.20.1 address 192.0.2.1 port 25\nDCID 7 TLS failed: x",
        "DCID 7 TLS failed: x\nDCID 7 close",
        "New SMTP ICID 7 interface Management (10.10.10.1) address 10.10.20.1\nICID 7 REJECT SG None match ALL",
        "MID 5 Subject 'Info: Delivery start DCID 7 MID 3 to RID [0] to Centralized Policy Quarantine'",
    ],
)
@pytest.mark.parametrize("ports", [(7025,), (7025, 6025)])
def test_other_traffic_is_never_counted(lines: str, ports: tuple[int, ...]) -> None:
    traffic = read(lines, ports)
    assert (traffic.sent, traffic.received) == ((), ())


def test_the_configured_port_makes_a_failed_connection_cpq() -> None:
    lines = "New SMTP DCID 7 interface 10.10.20.1 address 10.10.10.1 port 7100\nDCID 7 TLS failed: x"
    assert read(lines).sent == ()
    assert [sending.port for sending in read(lines, {7100}).sent] == [7100]


def test_a_delay_of_an_enqueued_message_counts_unless_the_connection_went_elsewhere() -> None:
    traffic = read("""
        MID 101 enqueued for transfer to centralized quarantine "Policy" (f1)
        Delayed: DCID 60 MID 101 to RID 0 - 4.4.0 - first ('000', ['x'])
        New SMTP DCID 61 interface 10.10.20.1 address 192.0.2.1 port 25
        Delayed: DCID 61 MID 101 to RID 0 - 4.4.0 - second ('000', ['x'])
    """)
    assert [delay.dcid for delay in traffic.delays] == [60]


def test_a_delay_before_the_words_that_say_whose_it_was() -> None:
    traffic = read("""
        Delayed: DCID 0 MID 101 to RID 0 - 4.4.0 - Other network problem ('000', ['x'])
        Delivery start DCID 62 MID 101 to RID [0] to Centralized Policy Quarantine
    """)
    assert [delay.at for delay in traffic.delays] == [at(0)]


def test_an_opening_line_begins_a_new_connection_with_the_same_id() -> None:
    traffic = read(GOOD.replace("MID 101 enqueued", "MID 102 enqueued") + GOOD.lstrip())
    assert [(sending.dcid, sending.opened_at) for sending in traffic.sent] == [(55, at(1)), (55, at(9))]


def test_connections_stand_in_the_order_of_their_first_lines() -> None:
    traffic = read("""
        New SMTP DCID 9 interface 10.10.20.1 address 10.10.10.1 port 7025
        New SMTP DCID 8 interface 10.10.20.1 address 10.10.10.1 port 7025
        DCID 9 TLS success protocol TLSv1.2 cipher X the.cpq.host
        DCID 8 close
    """)
    assert [sending.dcid for sending in traffic.sent] == [9, 8]


def test_many_messages_leave_room_for_the_line_that_tells_the_end() -> None:
    messages = "\n".join(
        f"Delivery start DCID 55 MID {mid} to RID [0] to Centralized Policy Quarantine" for mid in range(40)
    )
    (sending,) = read(f"{messages}\nDCID 55 close").sent
    assert sending.started == 40
    assert len(sending.lines) <= LINES_KEPT
    assert sending.lines[-1].endswith("DCID 55 close")


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("ICID 8 RELAY SG RELAYLIST match 10.10.20.1 SBRS not enabled", "accepted"),
        ("Start MID 9001 ICID 8", "accepted"),
        ("ICID 8 REJECT SG None match ALL SBRS not enabled", "rejected"),
        ("ICID 8 TCPREFUSE SG None match ALL SBRS not enabled", "rejected"),
        ("ICID 9 RELAY SG RELAYLIST match 10.10.20.1 SBRS not enabled", None),
    ],
)
def test_what_the_receiver_decided(line: str, verdict: str | None) -> None:
    (reception,) = read(f"""
        New CPQ ICID 8 interface Management (10.10.10.1) address 10.10.20.99 reverse dns host unknown verified no
        {line}
        ICID 8 close
    """).received
    assert (reception.verdict, reception.at) == (verdict, at(1) if verdict else None)
    assert (reception.interface_name, reception.interface_address) == ("Management", "10.10.10.1")
    assert (reception.address, reception.opened_at, reception.closed_at) == ("10.10.20.99", at(0), at(2))


def test_faults_and_early_releases() -> None:
    traffic = read("""
        MID 9002 released from quarantine "Policy" (queue full)
        MID 9003 released from quarantine "Policy" (manual)
        An application fault occurred: ('query/api.py searchData|4652', "<type 'exceptions.AttributeError'>", "'NoneType'", '[a.py b|1]')
        An application fault occurred
    """)  # noqa: E501
    assert [release.at for release in traffic.early_releases] == [at(0)]
    assert [fault.reason for fault in traffic.faults] == [
        "exceptions.AttributeError at query/api.py searchData|4652",
        "no details given",
    ]


def test_nothing_read_is_nothing_said() -> None:
    assert correlate([]) == Traffic()


def test_lines_of_unknown_form_are_counted() -> None:
    traffic = read("something new\nDCID 5 close")
    assert (traffic.lines, traffic.unrecognised) == (2, 1)


COURSES = (
    GOOD,
    """
    New SMTP DCID 56 interface 10.10.20.1 address 10.10.10.1 port 7025
    DCID 56 TLS failed: verify error: no certificate from server
    DCID 56 TLS was required but could not be successfully negotiated
    Delayed: DCID 56 MID 102 to RID 0 - 4.4.0 - Other network problem ('000', ['x'])
    """,
    """
    New CPQ ICID 55 interface Management (10.10.20.1) address 10.10.10.1 reverse dns host unknown verified no
    ICID 55 RELAY SG RELAYLIST match 10.10.10.1 SBRS not enabled
    ICID 55 close
    """,
    """
    New SMTP DCID 57 interface 10.10.20.1 address 10.10.10.1 port 6025
    DCID 57 TLS success protocol TLSv1.2 cipher X the.euq.host
    Delivery start DCID 57 MID 103 to RID [0] to offbox IronPort Spam Quarantine
    Message done DCID 57 MID 103 to RID [0] (external quarantine)
    """,
    """
    New SMTP DCID 58 interface 10.10.20.1 address 192.0.2.1 port 25
    DCID 58 TLS failed: [Errno 54] Connection reset by peer
    Delayed: DCID 58 MID 104 to RID 0 - 4.4.0 - Other network problem ('000', ['x'])
    MID 104 Subject 'Info: DCID 56 TLS success the.cpq.host'
    """,
)


@st.composite
def interleaved(draw: st.DrawFn) -> str:
    """All courses at once, each in its own order."""
    courses = [[line.strip() for line in course.strip().splitlines()] for course in COURSES]
    turns = draw(st.permutations([n for n, course in enumerate(courses) for _ in course]))
    return "\n".join(courses[turn].pop(0) for turn in turns)


@given(interleaved())
def test_connections_that_run_side_by_side_do_not_mix(log: str) -> None:
    traffic = read(log)
    assert {(s.dcid, s.tls, s.started, s.done, s.delayed, len(s.lines)) for s in traffic.sent} == {
        (55, "ok", 1, 1, 0, 5),
        (56, "failed", 0, 0, 1, 4),
    }
    assert [(r.icid, r.verdict) for r in traffic.received] == [(55, "accepted")]
    assert [delay.dcid for delay in traffic.delays] == [56]
    assert (traffic.enqueued, traffic.unrecognised) == (1, 0)
