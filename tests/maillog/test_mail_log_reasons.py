"""What a failure text means, and troubles counted by reason."""

from datetime import datetime

import pytest

from bot.maillog.reasons import delivery_reason, fault_reason, generalise, group, tls_problem
from bot.maillog.traffic import Trouble


@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        ("verify error: no certificate from server", "anonymous-cipher"),
        ("Verify error: No certificate from server ", "anonymous-cipher"),
        ("verify error: certificate has expired", "unverified"),
        ("verify error: self signed certificate", "unverified"),
        ("STARTTLS unexpected response", "not-offered"),
        ("[Errno 54] Connection reset by peer", "failed"),
        ("no reason given", "failed"),
        (
            "(336150757, 'error:140940E5:SSL routines:SSL3_READ_BYTES:ssl handshake failure')",
            "no-shared-version",
        ),
        (
            "(1, 'error:1425F102:SSL routines:ssl_choose_client_version:unsupported protocol')",
            "no-shared-version",
        ),
        ("(1, 'error:1408F10B:SSL routines:SSL3_GET_RECORD:wrong version number')", "no-shared-version"),
        ("(1, 'error:140A1175:SSL routines:X:no shared cipher')", "no-shared-version"),
        ("(1, 'error:1409442E:SSL routines:X:tlsv1 alert protocol version')", "no-shared-version"),
        ("(1, 'error:1408A0C1:SSL routines:HANDSHAKE_FAILURE:bad record mac')", "failed"),
        ("TLS was required but could not be successfully negotiated", "failed"),
    ],
)
def test_what_a_tls_failure_means(reason: str, problem: str) -> None:
    assert tls_problem(reason) == problem


@pytest.mark.parametrize(
    ("reason", "general"),
    [
        ("network error: [Errno 61] Connection refused", "network error: [Errno 61] Connection refused"),
        ("4.4.0 - no answer from 10.10.10.1", "4.4.0 - no answer from [address]"),
        ("no answer from 2001:db8::1 or fe80::1%em0", "no answer from [address] or [address]"),
        ("MID 17 by <a.b@example.com> at 03:04:05", "MID [id] by [mailbox] at [time]"),
        ("('421', ['4.3.2 try again later'])", "('421', ['4.3.2 try again later'])"),
        ("queued as 4A1B2C3D4E, session 12345678", "queued as [id], session [id]"),
        ("std::error", "std::error"),
        ("one\\n  two   three", "one\\n two three"),
    ],
)
def test_what_differs_from_line_to_line_is_left_out(reason: str, general: str) -> None:
    assert generalise(reason) == general


def test_troubles_are_counted_by_reason() -> None:
    times = [datetime(2026, 11, 24, 3, minute) for minute in range(4)]
    troubles = [
        Trouble(times[0], "rejected", "line 0"),
        Trouble(None, "no answer from 10.10.10.1", "line 1"),
        Trouble(times[1], "no answer from 10.10.10.2", "line 2"),
        Trouble(times[3], "no answer from 10.10.10.1", "line 3"),
    ]
    often, once = group(troubles)
    assert (often.reason, often.count, often.first, often.last) == (
        "no answer from [address]",
        3,
        times[1],
        times[3],
    )
    assert often.example is troubles[1]
    assert (once.reason, once.count, once.first, once.last) == ("rejected", 1, times[0], times[0])
    assert group([]) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("4.4.0 - Other ('000', ['x']) []", "4.4.0 - Other ('000', ['x'])"),
        ("5.1.2 - Bad ('000', ['x']) [('subject', 'secret')]", "5.1.2 - Bad ('000', ['x'])"),
        ("5.0.0 - no reply list", "5.0.0 - no reply list"),
    ],
)
def test_logged_headers_are_no_part_of_a_reason(text: str, reason: str) -> None:
    assert delivery_reason(text) == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            """('a/b.py f|12', "<type 'exceptions.RuntimeError'>", "'…'", '[a/b.py f|12]')""",
            "exceptions.RuntimeError at a/b.py f|12",
        ),
        (
            """("a/b.py f|12", '<type "exceptions.KeyError">', '12L', '')""",
            "exceptions.KeyError at a/b.py f|12",
        ),
        ("another form", "another form"),
        ("", "no details given"),
    ],
)
def test_a_fault_is_named_by_its_type_and_place(text: str, reason: str) -> None:
    assert fault_reason(text) == reason
