"""The session against recorded and invented dialogues: cut anywhere, with noise, and with devices that misbehave."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.asyncos.commands.grep import grep
from bot.asyncos.commands.logconfig import logconfig
from bot.asyncos.commands.status import status
from bot.asyncos.commands.telnet import telnet
from bot.asyncos.commands.tophosts import tophosts
from bot.asyncos.commands.version import version
from bot.asyncos.session import BANNER_LIMIT, Phase, Session
from bot.asyncos.terminal import LONGEST_LINE
from bot.model.command import CUT, Question, Reading
from bot.model.errors import Disconnected, Garbled, ProbeError, RoleRefused, TimedOut

BANNER = (
    "Last login: Wed Apr 11 16:07:43 2018 from 192.0.2.50\r\r\n"
    "AsyncOS 11.0.1 for Cisco IronPort C170 build 027\r\n\r\n"
    "Welcome to the Cisco IronPort C170 Messaging Gateway(tm) Appliance\r\n\r\n"
    "NOTE: This session will expire if left idle for 30 minutes. Any uncommitted\r\n"
    "configuration changes will be lost. Commit the configuration changes as soon as\r\n"
    "they are made.\r\n\r\n"
)
PROMPTS = (
    "esa1.example.com> ",
    "esa1> ",
    "(esa1.example.com)> ",
    "(Machine esa1.example.com)> ",
    "(Machine esa1.example.com)>",
    "(Cluster Example.com-Cluster of the North)> ",
    "(Group Main_Group)> ",
)
PAGER = "-Press Any Key For More-"
ERASE = "\r" + " " * 25 + "\r"
STATUS = (
    'Enter "status detail" for more information.\r\n\r\n'
    "Status as of: Mon Jul 21 11:57:38 2014 GMT\r\n"
    "System status: Offline\r\nOldest Message: No Messages\r\n"
)
SORT = (
    "\r\nSort results by:\r\n\r\n1. Active Recipients\r\n2. Connections Out\r\n3. Delivered Recipients\r\n"
    "4. Hard Bounced Recipients\r\n5. Soft Bounced Events\r\n[1]> "
)
HEAD = "  #   Recipient Host         Recip.    Out     Recip.    Bounced    Bounced\r\n\r\n"
ROW = "  1*  the.cpq.host            7,055      0    182,000     38,548     13,987\r\n"
INTERFACES = (
    "\r\nPlease select which interface you want to telnet from.\r\n1. Auto\r\n"
    "2. Incoming Mail (198.51.100.10/24: esa1.example.com)\r\n"
    "3. Management (10.10.20.1/24: esa1.example.com)\r\n[1]> "
)
ASK_HOST = "\r\nEnter the remote hostname or IP address.\r\n[]> "
ASK_PORT = "\r\nEnter the remote port.\r\n[25]> "
CONNECTED = "\r\nTrying 10.10.10.1...\r\nConnected to 10.10.10.1.\r\nEscape character is '^]'.\r\n"
CLOSED = "Connection closed by foreign host.\r\n"


@dataclass(frozen=True)
class Turn:
    """What the device prints, and what must then have been typed (empty: nothing)."""

    prints: str
    typed: str = ""


Cutter = Callable[[bytes], Iterable[bytes]]


def whole(data: bytes) -> Iterable[bytes]:
    return [data]


def each_byte(data: bytes) -> Iterable[bytes]:
    return (bytes([byte]) for byte in data)


@st.composite
def cutters(draw: st.DrawFn) -> Cutter:
    """Cuts into pieces of sizes that repeat: 1 to 40 bytes each."""
    sizes = draw(st.lists(st.integers(1, 40), min_size=1, max_size=12))

    def cut(data: bytes) -> Iterator[bytes]:
        position, index = 0, 0
        while position < len(data):
            size = sizes[index % len(sizes)]
            yield data[position : position + size]
            position, index = position + size, index + 1

    return cut


def feed(session: Session, text: str | bytes, cut: Cutter = whole) -> bytes:
    data = text.encode("latin-1") if isinstance(text, str) else text
    return b"".join([session.feed(piece) for piece in cut(data)])


def login(prompt: str = PROMPTS[0], banner: str = BANNER, cut: Cutter = whole) -> Session:
    session = Session("esa-a1")
    assert feed(session, banner + prompt, cut) == b""
    assert session.phase is Phase.READY
    return session


def converse(session: Session, command: Reading[Any], turns: Iterable[Turn], cut: Cutter = whole) -> str:
    """Plays a device that echoes what is typed and prints turn by turn; the last turn holds the prompt."""
    typed = session.start(command)
    for turn in turns:
        echo = typed.decode().replace("\n", "\r\n") if typed.strip(b" ") else ""
        typed = feed(session, echo + turn.prints, cut)
        assert typed.decode() == turn.typed
    assert not session.busy
    return session.result()


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("cut", [whole, each_byte])
def test_the_prompt_is_learnt_exactly_and_matched_literally(prompt: str, cut: Cutter) -> None:
    session = login(prompt, cut=cut)
    text = converse(session, status(), [Turn(f"\r\n{STATUS}\r\n{prompt}")], cut)
    assert session.prompt == prompt.strip()
    assert text == STATUS.replace("\r\n", "\n").strip("\n")


@settings(deadline=None)
@given(cutters(), st.sampled_from(PROMPTS))
def test_a_dialogue_with_question_and_pager_is_the_same_however_it_is_cut(cut: Cutter, prompt: str) -> None:
    session = login(prompt, cut=cut)
    turns = [
        Turn(SORT, "1\n"),
        Turn(HEAD + ROW + PAGER, " "),
        Turn(ERASE + "  2   example.net   3   1   240   2   0\r\n\r\n" + prompt),
    ]
    rows = tophosts().parse(converse(session, tophosts(), turns, cut)).rows
    assert [(row.host, row.active, row.down) for row in rows] == [
        ("the.cpq.host", 7055, True),
        ("example.net", 3, False),
    ]


@settings(deadline=None)
@given(cutters())
def test_telnet_from_a_named_interface_ends_with_quit(cut: Cutter) -> None:
    session = login(cut=cut)
    command = telnet("10.10.10.1", 7025, "Incoming Mail")
    turns = [
        Turn(INTERFACES, "2\n"),
        Turn(ASK_HOST, "10.10.10.1\n"),
        Turn(ASK_PORT, "7025\n"),
        Turn(CONNECTED + "220-sma.example.com\r\n220 ESMTP\r\n", "QUIT\n"),
        Turn("221 sma.example.com\r\n" + CLOSED + PROMPTS[0]),
    ]
    answer = command.parse(converse(session, command, turns, cut))
    assert (answer.outcome, answer.code, answer.source) == ("banner", 220, "198.51.100.10")
    assert answer.text == "220-sma.example.com\n220 ESMTP"


def test_echo_colours_and_all_kinds_of_line_ends_leave_no_trace() -> None:
    session = login()
    printed = "status\r\r\n\x1b[1mSystem status:\x1b[0m Online\n\rOldest Message: No Messages\r\r\n\n\x1b[0m"
    session.start(status())
    assert feed(session, printed + PROMPTS[0]) == b""
    assert session.result() == "System status: Online\nOldest Message: No Messages"


def test_an_echo_broken_by_a_narrow_terminal_is_removed() -> None:
    command = grep("port 7025", "mail_logs")
    session = login()
    session.start(command)
    feed(session, 'grep -i "port \r7025" mail\r\n_logs\r\n' + PROMPTS[0])
    session.rest()
    assert session.result() == ""


def test_a_banner_cut_where_it_looks_like_a_prompt_is_no_prompt() -> None:
    session = Session("esa-a1")
    feed(session, "By order of\r\nlegal>")
    assert session.prompt == "legal>"
    feed(session, " you may not\r\nesa1.exam")
    typed = session.start(version())
    feed(
        session,
        "ple.com> "
        + typed.decode().strip()
        + "\r\nVersion: 15.0.1-416\r\nlegal> or not\r\nesa1.example.com> ",
    )
    assert session.result() == "Version: 15.0.1-416\nlegal> or not"
    assert session.prompt == "esa1.example.com>"


def test_a_long_banner_is_paged_through() -> None:
    session = Session("esa-a1")
    assert feed(session, "Terms\r\n" * 400 + PAGER) == b" "
    feed(session, ERASE + "and conditions\r\nesa1> ")
    assert session.phase is Phase.READY


def test_text_like_a_prompt_or_a_question_does_not_end_an_answer() -> None:
    prompt = PROMPTS[0]
    lines = f"{prompt}not alone\r\nlike {prompt}\r\nas in [1]> \r\nand [N]> here\r\n{PAGER} too\r\n"
    text = converse(login(), status(), [Turn(lines + prompt)], whole)
    assert text.splitlines()[:4] == [f"{prompt}not alone", f"like {prompt}", "as in [1]> ", "and [N]> here"]


def test_a_prompt_among_foreign_text_is_believed_only_after_silence() -> None:
    command = grep("x", "mail_logs")
    session = login()
    feed(session, session.start(command).decode().replace("\n", "\r\n") + PROMPTS[0])
    assert (session.busy, session.patience) == (True, command.settle)
    feed(session, "was no prompt\r\n" + PROMPTS[0])
    assert session.busy
    session.rest()
    assert session.result() == f"{PROMPTS[0]}was no prompt"


@pytest.mark.parametrize(
    "note",
    [
        "NOTE: This session will expire if left idle for 30 minutes.\r\n",
        "NOTE: This session will expire if left idle for 1440 minutes. Any uncommitted\r\nconfiguration changes "
        "will be lost. Commit the configuration changes as soon as\r\nthey are made.\r\n",
    ],
)
def test_an_idle_note_in_the_middle_is_no_part_of_the_answer(note: str) -> None:
    first, second, rest = STATUS.partition("\r\n\r\n")
    printed = first + second + note + rest
    assert converse(login(), status(), [Turn(printed + PROMPTS[0])]) == STATUS.replace("\r\n", "\n").strip(
        "\n"
    )


def test_bytes_that_are_no_utf8_are_read_as_latin_1() -> None:
    session = login()
    session.start(status())
    feed(session, b"status\r\nSystem status: Espa\xf1ol \xc3\xb1 \x80\x00\x07\r\n" + PROMPTS[0].encode())
    assert session.result().startswith("System status: Espa\xf1ol ")


def test_an_unknown_question_is_answered_with_ctrl_c_and_quoted() -> None:
    session = login()
    session.start(status())
    assert feed(session, "status\r\nWhat is the airspeed of a swallow?\r\n[11]> ") == b""
    assert session.patience == 2.0
    assert session.rest() == b"\x03"
    assert feed(session, "^C\r\n" + PROMPTS[0]) == b""
    assert session.phase is Phase.READY
    assert not session.sound
    with pytest.raises(Garbled, match="airspeed of a swallow"):
        session.result()


def test_the_same_question_again_is_a_refusal() -> None:
    session = login()
    session.start(tophosts())
    assert feed(session, "tophosts" + SORT) == b"1\n"
    feed(session, "1\r\nInvalid choice.\r\n" + SORT)
    assert session.rest() == b"\x03"
    feed(session, PROMPTS[0])
    with pytest.raises(Garbled, match="asked again"):
        session.result()


def test_a_question_that_may_repeat_is_answered_again() -> None:
    command = Reading("list", str, (Question("more", "y", repeats=True),))
    assert converse(
        login(), command, [Turn("more? [N]> ", "y\n"), Turn("more? [N]> ", "y\n"), Turn(PROMPTS[0])]
    )


def test_an_interface_that_is_not_offered_is_never_replaced_by_another() -> None:
    session = login()
    session.start(telnet("10.10.10.1", 7025, "Outgoing"))
    assert feed(session, "telnet" + INTERFACES) == b"\x03"
    feed(session, PROMPTS[0])
    with pytest.raises(Garbled, match=r"no interface 'Outgoing'.*Incoming Mail"):
        session.result()


def test_a_telnet_that_offers_no_interface_says_nothing_about_one() -> None:
    turns = [Turn(ASK_HOST, "10.10.10.1\n"), Turn(ASK_PORT, "7025\n"), Turn(CONNECTED + CLOSED + PROMPTS[0])]
    assert "foreign host" in converse(login(), telnet("10.10.10.1", 7025), turns)
    with pytest.raises(Garbled, match="left out a question"):
        converse(login(), telnet("10.10.10.1", 7025, "Management"), turns)


def test_an_answer_that_cannot_be_typed_is_not_typed() -> None:
    session = login()
    session.start(Reading("x", str, (Question("name", lambda text: "a\nb"),)))
    assert feed(session, "x\r\nname? []> ") == b"\x03"


@pytest.mark.parametrize("line", ["status\nreboot", "status\x03", "  ", "estado\u00f1"])
def test_a_command_is_one_plain_line(line: str) -> None:
    with pytest.raises(ValueError):
        Reading(line, str)


def test_telnet_falls_back_to_one_line_when_nothing_is_asked() -> None:
    command = telnet("10.10.10.1", 7025)
    turns = [
        Turn("usage: telnet host [port]\r\n" + PROMPTS[0], "telnet 10.10.10.1 7025\n"),
        Turn(CONNECTED.lstrip() + "220 x\r\n", "QUIT\n"),
        Turn("221 x\r\n" + CLOSED + PROMPTS[0]),
    ]
    assert command.parse(converse(login(), command, turns)).code == 220


def telnet_until_port(command: Reading[Any]) -> Session:
    session = login()
    feed(session, session.start(command).decode() + INTERFACES)
    feed(session, "1\r\n" + ASK_HOST)
    assert feed(session, "10.10.10.1\r\n" + ASK_PORT) == b"7025\n"
    return session


def test_telnet_without_connection_is_interrupted_after_the_patience() -> None:
    command = telnet("10.10.10.1", 7025, patience=7.0)
    session = telnet_until_port(command)
    feed(session, "7025\r\n\r\nTrying 10.10.10.1...\r\n")
    assert session.patience == 7.0
    assert session.rest() == b"\x03"
    feed(session, "^C\r\n" + PROMPTS[0])
    assert command.parse(session.result()).outcome == "timeout"
    assert session.sound


def test_telnet_leaves_a_silent_peer_by_escape_and_quit_else_by_ctrl_c() -> None:
    command = telnet("10.10.10.1", 7025, patience=7.0)
    session = telnet_until_port(command)
    feed(session, "7025\r\n" + CONNECTED)
    assert (session.patience, session.rest()) == (7.0, b"\x1d")
    assert feed(session, "^]\r\ntelnet> ") == b"quit\n"
    assert (session.patience, session.rest()) == (2.0, b"\x03")
    feed(session, "^C\r\n" + PROMPTS[0])
    assert command.parse(session.result()).outcome == "silent"


def test_telnet_leaves_a_peer_that_ignores_quit() -> None:
    session = telnet_until_port(telnet("10.10.10.1", 7025))
    assert feed(session, "7025\r\n" + CONNECTED + "220 x\r\n") == b"QUIT\n"
    assert session.rest() == b"\x1d"
    assert feed(session, "telnet> ") == b"quit\n"
    feed(session, "Connection closed.\r\n" + PROMPTS[0])
    assert not session.busy


def test_a_peer_that_imitates_questions_gets_no_second_answer() -> None:
    session = telnet_until_port(telnet("10.10.10.1", 7025))
    assert feed(session, "7025\r\n" + CONNECTED + "Enter the remote port.\r\n[25]> ") == b""


@pytest.mark.parametrize(
    "refusal",
    [
        "Unknown command or missing feature key: logconfig",
        "Unknown command: logconfig",
        "logconfig: Permission denied",
    ],
)
def test_a_refused_or_unknown_command_is_a_matter_of_role(refusal: str) -> None:
    with pytest.raises(RoleRefused, match="esa-a1: 'logconfig'"):
        converse(login(), logconfig(), [Turn(f"{refusal}\r\n" + PROMPTS[0])])


def test_a_log_line_about_an_unknown_command_is_an_answer() -> None:
    line = "Mon Apr  1 12:00:00 2014 Info: ICID 5 unknown command"
    session = login()
    feed(session, session.start(grep("unknown", "mail_logs")).decode() + f"{line}\r\n" + PROMPTS[0])
    session.rest()
    assert session.result() == line


def test_a_crash_of_the_command_line_is_no_answer() -> None:
    crash = "Traceback (most recent call last):\r\n  File x\r\nKeyError: 1\r\n"
    with pytest.raises(Garbled, match="crashed"):
        converse(login(), status(), [Turn(crash + PROMPTS[0])])


def test_endless_output_is_stopped_and_little_of_it_kept() -> None:
    session = login()
    session.start(Reading("status", str, limit=10_000))
    sent = feed(session, "status\r\n" + "x" * 99 + "\r\n" + ("y" * 99 + "\r\n") * 400, each_byte)
    assert sent == b"\x03"
    feed(session, ("y" * 99 + "\r\n") * 400 + PROMPTS[0])
    with pytest.raises(Garbled, match="10,000 characters"):
        session.result()


def test_a_log_that_is_too_long_keeps_its_newest_lines() -> None:
    command = grep("x", "mail_logs")
    assert command.overflow == "keep-newest"
    session = login()
    short = Reading(command.line, command.parse, limit=1_000, overflow="keep-newest")
    session.start(short)
    feed(session, command.line + "\r\n")
    for number in range(200):
        feed(session, f"Mon Apr  1 12:00:00 2014 Info: line {number}\r\n")
    feed(session, PROMPTS[0])
    answer = short.parse(session.result())
    assert session.result().startswith(CUT)
    assert answer.capped
    assert answer.lines[-1].endswith("line 199")
    assert 10 < len(answer.lines) < 40


def test_a_log_line_that_is_too_long_makes_the_search_a_part() -> None:
    """What was dropped of it might be what was looked for: it is not nothing."""
    command = grep("x", "mail_logs")
    session = login()
    session.start(Reading(command.line, command.parse, overflow=command.overflow))
    line = "Mon Apr  1 12:00:00 2014 Info: " + "x" * (LONGEST_LINE + 100)
    feed(session, f"{command.line}\r\n{line}\r\n{PROMPTS[0]}")
    assert command.parse(session.result()).capped


def test_the_deadline_gives_ctrl_c_and_then_gives_up() -> None:
    session = login()
    session.start(status())
    feed(session, "status\r\nStatus as of")
    assert session.expire() == b"\x03"
    assert session.expire() == b""
    assert session.phase is Phase.ENDED
    with pytest.raises(TimedOut, match=r"not answered in time.*Status as of"):
        session.result()


def test_a_login_that_never_shows_a_prompt() -> None:
    session = Session("esa-a1")
    feed(session, BANNER)
    session.expire()
    with pytest.raises(TimedOut, match="esa-a1 showed no prompt"):
        session.result()


def test_a_login_that_asks_something_is_quoted() -> None:
    session = Session("esa-a1")
    feed(session, BANNER + "Your passphrase has expired. New passphrase: []> ")
    assert session.patience is not None
    assert session.rest() == b""
    with pytest.raises(Garbled, match="passphrase has expired"):
        session.result()


def test_a_shell_that_ends_before_its_prompt_is_quoted() -> None:
    session = Session("esa-a1")
    feed(session, "Too many sessions for this user.\r\n")
    session.end()
    with pytest.raises(Disconnected, match=r'before its first prompt.*"Too many sessions for this user\."'):
        session.result()


def test_an_endless_banner_ends() -> None:
    session = Session("esa-a1")
    feed(session, "spam\r\n" * (BANNER_LIMIT // 4))
    with pytest.raises(Garbled, match="without a prompt"):
        session.result()


def test_leaving_gives_up_only_the_edits_of_this_session() -> None:
    session = login()
    assert session.leave() == b"exit\n"
    assert feed(session, "exit\r\nChanges not committed.\r\nAre you sure you wish to exit? [N]> ") == b"Y\n"
    session.end()
    assert session.result() == ""


def test_leaving_answers_no_other_question() -> None:
    session = login()
    session.leave()
    assert feed(session, "exit\r\nCommit the changes now? [Y]> ") == b""


@settings(deadline=None)
@given(st.integers(0, len(STATUS) + 20))
def test_a_connection_that_dies_at_any_byte_is_disconnected(cut: int) -> None:
    session = login()
    session.start(status())
    feed(session, ("status\r\n" + STATUS)[:cut])
    session.end()
    with pytest.raises(Disconnected):
        session.result()


COMMANDS = (
    status(),
    tophosts(),
    telnet("10.10.10.1", 7025, "Management"),
    grep("x", "mail_logs"),
    logconfig(),
)
LINES = {"status", "tophosts", "telnet", 'grep -i "x" mail_logs', "logconfig", "exit", "Y"}
ANSWERS = {"1", "2", "3", "", "10.10.10.1", "7025", "QUIT", "quit"}
SENDABLE = {f"{line}\n".encode() for line in LINES | ANSWERS} | {b" ", b"\x03", b"\x1d", b""}
NOISE = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [
            text.encode()
            for text in (
                BANNER,
                *PROMPTS,
                PAGER,
                ERASE,
                STATUS,
                SORT,
                HEAD,
                ROW,
                INTERFACES,
                ASK_HOST,
                ASK_PORT,
            )
        ]
    ),
    st.sampled_from(
        [text.encode() for text in (CONNECTED, CLOSED, "220 x\r\n", "telnet> ", "sure? [N]> ", "\x1b[")]
    ),
)
EVENTS = st.lists(st.one_of(NOISE, st.sampled_from(["rest", "expire"])), max_size=40)


@settings(deadline=None)
@given(st.sampled_from(COMMANDS), EVENTS)
def test_no_noise_makes_it_hang_or_send_what_is_in_no_command(
    command: Reading[Any], events: list[bytes | str]
) -> None:
    session = login()
    sent = [session.start(command), feed(session, command.line + "\r\n")]
    for event in events:
        if not session.busy:
            break
        if isinstance(event, bytes):
            sent.append(session.feed(event))
        elif event == "expire" or session.patience is None:
            sent.append(session.expire())
        else:
            sent.append(session.rest())
    if session.busy:
        sent += [session.expire(), session.expire()]
    assert not session.busy
    assert set(sent) <= SENDABLE
    with contextlib.suppress(ProbeError):
        session.result()
