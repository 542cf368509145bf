"""What is personal or secret goes, in every form that it comes in; what findings need stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.diagnosis.redact import redact

HEAD = "Tue Nov 24 02:55:01 2026 Info: "
PIECES = [
    HEAD, "\n", " ", "'", '"', "<", ">", "(", ")", "[", "]", "[('", "MID 5 Subject ", "Subject: ", "password: ",
    "<password>", "</password>", "<ldap_secret attr='1'>", "a.b@example.com", "@", "=40example.com", "%40", "ftp://",
    "attachment '", 'quarantined to "Policy" (', "From: <", "$6$salt$0123456789", "10.10.10.1", "<redacted>", "x",
    "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", "Message-ID ", "matched content: ", "\\", ":",
]  # fmt: skip


@pytest.mark.parametrize(
    "written",
    [
        "nell.ward@example.com",
        "<nell.ward@example.com>",
        "NELL.WARD+tag@sub.example.co.uk",
        '"nell ward"@example.com',
        r'"nell \"x\" ward"@example.com',
        "ñell.ward@ejemplo.es",
        "nell.ward@localhost",
        "nell.ward@[192.0.2.7]",
        "nell.ward@[IPv6:2001:db8::7]",
        "nell.ward@xn--bcher-kva.example",
        "nell.ward @ example.com",
        "nell.ward (at) example.com",
        "nell.ward[at]example.com",
        "nell.ward%40example.com",
        "nell.ward=40example.com",
        "nell.ward&#64;example.com",
        "nell.ward&#x40;example.com",
        "&lt;nell.ward@example.com&gt;",
        "mailto:nell.ward@example.com?subject=x",
        "bounce+nell.ward=example.com@lists.example.net",
        "@relay.example.net:nell.ward@example.com",
        f"nell.ward{'x' * 200}@example.com",
        "nell.ward\uff20example.com",
        "nell.ward\ufe6bexample\uff0ecom",
        "nell\uff0eward\uff20example\u3002com",
        "\uff4e\uff45\uff4c\uff4c.ward\uff20example.com",
        "nell.\u200bward\u200b@\u200bexample.com",
        "ne\u00adll.ward\u2060@exam\ufeffple.com",
        f"550 5.1.1 <nell.ward@{'sub.' * 30}example.com>: no such user",
    ],
)
def test_an_address_goes_in_every_form(written: str) -> None:
    for text in (written, f"a {written}, b", f"{HEAD}MID 5 note '{written}'", f"<hat>{written}</hat>"):
        redacted = redact(text)
        assert "nell" not in redacted.lower()
        assert "ward" not in redacted.lower()
        assert "ñell" not in redacted


@pytest.mark.parametrize(
    "line",
    [
        "MID 5 Subject 'Project Nightingale'",
        "MID 5 Subject Project Nightingale",
        "MID 5 Subject 'Tue Nov 24 02:55:01 2026 Info: Nightingale'",
        "MID 5 Message-ID '<Nightingale.4711@example.org>'",
        "MID 5 Message-ID Nightingale",
        "MID 5 attachment 'Nightingale.pdf'",
        "MID 5 attachments: Nightingale.pdf, Nightingale.xls",
        "MID 5 AMP file reputation query. File Name = 'Nightingale.pdf', size 5",
        "MID 5 blocked file 'Nightingale.pdf'",
        "MID 5 Custom Log Entry: saw Nightingale",
        "MID 5 Matched Content in body: Nightingale plans",
        'MID 5 quarantined to "Policy" (saw "Nightingale")',
        'MID 5 enqueued for transfer to centralized quarantine "Policy" (the word Nightingale)',
        'MID 5 quarantine "Policy" new reason (the word Nightingale)',
        'MID 5 quarantined to "Policy" (the word Nightingale, and the line is cut',
        "MID 5 ICID 6 From: <Nightingale>",
        "MID 5 ICID 6 From: Nightingale",
        "MID 5 ICID 6 RID 0 To: <Nightingale>",
        "Message done DCID 5 MID 4 to RID [0] [('from', 'Nightingale'), ('subject', 'x')] ",
        "Message done DCID 5 MID 4 to RID [0] [('from', 'Nightin-Nightingale",
        "Delayed: DCID 5 MID 4 to RID 0 - 4.1.0 - x ('450', ['busy']) [('subject', 'Nightingale')]",
        "Bounced: DCID 5 MID 4 to RID 0 - 5.1.1 - x ('550', ['<Nightingale>: user unknown'])",
        'A Warning alert was sent to ops with subject "Nightingale',
    ],
)
def test_words_of_strangers_go(line: str) -> None:
    redacted = redact(HEAD + line)
    assert "nightingale" not in redacted.lower()
    assert redacted.startswith(HEAD + line.split()[0])


def test_words_of_strangers_go_to_their_last_line() -> None:
    text = f"{HEAD}MID 5 Subject 'one\ntwo\n\nthree'\n{HEAD}DCID 5 close"
    assert redact(text).split("\n") == [
        f"{HEAD}MID 5 Subject '<redacted>",
        "<redacted>",
        "",
        "<redacted>",
        f"{HEAD}DCID 5 close",
    ]


@pytest.mark.parametrize(
    "written",
    [
        "<passphrase>hunter2</passphrase>",
        "<ldap_bind_password encrypted='1'>\n  hunter2\n</ldap_bind_password>",
        "<radius_shared_secret>hunter2",
        "<snmp_community>hunter2</snmp_community>",
        '<server name="x" password="hunter2"/>',
        "Passphrase: hunter2",
        "password=hunter2",
        '{"password": "hunter2"}',
        "The SNMP community string is: hunter2",
        "Pre-shared key: hunter2",
        "secret 'hunter2'",
        "scp://backup:hunter2@192.0.2.9/logs",
        "scp://backup:hun@hunter2@192.0.2.9/logs",
        "Authorization: Basic aHVudGVyMg==hunter2",
        "AUTH PLAIN AGhunter2aHVudGVyMg==",
        "$6$rounds=5000$hunter2$0123456789abcdef",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2",
        "api_key = hunter2",
    ],
)
def test_secrets_go_in_every_dialect(written: str) -> None:
    assert "hunter2" not in redact(written)
    assert "hunter2" not in redact(f"  1. before\n  {written}")


@pytest.mark.parametrize(
    "text",
    [
        "HIGH:MEDIUM:-aNULL:@STRENGTH",
        "ALL:@SECLEVEL=0",
        "kex curve25519-sha256@libssh.org,chacha20-poly1305@openssh.com, umac-64-etm@openssh.com",
        "[1]> ",
        'Traceback (most recent call last):\n  File "bot/checks/x.py", line 5, in analyze\nKeyError: 5',
        "Choose the passphrase option:\n1. Mask passphrases (Files with masked passphrases cannot be loaded)",
        "Enter the passphrase: []> ",
        "Unknown command or missing feature key: tophosts",
        "220 esa-a1.example.com ESMTP",
        "Trying 10.10.20.1...\nEscape character is '^]'.\n554 10.10.20.1 may not relay",
        "RELAYLIST:\n  10.10.20.1, 2001:db8::1\n    $RELAYED (Only select hosts can relay from this box)",
        f"{HEAD}New CPQ ICID 7 interface Management (10.10.10.1) address 10.10.20.1 reverse dns host unknown",
        f"{HEAD}DCID 5 TLS failed: verify error: no certificate from server",
        f"{HEAD}Message done DCID 5 MID 4 to RID [0] (centralized policy quarantine)",
        f'{HEAD}MID 4 enqueued for transfer to centralized quarantine "Policy" (message filter:big)',
        f'{HEAD}MID 4 released from quarantine "Policy" (queue full) t=864243',
        f"{HEAD}MID 4 received from the SMA 10.10.10.1 (MID originally 9)",
        f"{HEAD}Delayed: DCID 5 MID 4 to RID 0 - 4.4.0 - Other ('000', ['[Errno 61] Connection refused'])",
        f"{HEAD}Connection Error: DCID 5 domain: the.cpq.host IP: 10.10.10.1 port: 7025 details: timeout interface:"
        " 10.10.20.1 reason: connection timed out",
        f"{HEAD}MID 4 RID [0] Response 'ok:  Message 9 accepted'",
        "<ssl_outbound_ciphers>HIGH:-aNULL</ssl_outbound_ciphers>",
    ],
)
def test_what_findings_need_stays(text: str) -> None:
    assert redact(text) == text


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=14).map("".join))
def test_twice_is_once_and_lines_stay_lines(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
    if not any(block in text for block in ("PRIVATE KEY", "<password>", "<ldap_secret")):
        assert redact(text + "\nend").count("\n") == text.count("\n") + 1


def test_a_hostile_answer_costs_no_more_than_its_length() -> None:
    """Deterministic by the pattern's shape: a quadratic one would not come back within the time-out of the suite."""
    pieces = (
        "a",
        "a.",
        '"',
        '"\\',
        "a@",
        "%40",
        "<password>",
        "[('",
        "password ",
        "://",
        "=",
        'to "a" (',
        "=a",
    )
    for piece in pieces:
        for begin in ("", HEAD):
            redact(begin + piece * 50_000)


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-111111111111-222222222222-nightingale",
        "xoxp-1111111111-nightingale",
        "xoxe.xoxp-1-nightingale",
        "xapp-1-A0000000000-1111111111111-nightingale",
        "https://hooks.slack.com/services/T0000/B0000/nightingale",
        "https://hooks.slack.com/workflows/T0000/A0000/1/nightingale",
        "https%3A%2F%2Fhooks.slack.com%2Fservices%2FT0000%2FB0000%2Fnightingale",
    ],
)
def test_what_opens_slack_goes(secret: str) -> None:
    for text in (secret, f"a {secret}, b", f"{HEAD}cannot post: '{secret}'"):
        assert "nightingale" not in redact(text)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("password-api key: nightingale", "nightingale"),
        ("passwordpassword = nightingale", "nightingale"),
        ("passwordpassword password: nightingale", "nightingale"),
        ("<a><passwordpassword x='1'>nightingale</PASSWORDPASSWORD><b>", "nightingale"),
    ],
)
def test_names_of_secrets_that_run_into_each_other(text: str, secret: str) -> None:
    assert secret not in redact(text)


def test_a_large_text_is_redacted_like_a_small_one() -> None:
    lines = [f"{HEAD}MID {number} Subject 'Nightingale {number}" for number in range(4_000)]
    secret = "<secret>" + "nightingale\n" * 20_000 + "</secret>"
    redacted = redact("\n".join([secret, *lines]))
    assert redacted == "\n".join(["<secret><redacted></secret>", *map(redact, lines)])
    assert "ightingale" not in redacted
