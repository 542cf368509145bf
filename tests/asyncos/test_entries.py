"""Lines of changing commands: each waits for its question, and none is answered by the session itself."""

import pytest

from bot.asyncos.commands.commit import clear, commit
from bot.asyncos.commands.delivernow import delivernow
from bot.asyncos.commands.reboot import reboot
from bot.asyncos.commands.resume import resume, suspend
from bot.asyncos.commands.resumedel import resumedel, suspenddel
from bot.asyncos.commands.resumetransfers import resumetransfers, suspendtransfers
from bot.asyncos.commands.sslconfig_outbound import sslconfig_outbound
from bot.asyncos.session import Phase, Session
from bot.model.command import Changing, Entry
from bot.model.errors import Disconnected, Garbled, TimedOut

PROMPT = b"esa1.example.com> "
COMMANDS: tuple[Changing[str], ...] = (
    *(resume(), resume("cpq_listener"), suspend(), resumedel(), suspenddel(), reboot()),
    *(resumetransfers(), suspendtransfers(), delivernow("the.cpq.host"), commit("pvo"), clear()),
    sslconfig_outbound("HIGH:MEDIUM", "HIGH:MEDIUM:-aNULL"),
)


def ready() -> Session:
    session = Session("esa-a1")
    session.feed(b"Welcome\r\n" + PROMPT)
    assert session.phase is Phase.READY
    return session


def test_a_known_question_stands_at_once_and_is_not_answered() -> None:
    session = ready()
    assert session.enter(Entry("commit"), "comments") == b"commit\n"
    assert session.feed(b"commit\r\n\r\nPlease enter some comments:\r\n[]> ") == b""
    assert session.phase is Phase.PAUSED
    assert session.printed().stands == "question"
    assert session.printed().text.endswith("Please enter some comments:\n[]> ")
    assert session.enter(Entry("pvo: why"), "") == b"pvo: why\n"
    session.feed(b"pvo: why\r\nChanges committed: today\r\n" + PROMPT)
    assert (session.printed().text, session.printed().stands) == ("Changes committed: today", "prompt")
    assert session.sound


def test_another_question_stands_after_silence_only() -> None:
    session = ready()
    session.enter(Entry("commit"), "comments")
    session.feed(b"commit\r\nSomebody else committed. Merge? [N]> ")
    assert session.busy
    assert session.patience is not None
    assert session.patience > 1.0
    assert session.rest() == b""
    assert "Merge?" in session.printed().text
    assert session.interrupt() == b"\x03"
    session.feed(b"^C\r\n" + PROMPT)
    assert session.sound


def test_the_session_can_be_asked_between_commands() -> None:
    from bot.asyncos.commands.showchanges import showchanges

    session = ready()
    session.enter(Entry("resume"), "")
    session.feed(b"resume\r\nReceiving resumed.\r\n" + PROMPT)
    assert session.start(showchanges()) == b"showchanges\n"
    session.feed(b"showchanges\r\n\r\nThere are no configuration changes.\r\n" + PROMPT)
    assert showchanges().parse(session.result()).pending is False


def test_a_session_that_ends_in_the_middle_says_so() -> None:
    session = ready()
    session.enter(Entry("resume"), "")
    session.feed(b"resume\r\n")
    session.end()
    with pytest.raises(Disconnected, match="closed the session in the middle"):
        session.printed()


def test_a_line_without_an_answer_is_left_with_ctrl_c() -> None:
    session = ready()
    session.enter(Entry("resume"), "")
    session.feed(b"resume\r\n")
    assert session.expire() == b"\x03"
    session.feed(b"^C\r\n" + PROMPT)
    with pytest.raises(TimedOut):
        session.printed()
    assert not session.sound


@pytest.mark.parametrize("line", ["a\nb", "\x03", "ñ"])
def test_what_cannot_be_typed_is_no_line(line: str) -> None:
    with pytest.raises(ValueError, match="without control characters"):
        Entry(line)


def test_no_command_has_a_line_that_destroys() -> None:
    """`deleterecipients` and its kin have no code path; nor does an answer that means all."""
    lines = [entry.line for command in COMMANDS for entry in command.entries]
    forbidden = {"deleterecipients", "bouncerecipients", "resetconfig", "resetqueue", "2", "3", "ALL"}
    assert not forbidden & set(lines)


@pytest.mark.parametrize(("old", "new"), [("HIGH MEDIUM", "HIGH"), ("HIGH", "HIGH]> \n"), ("", "HIGH")])
def test_a_cipher_list_that_cannot_be_typed(old: str, new: str) -> None:
    with pytest.raises(ValueError, match="no cipher list"):
        sslconfig_outbound(old, new)


@pytest.mark.parametrize("host", ["", "all recipients", "x;reboot", "*"])
def test_only_one_destination_is_hurried(host: str) -> None:
    with pytest.raises(ValueError, match="no recipient domain"):
        delivernow(host)


@pytest.mark.parametrize(
    ("text", "confirms"),
    [
        ("Receiving resumed for euq_listener, cpq_listener.", True),
        ("Receiving resumed for euq_listener.", False),
        ("Receiving resumed.", False),
        ("", False),
    ],
)
def test_the_sma_has_resumed_when_it_names_the_listener(text: str, confirms: bool) -> None:
    if confirms:
        assert resume("cpq_listener").confirm(text) == text
    else:
        with pytest.raises(Garbled, match="did not answer as it does"):
            resume("cpq_listener").confirm(text)
