"""What a terminal shows, in clean lines."""

import pytest

from bot.asyncos.terminal import LINE_CUT, LONGEST_LINE, Transcript, clean, decode


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("plain\r\nlines\r\r\nend", "plain\nlines\nend"),
        ("one\n\rtwo", "one\ntwo"),
        ("\r" + " " * 25 + "\r   indented", "   indented"),
        ("a\r\n-Press Any Key For More-\r" + " " * 25 + "\rb", "a\nb"),
        ("-Press Any Key For More-\x08\x08\x08   \x08\x08\x08b", "b"),
        ("wrapped \rhere", "wrapped \nhere"),
        ("\x1b[1;31mred\x1b[0m\x1b]0;title\x07 \x1b(Bplain", "red plain"),
        ("bell\x07 nul\x00 del\x7f", "bell nul del"),
        ("tabs\tstay", "tabs\tstay"),
    ],
)
def test_clean_lines(printed: str, seen: str) -> None:
    assert clean(printed) == seen


def test_each_line_is_decoded_by_itself() -> None:
    assert decode(b"caf\xc3\xa9\ncaf\xe9\n\xff\xfe") == "caf\xe9\ncaf\xe9\n\xff\xfe"


def test_the_last_line_is_hidden_while_its_end_may_be_on_the_way() -> None:
    transcript = Transcript(1000)
    transcript.feed(b"one\r\nesa1> ")
    assert transcript.last_line == "esa1> "
    transcript.feed(b"\r")
    assert transcript.last_line == ""
    transcript.feed(b"\n")
    assert (transcript.complete, transcript.last_line) == ("one\nesa1> \n", "")


@pytest.mark.parametrize("keep_newest", [True, False])
def test_no_more_than_the_limit_is_held(keep_newest: bool) -> None:
    transcript = Transcript(100, keep_newest)
    for number in range(1000):
        transcript.feed(b"line %d\n" % number)
    assert transcript.cut
    assert len(transcript.complete) <= 100
    assert transcript.complete.startswith("line 0") is not keep_newest
    assert transcript.complete.endswith("line 999\n") is keep_newest


def test_a_line_without_end_is_bounded_too() -> None:
    transcript = Transcript(1_000_000)
    for _ in range(300):
        transcript.feed(b"x" * 10_000)
    assert transcript.line_cut
    assert len(transcript.text) <= 100_000


def test_a_line_that_is_too_long_is_marked_and_the_next_one_whole() -> None:
    transcript = Transcript(1_000_000)
    for _ in range(300):
        transcript.feed(b"x" * 10_000)
    transcript.feed(b"x\r\nnext line\r\nprompt> ")
    assert transcript.line_cut
    assert transcript.text == "x" * LONGEST_LINE + LINE_CUT + "\nnext line\nprompt> "
