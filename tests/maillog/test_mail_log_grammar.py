"""Heads, templates and what must not be believed."""

import dataclasses
import re
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.maillog import events as e
from bot.maillog.grammar import parse, parse_line
from bot.maillog.heads import split_head
from bot.maillog.templates import TEMPLATES

STAMP = "Tue Nov 24 03:00:01 2026 Info: "
AT = datetime(2026, 11, 24, 3, 0, 1)
BODY = "DCID 55 close"


@pytest.mark.parametrize(
    ("head", "at"),
    [
        ("Wed Jun  2 14:58:14 2004 Info: ", datetime(2004, 6, 2, 14, 58, 14)),
        ("Wed Jun 2 14:58:14 2004 Warning: ", datetime(2004, 6, 2, 14, 58, 14)),
        ("i Sep  8 05:21:31 2023 Info: ", datetime(2023, 9, 8, 5, 21, 31)),
        ("<166>Mar 17 18:24:37 mail_logs: Info: ", None),
        ("<94>Nov 24 14:22:57 esa1.example.com mail_logs: Info: ", None),
        ("Jun 26 10:42:23 esa1.example.com MAIL_SecurityAudit: Info: ", None),
        ("2019 Sep 28 16:13:51 esa1 mail [info] maillogs:nopid Info: ", datetime(2019, 9, 28, 16, 13, 51)),
        ("<166>Aug 10 09:53:00 HOST TAG: Mon Aug 10 09:52:59 2020 Info: ", datetime(2020, 8, 10, 9, 52, 59)),
        (
            "<166>Aug 10 09:53:00 HOST TAG: Mon Aug 10 09:12:39 2020 192.0.2.7 testmaillog: Info: ",
            datetime(2020, 8, 10, 9, 12, 39),
        ),
        ("Jul 16 10:46:46 2013 HOST mail_logs: Info: ", datetime(2013, 7, 16, 10, 46, 46)),
        ("Mon Feb 30 10:46:46 2013 Info: ", None),
        ("esa1.example.com ESA_mail_logs: Info: ", None),
        ("mail_logs: Info: ", None),
        ("Info: ", None),
        ("\ufeffInfo: ", None),
        ("", None),
    ],
)
def test_every_published_head_is_cut_off(head: str, at: datetime | None) -> None:
    line = head + BODY
    assert parse_line(line) == e.OutClosed(at, line.removeprefix("\ufeff"), 55)


@pytest.mark.parametrize("level", ["Notice", "INFO", "Information", "DCID"])
def test_the_levels_are_a_closed_set(level: str) -> None:
    assert isinstance(parse_line(f"Wed Jun  2 14:58:14 2004 {level}: {BODY}"), e.Unrecognised)


def test_a_body_word_before_the_colon_is_not_taken_for_a_level() -> None:
    head = split_head("<166>Mar 17 18:24:37 mail_logs: Info: URL_REP_CLIENT: Info: no")
    assert head.body == "URL_REP_CLIENT: Info: no"
    assert head.level == "Info"


@pytest.mark.parametrize(
    ("body", "kind", "fields"),
    [
        (
            "New SMTP DCID 55 interface 10.10.20.1 address 10.10.10.1 port 7025",
            e.OutOpened,
            {"dcid": 55, "interface": "10.10.20.1", "address": "10.10.10.1", "port": 7025},
        ),
        (
            "New SMTP DCID 55 interface 2001:db8::1 address 2001:db8::2",
            e.OutOpened,
            {"interface": "2001:db8::1", "address": "2001:db8::2", "port": None},
        ),
        (
            "DCID 55 TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384 the.cpq.host",
            e.TlsOk,
            {"protocol": "TLSv1.2", "cipher": "ECDHE-RSA-AES256-GCM-SHA384", "destination": "the.cpq.host"},
        ),
        (
            "DCID 55 TLS success protocol TLSv1/SSLv3 cipher RC4-SHA for example.com",
            e.TlsOk,
            {"protocol": "TLSv1/SSLv3", "destination": "example.com"},
        ),
        ("DCID 55 TLS success ", e.TlsOk, {"protocol": None, "cipher": None, "destination": None}),
        (
            "DCID 55 TLS failed: verify error: no certificate from server",
            e.TlsFailed,
            {"dcid": 55, "reason": "verify error: no certificate from server"},
        ),
        ("DCID 55 TLS failed", e.TlsFailed, {"reason": None}),
        (
            "DCID 55 IP 10.10.10.1 TLS was required but could not be successfully negotiated",
            e.TlsRequired,
            {"address": "10.10.10.1"},
        ),
        (
            "Connection Error: DCID 58 domain: the.cpq.host IP: 10.10.10.1 port: 7025 details: [Errno 61] "
            "Connection refused interface: 10.10.20.1 reason: network error",
            e.ConnectionFailed,
            {
                "dcid": 58,
                "domain": "the.cpq.host",
                "port": 7025,
                "details": "[Errno 61] Connection refused",
                "interface": "10.10.20.1",
                "reason": "network error",
            },
        ),
        (
            "Connection Error: DCID: 58 IP: 10.10.10.1 details: EOF interface: 10.10.20.1 reason: network error",
            e.ConnectionFailed,
            {"dcid": 58, "address": "10.10.10.1", "domain": None, "port": None, "details": "EOF"},
        ),
        (
            "Connection Error: connection timed out DCID: 58 IP: 10.10.10.1 details: timeout interface: 10.10.20.1",
            e.ConnectionFailed,
            {"reason": "connection timed out", "details": "timeout"},
        ),
        (
            "Delivery start DCID 55 MID 101 to RID [0, 1] to Centralized Policy Quarantine",
            e.Started,
            {"dcid": 55, "mid": 101, "destination": "Centralized Policy Quarantine"},
        ),
        ("Delivery start DCID 55 MID 101 to [0]", e.Started, {"destination": None}),
        (
            "Message done DCID 55 MID 101 to RID [0] (centralized policy quarantine) ",
            e.Done,
            {"mid": 101, "quarantine": "centralized policy quarantine"},
        ),
        (
            "Message done DCID 55 MID 101 to RID [0] [('from', '(centralized policy quarantine)')]",
            e.Done,
            {"quarantine": None},
        ),
        ("MID 101 RID [0] Response 'ok:  Message 9001 accepted'", e.Response, {"mid": 101}),
        (
            "Delayed: DCID 58 MID 101 to RID 0 - 4.4.0 - Other network problem ('000', ['[Errno 61] x']) []",
            e.Delayed,
            {"dcid": 58, "mid": 101, "text": "4.4.0 - Other network problem ('000', ['[Errno 61] x']) []"},
        ),
        (
            "Bounced: DCID: 0 Message 101 to 0 - 5.4.7 - Delivery expired (message too old) ('000', ['timeout'])",
            e.Bounced,
            {"dcid": 0, "mid": 101},
        ),
        (
            "Bounced: DCID 0 MID 101 From:<a@example.com> To:<b@example.com> RID 0 - 5.1.2 - Bad host ('000', [])",
            e.Bounced,
            {"text": "5.1.2 - Bad host ('000', [])"},
        ),
        ("SMTP client connection killed DCID: 55", e.OutClosed, {"dcid": 55}),
        (
            "Mail delivery client with DCID 55 exited due to the maximum concurrency configuration.",
            e.OutClosed,
            {"dcid": 55},
        ),
        (
            "New CPQ ICID 8 interface Data 1 (10.10.10.1) address 10.10.20.99 reverse dns host  unknown verified no",
            e.InOpened,
            {
                "protocol": "CPQ",
                "interface_name": "Data 1",
                "interface_address": "10.10.10.1",
                "address": "10.10.20.99",
            },
        ),
        (
            "New SMTP ICID 8 interface Management address 10.10.20.99 reverse dns host a address 10.0.0.1",
            e.InOpened,
            {"interface_name": "Management", "interface_address": None, "address": "10.10.20.99"},
        ),
        (
            "ICID 8 RELAY SG RELAYLIST match 10.10.20.1 SBRS not enabled",
            e.HatVerdict,
            {"action": "RELAY", "group": "RELAYLIST"},
        ),
        (
            "ICID 0 TCPREFUSE SG BLACK-LIST match  SBRS rfc1918 country x",
            e.HatVerdict,
            {"action": "TCPREFUSE"},
        ),
        ("Start MID 101 ICID 8", e.InMessage, {"mid": 101, "icid": 8}),
        ("MID 101 ICID 8 From: <a@example.com>", e.InMessage, {"mid": 101, "icid": 8}),
        ("ICID 8 lost", e.InClosed, {"icid": 8}),
        (
            'MID 101 enqueued for transfer to centralized quarantine "Policy" (f1)',
            e.Enqueued,
            {"mid": 101, "quarantine": "Policy", "reason": "f1"},
        ),
        (
            "MID 101 enqueued for transfer to centralized quarantine File Analysis",
            e.Enqueued,
            {"quarantine": "File Analysis", "reason": None},
        ),
        (
            'MID 9001 quarantined to "Policy" (message filter:x)',
            e.Quarantined,
            {"reason": "message filter:x"},
        ),
        (
            'MID 9002 released (attachments stripped) from quarantine "Policy" (queue full) t=86',
            e.Released,
            {"quarantine": "Policy", "why": "queue full"},
        ),
        ('MID 9002 deleted from quarantine "Policy" (expired)', e.Deleted, {"why": "expired"}),
        (
            "MID 140 received from the SMA 10.10.10.1 (MID originally 101) on release from Policy",
            e.Returned,
            {"mid": 140, "address": "10.10.10.1", "original": 101},
        ),
        ("An application fault occurred: ('a/b.py f|12', …", e.Fault, {"text": "('a/b.py f|12', …"}),
        ("Deliveries are currently suspended [the.cpq.host]", e.Suspended, {"domain": "the.cpq.host"}),
        ("MID 9001 released from all quarantines", e.Ordinary, {}),
        ("Message finished MID 101 done", e.Ordinary, {}),
        ("Begin Logfile", e.Ordinary, {}),
        ("Version: 7.6.3-019 SN: XXXXXXXXXXXX-XXXXXXX", e.Ordinary, {}),
        ("Time offset from UTC: -21600 seconds", e.Ordinary, {}),
        ("MID 101 to RID [0] pending till Tue Nov 24 03:10:01 2026 [Default]", e.Ordinary, {}),
        ("Status: CPULd 3 CrtMID 414695", e.Ordinary, {}),
        (" ", e.Ordinary, {}),
        ("a line of next year's release", e.Unrecognised, {}),
    ],
)
def test_every_body_is_read_into_its_event(body: str, kind: type[e.Event], fields: dict[str, Any]) -> None:
    event = parse_line(STAMP + body + "\r\n")
    assert type(event) is kind
    assert (event.at, event.line) == (AT, STAMP + body)
    assert {name: getattr(event, name) for name in fields} == fields


FORGERIES = (
    "Info: DCID 5 TLS failed: verify error: no certificate from server",
    "Tue Nov 24 03:00:01 2026 Info: DCID 5 TLS failed",
    "<166>Mar 17 18:24:37 mail_logs: Info: New CPQ ICID 8 interface a address 10.0.0.1",
    "\r\nAn application fault occurred: ('x')",
)


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize(
    "carrier",
    [
        "MID 5 Subject '{}'",
        "MID 5 Subject: {}",
        "MID 5 Message-ID '{}'",
        "MID 5 ICID 6 RID 0 To: {}",
        "Message done DCID 5 MID 5 to RID [0] [('subject', '{}')]",
        "MID 5 RID [0] Response '{}'",
        "ICID 8 Receiving Failed: {}",
        'A System/Warning alert was sent to a@example.com with subject "{}"',
    ],
)
def test_log_text_inside_strangers_text_is_not_believed(carrier: str, forgery: str) -> None:
    event = parse_line(STAMP + carrier.format(forgery))
    assert isinstance(event, e.Ordinary | e.Response | e.Done)
    assert event.at == AT


@given(st.text(), st.sampled_from(FORGERIES))
def test_no_text_before_it_makes_a_forgery_believed(text: str, forgery: str) -> None:
    event = parse_line(f"{STAMP}MID 5 Subject '{text}{forgery}", stamped=True)
    assert isinstance(event, e.Ordinary)


@given(st.text())
def test_any_text_is_read_without_error(text: str) -> None:
    assert parse_line(text).line == text[:8192].removeprefix("\ufeff").rstrip("\r\n")


def test_an_overlong_line_costs_no_more_than_its_beginning() -> None:
    event = parse_line(f"{STAMP}DCID 5 TLS failed: {'x' * 10_000_000}")
    assert isinstance(event, e.TlsFailed)
    assert len(event.line) == 8192


@pytest.mark.parametrize(
    "body",
    [
        "MID 5 quarantined to " + '" (a' * 2000,
        "Connection Error: " + " DCID: 1 IP: x details: " * 300,
        "Message done DCID 5 MID 6 to RID [" + "1," * 4000,
    ],
)
def test_hostile_repetition_is_refused_and_not_pondered(body: str) -> None:
    for _ in range(20):
        assert isinstance(parse_line(STAMP + body), e.Unrecognised)


def test_absurd_ids_are_not_read() -> None:
    assert isinstance(parse_line(f"DCID {'9' * 5000} close"), e.Unrecognised)


def test_a_line_without_stamp_continues_the_stamped_one_before() -> None:
    lines = [f"{STAMP}MID 5 masquerading header 'Cc' from 'a,", "DCID 5 TLS failed: x", STAMP + BODY]
    assert [type(event) for event in parse(lines)] == [e.Unrecognised, e.Unrecognised, e.OutClosed]


def test_a_paste_without_any_stamp_is_read() -> None:
    assert [type(event) for event in parse(["Info: DCID 5 TLS failed", BODY])] == [e.TlsFailed, e.OutClosed]


def test_templates_fill_the_fields_of_their_events() -> None:
    for template_list in TEMPLATES.values():
        for kind, pattern in template_list:
            fields = {f.name: f.default for f in dataclasses.fields(kind) if f.name not in {"at", "line"}}
            groups = set(re.compile(pattern).groupindex)
            assert groups <= fields.keys()
            assert {name for name, default in fields.items() if default is dataclasses.MISSING} <= groups
