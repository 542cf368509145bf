"""What the commands about queues, names and connections read, and that they keep nothing of strangers."""

import pytest

from bot.asyncos.commands.applianceconfig_status import Link, applianceconfig_status
from bot.asyncos.commands.nslookup import nslookup
from bot.asyncos.commands.oldmessage import oldmessage
from bot.asyncos.commands.showrecipients import MESSAGES_READ, RecipientsSieve, Waiting, showrecipients
from bot.asyncos.commands.tlsverify import TlsVerification, tlsverify
from bot.model.errors import Garbled

RECIPIENTS = """Showing messages, please wait.

MID/      Bytes/   Sender/                    Subject
[RID]     [Atmps]  Recipient
23456     1,230    sender@example.com         Testing
[0]       [4]      user@example.org
[1]       [7]      other@example.org

23457     99       stranger@example.com       555 12345 [0] [9] secret
[0]       [0]      user@example.org
"""


def distilled(text: str) -> str:
    distil = showrecipients("the.cpq.host").distil
    assert distil
    return distil(text)


def test_messages_that_wait_without_their_senders_and_subjects() -> None:
    kept = distilled(RECIPIENTS)
    assert not any(word in kept for word in ("example", "Testing", "secret", "12345"))
    assert distilled(kept) == kept
    for text in (RECIPIENTS, kept):
        read = showrecipients("the.cpq.host").parse(text)
        assert read.messages == (Waiting(23456, 1230, 7), Waiting(23457, 99, 0))
        assert not read.capped


def test_no_messages_is_an_answer() -> None:
    assert (
        showrecipients("the.cpq.host").parse("Showing messages, please wait.\n\nNo messages.\n").messages
        == ()
    )


def test_a_list_without_end_is_capped_while_it_is_printed() -> None:
    sieve = RecipientsSieve()
    kept = sieve.take(RECIPIENTS.splitlines(keepends=True)[0])
    for mid in range(MESSAGES_READ * 3):
        kept += sieve.take(f"{mid + 1} 10 a@example.com x\n[0] [{mid % 5}] b@example.com\n\n")
    assert sieve.satisfied
    read = showrecipients("the.cpq.host").parse(kept)
    assert (len(read.messages), read.capped) == (MESSAGES_READ, True)
    assert len(kept) < 20 * MESSAGES_READ


@pytest.mark.parametrize("command", [nslookup, showrecipients, lambda name: tlsverify(name, 25)])
@pytest.mark.parametrize("name", ["", "a b", "-t mx", "a;b", "a\nreboot", "^]", "x" * 300])
def test_a_name_that_is_none_is_never_typed(command: object, name: str) -> None:
    assert callable(command)
    with pytest.raises(Garbled, match="nothing was sent"):
        command(name)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("A=192.0.2.1 TTL=30m", ("192.0.2.1",)),
        ("A=192.0.2.1 TTL=30m\nAAAA=2001:db8::1 TTL=5s", ("192.0.2.1", "2001:db8::1")),
        ("NXDomain: nobody.example.com", ()),
        ("No answer for 10.0.0.1", ()),
    ],
)  # fmt: skip
def test_what_a_name_resolves_to(text: str, addresses: tuple[str, ...]) -> None:
    assert nslookup("sma.example.com").parse(text).addresses == addresses


BEGUN = "Connecting to 10.10.10.1 on port 7025.\n"
UP = BEGUN + "Connected to 10.10.10.1 from interface 10.10.20.1.\nChecking TLS connection.\n"


@pytest.mark.parametrize(
    ("text", "read", "anonymous"),
    [
        (UP + "TLS connection established: protocol TLSv1, cipher ADH-AES256-SHA.\nVerifying peer certificate.\n",
         TlsVerification(True, "TLSv1", "ADH-AES256-SHA"), True),
        (UP + "TLS connection established: protocol TLSv1.2, cipher AECDH-AES128-SHA.\nTLS verification completed.",
         TlsVerification(True, "TLSv1.2", "AECDH-AES128-SHA"), True),
        (UP + "TLS connection established: protocol TLSv1.2, cipher ECDHE-RSA-AES256-GCM-SHA384.\n"
         "TLS certificate verification failed: self signed certificate.\n",
         TlsVerification(True, "TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384"), False),
        (UP + "TLS connection failed: handshake failure.\n", TlsVerification(True, None, None), False),
        (BEGUN + "Connection failed: Connection refused.\n", TlsVerification(False, None, None), False),
    ],
)  # fmt: skip
def test_how_far_a_tls_connection_came(text: str, read: TlsVerification, anonymous: bool) -> None:
    assert tlsverify("10.10.10.1", 7025).parse(text) == read
    assert read.anonymous is anonymous


def test_the_oldest_message_is_a_number() -> None:
    text = "MID 4711\nReceived: from mail\nFrom: <a@example.com>\nSubject: Testing MID 5\n"
    distil = oldmessage().distil
    assert distil
    assert distil(text) == "MID 4711"
    assert oldmessage().parse(distil(text)) == 4711
    assert oldmessage().parse("No messages.") is None


def test_the_state_of_the_connections_of_an_sma() -> None:
    text = (
        "1. esa-a1.example.com   10.10.20.1   ESA\n- TEST - Test.\n- STATUS - Show.\n[]> STATUS\n\n"
        "Appliance             Address       Connection\nesa-a1.example.com    10.10.20.1    Connected\n"
        "esa-a2.example.com    10.10.20.2    Not connected\n\nChoose the operation you want to perform:\n[]> \n"
    )
    assert applianceconfig_status().parse(text) == (
        Link("esa-a1.example.com", "10.10.20.1", "Connected"),
        Link("esa-a2.example.com", "10.10.20.2", "Not connected"),
    )
    assert [link.connected for link in applianceconfig_status().parse(text)] == [True, False]


@pytest.mark.parametrize("command", [showrecipients("x"), nslookup("x"), tlsverify("x", 25), oldmessage()])
def test_an_answer_without_anything_known_is_garbled(command: object) -> None:
    parse = getattr(command, "parse")  # noqa: B009
    with pytest.raises(Garbled):
        parse("")
