"""Whatever arrives: no session hangs, sends a line that is in no command, or raises anything but its own errors."""

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.asyncos.commands.applianceconfig import applianceconfig, applianceconfig_test
from bot.asyncos.commands.applianceconfig_status import applianceconfig_status
from bot.asyncos.commands.clusterconfig import clusterconfig
from bot.asyncos.commands.deliveryconfig import deliveryconfig
from bot.asyncos.commands.grep import grep
from bot.asyncos.commands.interfaceconfig import interfaceconfig
from bot.asyncos.commands.logconfig import logconfig
from bot.asyncos.commands.nslookup import nslookup
from bot.asyncos.commands.oldmessage import oldmessage
from bot.asyncos.commands.showchanges import showchanges
from bot.asyncos.commands.showconfig import showconfig
from bot.asyncos.commands.showrecipients import showrecipients
from bot.asyncos.commands.sslconfig import sslconfig
from bot.asyncos.commands.status import status
from bot.asyncos.commands.status_detail import status_detail
from bot.asyncos.commands.telnet import telnet
from bot.asyncos.commands.tlsverify import tlsverify
from bot.asyncos.commands.tophosts import tophosts
from bot.asyncos.commands.version import version
from bot.asyncos.commands.who import who
from bot.asyncos.session import Phase, Session
from bot.model.command import Reading
from bot.model.errors import Garbled, ProbeError

MACHINE, CLUSTER, ALONE = (
    "(Machine esa1.example.com)> ",
    "(Cluster North-East of the.bay)> ",
    "esa1.example.com> ",
)
PROMPTS = (ALONE, MACHINE, CLUSTER, "(Group Main_Group)> ")
COMMANDS: tuple[Reading[Any], ...] = (
    *(
        version(),
        status(),
        status_detail(),
        tophosts(),
        logconfig(),
        deliveryconfig(),
        interfaceconfig(),
        who(),
    ),
    *(
        sslconfig(),
        showconfig(),
        showchanges(),
        clusterconfig(),
        oldmessage(),
        grep("port 7025", "mail_logs"),
    ),
    *(telnet("10.10.10.1", 7025, "Management"), telnet("10.10.10.1", 7025), nslookup("sma.example.com")),
    *(
        tlsverify("10.10.10.1", 7025),
        showrecipients("the.cpq.host"),
        applianceconfig(),
        applianceconfig_status(),
    ),
    applianceconfig_test("esa1.example.com"),
)
SWITCH = (
    '\r\nThis command is restricted to "machine" mode.  Would you like to switch to "machine"\r\nmode? [Y]> '
)
MACHINES = (
    "\r\nChoose a machine.\r\n1. esa1.example.com (group Main_Group)\r\n2. esa2.example.com (group Main_Group)\r\n"
    "3. sma.example.com\r\n[1]> "
)
MENU = "\r\nChoose the operation you want to perform:\r\n- TEST - x\r\n- STATUS - x\r\n- LIST - x\r\n[]> "
QUESTIONS = (
    *(SWITCH, MACHINES, MENU, "\r\nSort results by:\r\n1. Active Recipients\r\n[1]> ", "sure? [N]> "),
    "\r\nChoose the passphrase option:\r\n1. Mask passphrases\r\n2. Encrypt passphrases\r\n[1]> ",
    "\r\nPlease select which interface you want to telnet from.\r\n1. Auto\r\n2. Management (10.1.1.1/24)\r\n[1]> ",
    *("\r\nEnter the remote hostname or IP address.\r\n[]> ", "\r\nEnter the remote port.\r\n[25]> "),
    *(
        "\r\nEnter the number of the log you wish to grep.\r\n[]> ",
        "\r\nEnter the regular expression to grep.\r\n[]> ",
    ),
    *("Do you want to tail the logs? [N]> ", "Do you want to delete everything? [Y]> ", "telnet> "),
    "\r\nPlease select how you would like to show messages:\r\n1. By recipient host.\r\n[1]> ",
    "\r\nChoose the appliance to test.\r\n1. esa1.example.com (10.10.20.1)\r\n[1]> ",
)
TEXTS = (
    *("-Press Any Key For More-", "\r" + " " * 25 + "\r", "Trying 10.10.10.1...\r\nConnected to x.\r\n"),
    *("Escape character is '^]'.\r\n220 x\r\n", "\r\n", "usage: grep\r\n", "Unknown command: x\r\n", "\x1b["),
    *("<config>\r\n<listener>", "</listeners>", "<ssl></ssl><interfaces></interfaces>", "</config>\r\n"),
    *(
        "Tue Nov 24 08:00:00 2026 Info: x\r\n",
        "NOTE: This session will expire if left idle for 30 minutes.\r\n",
    ),
)
ANSWERS = {"", "1", "2", "3", "Y", "N", "LIST", "TEST", "STATUS", "QUIT", "quit", "10.10.10.1", "7025"} | {
    *("port 7025", "the.cpq.host", "10.10.10.1:7025", "sma.example.com", "esa1.example.com")
}
LINES = {command.line for command in COMMANDS} | {command.fallback for command in COMMANDS}
SENDABLE = {f"{line}\n".encode() for line in ANSWERS | LINES} | {b"", b" ", b"\x03", b"\x1d"}

NOISE = st.one_of(
    st.binary(max_size=30), st.sampled_from([text.encode() for text in (*PROMPTS, *QUESTIONS, *TEXTS)])
)
EVENTS = st.lists(st.one_of(NOISE, st.sampled_from(["rest", "expire"])), max_size=40)


def log_in(prompt: str) -> Session:
    session = Session("esa1", "esa1.example.com")
    assert session.feed(b"Welcome\r\n" + prompt.encode()) == b""
    assert session.phase is Phase.READY
    return session


def play(session: Session, command: Reading[Any], events: list[bytes | str]) -> list[bytes]:
    """All that was sent, to the end of the command, whatever that is."""
    sent = [session.start(command), session.feed(f"{command.line}\r\n".encode())]
    for event in events:
        if not session.busy:
            break
        if isinstance(event, bytes):
            sent.append(session.feed(event))
        else:
            sent.append(session.expire() if event == "expire" or session.patience is None else session.rest())
    if session.busy:
        sent += [session.expire(), session.expire()]
    return sent


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(COMMANDS), st.sampled_from(PROMPTS), EVENTS)
def test_no_noise_makes_any_command_hang_or_send_what_is_in_none(
    command: Reading[Any], prompt: str, events: list[bytes | str]
) -> None:
    session = log_in(prompt)
    sent = play(session, command, events)
    assert not session.busy
    assert set(sent) <= SENDABLE
    with contextlib.suppress(ProbeError):
        text = session.result()
        command.parse(command.distil(text) if command.distil else text)


@settings(deadline=None)
@given(st.lists(NOISE, max_size=30))
def test_no_noise_makes_a_login_send_anything_but_a_blank(events: list[bytes]) -> None:
    session = Session("esa1")
    sent = {session.feed(event) for event in events if session.busy}
    if session.busy:
        sent.add(session.expire())
    assert not session.busy
    assert sent <= {b"", b" "}
    with contextlib.suppress(ProbeError):
        session.result()


def dialogues() -> Iterator[tuple[str, Reading[Any], str, list[tuple[str, str]]]]:
    """Name, command, prompt at login, and what is printed and then typed."""
    table = "Status as of: x\r\n  #   Recipient Host  Recip.\r\n  1   the.cpq.host   3   1   240   2   0\r\n"
    sort = "\r\nSort results by:\r\n\r\n1. Active Recipients\r\n2. Connections Out\r\n[1]> "
    yield "stand-alone", tophosts(), ALONE, [(sort, "1\n"), (table + ALONE, "")]
    yield "machine mode", tophosts(), MACHINE, [(sort, "1\n"), (table + MACHINE, "")]
    for name, after in (("stays in its mode", CLUSTER), ("is in machine mode", MACHINE)):
        turns = [(SWITCH, "Y\n"), (MACHINES, "1\n"), (sort, "1\n"), (table + after, "")]
        yield f"cluster mode, afterwards {name}", tophosts(), CLUSTER, turns
    menu = [
        (MENU, "LIST\n"),
        ("Cluster X\r\n  Machine esa1.example.com\r\n" + MENU, "\n"),
        ("\r\n" + CLUSTER, ""),
    ]
    to_cluster = SWITCH.replace("machine", "cluster")
    yield "cluster-only command", clusterconfig(), MACHINE, [(to_cluster, "Y\n"), *menu]


DIALOGUES = list(dialogues())


@pytest.mark.parametrize(("name", "command", "prompt", "turns"), DIALOGUES, ids=[row[0] for row in DIALOGUES])
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_dialogue_in_every_mode(
    name: str, command: Reading[Any], prompt: str, turns: list[tuple[str, str]], size: int
) -> None:
    session = log_in(prompt)
    typed = session.start(command)
    for prints, expected in turns:
        printed = typed.decode().replace("\n", "\r\n") + prints
        typed = b"".join(
            session.feed(printed[at : at + size].encode()) for at in range(0, len(printed), size)
        )
        if session.busy and not typed:
            typed = session.rest()
        assert typed.decode() == expected
    command.parse(session.result())
    assert "restricted" not in session.result()
    assert session.prompt == turns[-1][0].rpartition("\n")[2].strip()
    assert session.sound


@pytest.mark.parametrize(("name", "command", "prompt", "turns"), DIALOGUES, ids=[row[0] for row in DIALOGUES])
def test_a_connection_that_dies_at_any_byte_of_a_dialogue(
    name: str, command: Reading[Any], prompt: str, turns: list[tuple[str, str]]
) -> None:
    whole = [(f"{typed.strip()}\r\n", prints) for typed, prints in _echoed(command, turns)]
    length = sum(len(echo) + len(prints) for echo, prints in whole)
    for cut in range(length - 1):
        session, left = log_in(prompt), cut
        session.start(command)
        for piece in (part for pair in whole for part in pair):
            session.feed(piece[: max(left, 0)].encode())
            left -= len(piece)
        assert session.busy, f"an answer was believed complete after {cut} of {length} bytes"
        session.end()
        with pytest.raises(ProbeError, match="esa1"):
            session.result()


def _echoed(command: Reading[Any], turns: list[tuple[str, str]]) -> list[tuple[str, str]]:
    typed = [command.line, *(answer for _, answer in turns)]
    return [(line, prints) for line, (prints, _) in zip(typed, turns, strict=False)]


@pytest.mark.parametrize(
    ("names", "answer"),
    [
        (("esa-a1", "esa2.example.com"), "2"),
        (("esa2", "127.0.0.1"), "2"),
        (("SMA", "10.0.0.1"), "3"),
        (("esa-a1", "10.0.0.1"), None),
        (("esa", "10.0.0.1"), None),
    ],
)
def test_the_machine_is_chosen_by_a_name_that_fits_one(names: tuple[str, str], answer: str | None) -> None:
    session = Session(*names)
    session.feed(CLUSTER.encode())
    session.start(tophosts())
    session.feed(b"tophosts\r\n" + SWITCH.encode())
    typed = session.feed(b"Y\r\n" + MACHINES.encode())
    if answer:
        assert typed == f"{answer}\n".encode()
        return
    assert typed == b"\x03"
    session.feed(b"^C\r\n" + CLUSTER.encode())
    with pytest.raises(Garbled, match=r"the cluster asks for a machine.*it offers esa1\.example\.com, esa2"):
        session.result()


def test_a_machine_prompt_says_who_was_logged_in_to() -> None:
    session = Session("esa-a7", "10.0.0.1")
    session.feed(b"(Machine esa2.example.com)> ")
    session.start(tophosts())
    session.feed(b"tophosts\r\n" + SWITCH.encode())
    assert session.feed(b"Y\r\n" + MACHINES.encode()) == b"2\n"


Feed = Callable[[bytes], bytes]


def print_configuration(feed: Feed, lines: int) -> list[bytes]:
    """A configuration whose listeners come late, and after them a rest of so many lines."""
    sent = [feed(b"<?xml version='1.0'?>\r\n<config>\r\n<interfaces></interfaces><ssl></ssl>\r\n")]
    sent += [feed(b"<word>" + b"x" * 60 + b"</word>\r\n") for _ in range(1000)]
    listener = "<listeners><listener><listener_name>cpq_listener</listener_name><protocol>CPQ</protocol>"
    listener += "<port>7025</port><hat>RELAYLIST:\r\n  10.1.1.1\r\n $RELAYED</hat></listener></listeners>\r\n"
    sent += [feed(listener.encode()), feed(b"<log_subscriptions></log_subscriptions>\r\n")]
    return sent + [feed(b"<rest>x</rest>\r\n") for _ in range(lines)]


@pytest.mark.parametrize(("prompt", "stops"), [(ALONE, 1), (MACHINE, 0)])
def test_a_configuration_is_sifted_while_it_is_printed(prompt: str, stops: int) -> None:
    session = log_in(prompt)
    session.start(showconfig())
    session.feed(b"showconfig\r\nChoose the passphrase option:\r\n1. Mask passphrases\r\n[1]> ")
    session.feed(b"1\r\n")
    sent = print_configuration(session.feed, 50)
    assert sent.count(b"\x03") == stops
    session.feed(b"</config>\r\n" + prompt.encode())
    text = session.result()
    read = showconfig().parse(text)
    assert read.cpq_listener is not None
    assert (read.cpq_listener.port, read.cpq_listener.relay, read.complete) == (7025, ("10.1.1.1",), True)
    assert len(text) < 500
    assert session.sound


def test_at_the_pager_a_configuration_is_stopped_and_whatever_still_comes_is_paged_through() -> None:
    session = log_in(ALONE)
    session.start(showconfig())
    session.feed(b"showconfig\r\n")
    print_configuration(lambda data: b"", 0)
    parts = b"<config><interfaces></interfaces><ssl></ssl><listeners></listeners><log_subscriptions>"
    assert session.feed(parts + b"</log_subscriptions>\r\n-Press Any Key For More-") == b"\x03"
    assert session.feed(b"\r" + b" " * 25 + b"\r<rest/>\r\n-Press Any Key For More-") == b" "
    session.feed(b"\r" + b" " * 25 + b"\r^C\r\n" + ALONE.encode())
    assert showconfig().parse(session.result()).listeners == ()
    typed = session.start(status())
    assert session.feed(ALONE.encode() + b" " + typed.replace(b"\n", b"\r\n")) == b""
    session.feed(b"System status: Online\r\n" + ALONE.encode())
    assert session.result() == "System status: Online"


def test_every_command_is_in_these_tests() -> None:
    import bot.asyncos.commands as package

    names = {re.split(r"\W", command.line)[0] for command in COMMANDS}
    files = {path.stem for path in __import__("pathlib").Path(package.__path__[0]).glob("*.py")}
    changing = {"commit", "clear", "delivernow", "reboot", "resume", "resumedel", "resumelistener"} | {
        *(
            "resumetransfers",
            "sslconfig_outbound",
            "suspend",
            "suspenddel",
            "suspendlistener",
            "suspendtransfers",
        )
    }
    assert files - names - changing - {"__init__", "status_detail", "applianceconfig_status"} == set()
