"""What the commands' parsers read: published text, the shapes of several releases, and what they must refuse."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.asyncos.commands.deliveryconfig import deliveryconfig
from bot.asyncos.commands.grep import grep
from bot.asyncos.commands.interfaceconfig import Interface, interfaceconfig
from bot.asyncos.commands.logconfig import logconfig
from bot.asyncos.commands.showconfig import Configuration, Listener, distil, showconfig
from bot.asyncos.commands.sslconfig import sslconfig
from bot.asyncos.commands.status import status
from bot.asyncos.commands.telnet import telnet
from bot.asyncos.commands.tophosts import tophosts
from bot.asyncos.commands.version import Version, version
from bot.model.command import Reading
from bot.model.errors import Garbled, PvoError

COMMANDS: tuple[Reading[Any], ...] = (
    version(),
    status(),
    tophosts(),
    telnet("10.10.10.1", 7025),
    telnet("10.10.10.1", 7025, "Management"),
    grep("port 7025", "mail_logs"),
    logconfig(),
    deliveryconfig(),
    interfaceconfig(),
    sslconfig(),
    showconfig(),
)
UNREADABLE = [command for command in COMMANDS if not command.line.startswith("grep")]


@pytest.mark.parametrize("command", UNREADABLE, ids=lambda command: str(command.key))
@pytest.mark.parametrize("text", ["", "Something went wrong.", "% incomplete command"])
def test_an_answer_in_which_nothing_is_recognised_is_garbled(command: Reading[Any], text: str) -> None:
    with pytest.raises(Garbled, match=command.line):
        command.parse(text)


@settings(deadline=None)
@given(st.sampled_from(COMMANDS), st.text(alphabet="<>:*1.,() \nabSIconfgelistnr/$%-[]", max_size=200))
def test_no_text_makes_a_parser_fail_otherwise(command: Reading[Any], text: str) -> None:
    try:
        command.parse(command.distil(text) if command.distil else text)
    except PvoError as error:
        assert isinstance(error, Garbled)  # noqa: PT017


def test_version_of_an_sma() -> None:
    text = (
        "Current Version\n===============\nProduct: Cisco M600V Secure Email and Web Manager\nModel: M600V\n"
        "Version: 15.0.1-416\nBuild Date: 2023-11-10\nSerial #: x\n"
    )
    read = version().parse(text)
    assert read == Version("Cisco M600V Secure Email and Web Manager", "M600V", "15.0.1-416")


def test_version_with_lines_missing() -> None:
    assert version().parse("Version: 8.0.1-023") == Version(None, None, "8.0.1-023")


STATUS = (
    'Enter "status detail" for more information.\nStatus as of: Mon Jul 21 11:57:38 2014 GMT\n'
    "Up since: Mon Jul 21 11:07:04 2014 GMT (50m 34s)\nLast counter reset: Never\n"
    "System status: {status}\nOldest Message: {oldest}\n"
)


def test_status_as_published() -> None:
    read = status().parse(STATUS.format(status="Offline", oldest="No Messages"))
    assert read.system_status == "Offline"
    assert not read.online
    assert (read.as_of, read.zone) == (datetime(2014, 7, 21, 11, 57, 38), "GMT")
    assert (read.oldest, read.oldest_known) == (None, True)


@pytest.mark.parametrize(
    ("printed", "age"),
    [
        ("4 weeks 46 mins 53 secs", timedelta(weeks=4, minutes=46, seconds=53)),
        ("1 week 2 days 3 hours", timedelta(weeks=1, days=2, hours=3)),
        ("50m 34s", timedelta(minutes=50, seconds=34)),
        ("1 min", timedelta(minutes=1)),
        ("long ago", None),
    ],
)
def test_the_age_of_the_oldest_message(printed: str, age: timedelta | None) -> None:
    read = status().parse(STATUS.format(status=" online ", oldest=printed))
    assert read.online
    assert (read.oldest, read.oldest_known) == (age, age is not None)


def test_status_with_padding_and_nothing_but_the_status() -> None:
    assert status().parse("System status:                 Online\n").online
    padded = status().parse(
        "Status as of:        Tue Feb 30 01:02:03 2026 CET\nSystem status: Receiving suspended"
    )
    assert (padded.as_of, padded.oldest_known, padded.system_status) == (None, False, "Receiving suspended")


TOPHOSTS = """
Status as of:                   Fri Mar 13 06:09:18 2015 GMT
Hosts marked with '*' were down as of the last delivery attempt.

                             Active  Conn.     Deliv.       Soft       Hard
  #   Recipient Host         Recip.    Out     Recip.    Bounced    Bounced
"""


@pytest.mark.parametrize(
    "row",
    [
        "  1*  the.cpq.host    7,055   0   182,000   38,548   13,987",
        "1* the.cpq.host 7,055 0 182,000 38,548 13,987",
        " *1 the.cpq.host 7,055 0 182,000 38,548 13,987",
        "  1*  the.cpq.host    7,055   0   182,0\n00   38,548   13,987",
        "  1*  the.cpq.host    7,055   0 \n182,000   38,548   13,987",
        "  1*  the.cpq.host    7,055   0\n182,000   38,548   13,987",
        "  1*  the.cpq.host    7,055   0 \n\n182,000   38,548   13,987",
    ],
)
def test_rows_of_tophosts_padded_squeezed_and_wrapped(row: str) -> None:
    table = tophosts().parse(f"{TOPHOSTS}\n{row}\n  2   example.net   3   1   240   2   0\n")
    host = table.find("The.CPQ.host")
    assert host is not None
    counts = (host.active, host.connections, host.delivered, host.soft_bounced, host.hard_bounced)
    assert (counts, host.down) == ((7055, 0, 182000, 38548, 13987), True)
    assert [row.host for row in table.rows] == ["the.cpq.host", "example.net"]
    assert not table.rows[1].down


def test_an_empty_tophosts_table_is_an_answer() -> None:
    table = tophosts().parse(TOPHOSTS)
    assert (table.rows, table.find("the.cpq.host")) == ((), None)


BEFORE = "Enter the remote port.\n[25]>\n\nTrying 10.10.10.1...\n"
UP = BEFORE + "Connected to 10.10.10.1.\nEscape character is '^]'.\n"
CLOSED = "Connection closed by foreign host.\n"


@pytest.mark.parametrize(
    ("text", "outcome", "code", "said"),
    [
        (UP + "220 sma.example.com ESMTP\n221 bye\n" + CLOSED, "banner", 220, "220 sma.example.com ESMTP"),
        (UP + "220-sma\n220-hello\n220 ESMTP\n221 x\n", "banner", 220, "220-sma\n220-hello\n220 ESMTP"),
        (UP + "220 *********************^]\ntelnet>\n", "banner", 220, "220 *********************"),
        (UP + "220\n", "banner", 220, "220"),
        (UP + "554-HOST\n554 Your access\n" + CLOSED, "banner", 554, "554-HOST\n554 Your access"),
        (UP + "421 #4.4.5 Too many connections\n" + CLOSED, "banner", 421, "421 #4.4.5 Too many connections"),
        (UP + "SSH-2.0-OpenSSH_7.5\n^]\ntelnet>\nConnection closed.\n", "greeting", None, "SSH-2.0-OpenSSH_7.5"),
        (UP + CLOSED, "closed", None, CLOSED.strip()),
        (UP + "Connection reset by peer\n", "closed", None, "Connection reset by peer"),
        (UP + "^]\ntelnet>\nConnection closed.\n", "silent", None, ""),
        (UP + "^C\n", "silent", None, ""),
        (BEFORE + "telnet: connect to address 10.10.10.1: Connection refused\ntelnet: Unable to connect\n",
         "refused", None, "telnet: connect to address 10.10.10.1: Connection refused"),
        (BEFORE + "telnet: connect to address 10.10.10.1: Operation timed out\n", "timeout", None,
         "telnet: connect to address 10.10.10.1: Operation timed out"),
        (BEFORE + "telnet: connect to address 10.10.10.1: No route to host\n", "timeout", None,
         "telnet: connect to address 10.10.10.1: No route to host"),
        (BEFORE + "^C\n", "timeout", None, "Trying 10.10.10.1..."),
        ("sma: hostname nor servname provided, or not known\n", "unresolvable", None,
         "sma: hostname nor servname provided, or not known"),
        ("Trying 10.1.1.1...\ntelnet: connect to address 10.1.1.1: Connection refused\nTrying 10.1.1.2...\n"
         "Connected to sma.\nEscape character is '^]'.\n220 x\n", "banner", 220, "220 x"),
    ],
)  # fmt: skip
def test_outcomes_of_telnet(text: str, outcome: str, code: int | None, said: str) -> None:
    read = telnet("10.10.10.1", 7025).parse(text)
    assert (read.outcome, read.code, read.text, read.source) == (outcome, code, said, None)


def test_telnet_with_arguments_that_the_appliance_refuses() -> None:
    with pytest.raises(Garbled, match="Invalid arguments"):
        telnet("127.0.0.1", 25).parse("Invalid arguments when processing telnet:\nloopback is not allowed\n")


@pytest.mark.parametrize("host", ["", "a b", "a;b", "-l root", "a\nreboot", "a" * 300, "$(x)", "^]"])
def test_a_host_that_is_none_is_never_typed(host: str) -> None:
    with pytest.raises(Garbled, match="nothing was sent"):
        telnet(host, 25)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none_is_never_typed(port: int) -> None:
    with pytest.raises(Garbled, match="nothing was sent"):
        telnet("10.10.10.1", port)


def test_the_same_probe_from_another_interface_is_another_question() -> None:
    keys = {telnet("10.10.10.1", 7025, interface).key for interface in (None, "In", "Management")}
    assert "telnet 10.10.10.1 7025 from Auto" in keys
    assert len(keys) == 3


def test_grep_is_batch_quoted_and_regardless_of_case() -> None:
    assert grep("CPQ ICID|port 7025", "mail_logs").line == 'grep -i "CPQ ICID|port 7025" mail_logs'


@pytest.mark.parametrize("pattern", ["", " ", 'a"b', "a\nb", "-t", " -p x", "a\\"])
def test_a_pattern_that_cannot_be_quoted_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="quoted"):
        grep(pattern, "mail_logs")


@pytest.mark.parametrize("log", ["", "-t", "a b", 'a"b', "a;b"])
def test_a_log_that_cannot_be_typed_is_refused(log: str) -> None:
    with pytest.raises(Garbled, match="nothing was sent"):
        grep("x", log)


def test_lines_of_grep_with_and_without_log_head() -> None:
    first = "Wed Jun  2 14:58:14 2004 Info: New SMTP DCID 1 interface 10.0.0.2 address 10.0.0.1 port 7025"
    read = grep("x", "mail_logs").parse(f"\n{first}\n\nNo more matches.\n")
    assert (read.lines, read.capped) == ((first,), False)
    assert grep("x", "mail_logs").parse("no matches were found").lines == ()


def test_a_wrapped_log_line_is_joined() -> None:
    first = "Wed Jun  2 14:58:14 2004 Info: New SMTP DCID 1 interface 10.0.0.2 address 10.0.0."
    read = grep("x", "mail_logs").parse(f"{first}\n1 port 7025\nWed Jun  2 14:58:15 2004 Info: DCID 1 close")
    assert read.lines[0] == f"{first}1 port 7025"
    assert len(read.lines) == 2


def test_a_complaint_of_grep_is_not_zero_lines() -> None:
    with pytest.raises(Garbled):
        grep("x", "mail_logs").parse("Error: mail_logs is an unknown log.")


LOGS = """Currently configured logs:
Log Name Log Type Retrieval Interval
---------------------------------------------------------------------------------
1. authentication Authentication Logs FTP Poll None
2. mail_logs Cisco Text Mail Logs FTP Poll None
10. error_logs   IronPort Text Mail Logs      Manual Download     None
11. bounces                  Bounce Logs                  FTP Poll         None
12. status Status Logs FTP Poll None
13. strange   Something else       Manual Download     None

Choose the operation you want to perform:
- NEW - Create a new log.
[]>
"""


def test_subscriptions_with_and_without_their_blanks() -> None:
    read = logconfig().parse(LOGS)
    assert [(one.name, one.type) for one in read] == [
        ("authentication", "Authentication Logs"),
        ("mail_logs", "Cisco Text Mail Logs"),
        ("error_logs", "IronPort Text Mail Logs"),
        ("bounces", "Bounce Logs"),
        ("status", "Status Logs"),
        ("strange", "Something else"),
    ]
    assert [one.name for one in read if one.is_mail_log] == ["mail_logs", "error_logs"]


@pytest.mark.parametrize(
    ("printed", "interface"),
    [
        ("In", "In"),
        ("Auto", None),
        ("auto.", None),
        ("Incoming Mail (198.51.100.10/24: esa1)", "Incoming Mail"),
    ],
)
def test_the_delivery_interface(printed: str, interface: str | None) -> None:
    text = f"Default interface to deliver mail: {printed}\n\nChoose the operation you want to perform:\n- SETUP\n[]>"
    assert deliveryconfig().parse(text) == interface


def test_interfaces_with_and_without_host_name() -> None:
    text = (
        "Currently configured interfaces:\n1. Management (10.10.10.1/24 on Management: sma.example.com)\n"
        "2. Incoming Mail (198.51.100.10/24: esa1.example.com)\n3. V6 (2001:db8::1/64 on Data 1)\n4.Bare(10.0.0.1)\n"
    )
    assert interfaceconfig().parse(text) == (
        Interface("Management", "10.10.10.1", "sma.example.com"),
        Interface("Incoming Mail", "198.51.100.10", "esa1.example.com"),
        Interface("V6", "2001:db8::1", None),
        Interface("Bare", "10.0.0.1", None),
    )


MENU = "\nChoose the operation you want to perform:\n- GUI - Edit GUI HTTPS ssl settings.\n- VERIFY - Verify.\n[]>\n"


def test_tls_settings_joined_with_colons() -> None:
    read = sslconfig().parse(
        "sslconfig settings:\n  GUI HTTPS method:  sslv3tlsv1\n  GUI HTTPS ciphers: RC4-SHA\n"
        "  Inbound SMTP method:  sslv3tlsv1\n  Inbound SMTP ciphers: RC4-SHA:RC4-MD5:ALL\n"
        "  Outbound SMTP method:  tlsv1\n  Outbound SMTP ciphers: HIGH:MEDIUM: - aNULL\n" + MENU
    )
    assert (read.inbound_method, read.inbound_ciphers) == ("sslv3tlsv1", "RC4-SHA:RC4-MD5:ALL")
    assert (read.outbound_method, read.outbound_ciphers) == ("tlsv1", "HIGH:MEDIUM: - aNULL")
    assert read.raw_outbound_lines == ("  Outbound SMTP ciphers: HIGH:MEDIUM: - aNULL",)


@pytest.mark.parametrize("head", ["  Outbound SMTP ciphers:", "  Outbound SMTP ciphers:\n"])
def test_tls_settings_one_cipher_a_line(head: str) -> None:
    ciphers = "      MEDIUM\n      HIGH\n      -SSLv2\n\n      -aNULL\n      @STRENGTH\n"
    read = sslconfig().parse(f"  Outbound SMTP method:  tlsv1/tlsv1.2\n{head}\n{ciphers}{MENU}")
    assert (read.outbound_method, read.outbound_ciphers) == (
        "tlsv1/tlsv1.2",
        "MEDIUM:HIGH:-SSLv2:-aNULL:@STRENGTH",
    )
    assert read.raw_outbound_lines[-1] == "      @STRENGTH"


def test_tls_settings_first_cipher_beside_its_head() -> None:
    read = sslconfig().parse("outbound SMTP ciphers: MEDIUM\n   HIGH\n   -aNULL\n" + MENU)
    assert (read.outbound_ciphers, read.inbound_ciphers) == ("MEDIUM:HIGH:-aNULL", None)


def test_a_wrapped_cipher_list_goes_on_where_it_stopped() -> None:
    read = sslconfig().parse("Outbound SMTP ciphers: HIGH:MED\nIUM:-aNULL\n" + MENU)
    assert read.outbound_ciphers == "HIGH:MEDIUM:-aNULL"


CONFIG = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE config SYSTEM "config.dtd">
<config>
  <hostname>sma.example.com</hostname>
  <interfaces>
    <interface>
      <interface_name>Incoming Mail</interface_name>
      <ip>10.10.10.1</ip>
      <phys_interface>Data 1</phys_interface>
      <netmask>0xffffff00</netmask>
    </interface>
  </interfaces>
  <users><user><username>admin</username><passphrase>*****</passphrase></user></users>
  <listeners>
    <listener>
      <listener_name>Public</listener_name>
      <protocol>SMTP</protocol>
      <interface_name>Incoming Mail</interface_name>
      <port>25</port>
      <hat>
RELAYLIST:
  192.0.2.99
    $RELAYED (Only)
      </hat>
    </listener>
    <listener>
  <listener_name>cpq_listener</listener_name>
  <protocol>CPQ</protocol>
  <interface_name>Incoming Mail</interface_name>
  <port>7026</port>
  <listen_queue_size>50</listen_queue_size>
  <type>private</type>
  <hat>
$RELAYED
  RELAY {}
$BLOCKED
  REJECT {}
RELAYLIST:
  10.1.2.3
  10.1.2.4, esa2.example.com (the second &amp; last)
    $RELAYED (Only select hosts can relay from this box)
ALL
  $BLOCKED (Everyone else)
  </hat>
  <rat>
    <rat_entry>
      <rat_address>ALL</rat_address>
      <access>ACCEPT</access>
    </rat_entry>
  </rat>
"""
REST = """  </listener></listeners>
  <ssl><ssl_outbound_method>tlsv1</ssl_outbound_method>
  <ssl_outbound_ciphers>HIGH:MEDIUM:-aNULL</ssl_outbound_ciphers></ssl>
  <log_subscriptions><log_text><name>mail_logs</name><module>mail</module><log_level>Information</log_level>
  <ftp_password>secret</ftp_password></log_text></log_subscriptions>
</config>
"""


def test_the_configuration_with_the_hidden_listener() -> None:
    read = showconfig().parse(CONFIG + REST)
    assert read.cpq_listener == Listener(
        "cpq_listener", "CPQ", "Incoming Mail", 7026, ("10.1.2.3", "10.1.2.4", "esa2.example.com")
    )
    assert (read.listeners[0].name, read.listeners[0].relay) == ("Public", ())
    assert read.interfaces == (Interface("Incoming Mail", "10.10.10.1"),)
    assert (read.outbound_ciphers, read.inbound_ciphers) == ("HIGH:MEDIUM:-aNULL", None)
    assert (dict(read.log_levels), read.complete) == ({"mail_logs": "Information"}, True)


def test_a_configuration_that_stops_in_the_listener_is_read_and_known_to_be_incomplete() -> None:
    read = showconfig().parse(CONFIG)
    assert read.cpq_listener is not None
    assert read.cpq_listener.relay == ("10.1.2.3", "10.1.2.4", "esa2.example.com")
    assert not read.complete


def test_a_configuration_without_cpq() -> None:
    read = showconfig().parse("<config><listeners></listeners></config>")
    assert read == Configuration((), (), complete=True)
    assert read.cpq_listener is None


@pytest.mark.parametrize("text", [CONFIG + REST, CONFIG, "<config></config>", "no configuration"])
def test_what_is_kept_of_a_configuration_reads_the_same_and_holds_no_more(text: str) -> None:
    kept = distil(text)
    assert distil(kept) == kept
    assert "passphrase" not in kept
    assert "secret" not in kept
    assert "192.0.2.99" not in kept
    if "<config>" in text:
        assert showconfig().parse(kept) == showconfig().parse(text)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Choose the passphrase option:\n1. Mask passphrases (Files with masked passphrases cannot be loaded)\n"
         "2. Encrypt passphrases\n[1]> ", "1"),
        ("Choose the password option:\n1. Plain passwords\n2. Encrypt passwords\n3. Mask passwords\n[1]> ", "3"),
        ("Do you want to mask the password? Files with masked passwords cannot be loaded. [Y]> ", "Y"),
        ("Do you want to include passwords? Please be aware that a configuration without them fails. [N]> ", "N"),
    ],
)  # fmt: skip
def test_passwords_are_masked_whatever_the_release_asks(asked: str, answer: str) -> None:
    question = showconfig().questions[0].answer
    assert callable(question)
    assert question(asked) == answer


def test_an_unknown_question_about_passwords_is_not_answered() -> None:
    question = showconfig().questions[0].answer
    assert callable(question)
    with pytest.raises(Garbled):
        question("What about the passwords? []> ")
    with pytest.raises(Garbled):
        question("Choose the password option:\n1. Plain passwords\n2. Encrypt passwords\n[1]> ")
