"""Several grep answers joined: each line once, in an order the log may have had."""

import re
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.maillog.merge import merge

STAMP = "Tue Nov 24 03:00:01 2026 Info: "
CONNECTION = [
    f"{STAMP}New SMTP DCID 5 interface 10.10.20.1 address 10.10.10.1 port 7025",
    f"{STAMP}DCID 5 TLS success protocol TLSv1.2 cipher X the.cpq.host",
    f"{STAMP}Delivery start DCID 5 MID 1 to RID [0] to Centralized Policy Quarantine",
    f"{STAMP}Message done DCID 5 MID 1 to RID [0] (centralized policy quarantine)",
    f"{STAMP}Delivery start DCID 5 MID 2 to RID [0] to Centralized Policy Quarantine",
    f"{STAMP}Message done DCID 5 MID 2 to RID [0] (centralized policy quarantine)",
    f"{STAMP}DCID 5 close",
]
FAILED = [
    f"{STAMP}New SMTP DCID 6 interface 10.10.20.1 address 10.10.10.1 port 7025",
    f"{STAMP}DCID 6 TLS failed: verify error: no certificate from server",
    f"{STAMP}DCID 6 TLS was required but could not be successfully negotiated",
    f"{STAMP}Delayed: DCID 6 MID 1 to RID 0 - 4.4.0 - Other network problem ('000', ['x'])",
    f"{STAMP}DCID 6 close",
]


def grep(pattern: str, lines: list[str]) -> list[str]:
    return [line for line in lines if re.search(pattern, line, re.I)]


@pytest.mark.parametrize("log", [CONNECTION, FAILED])
def test_the_course_of_a_connection_within_one_second(log: list[str]) -> None:
    patterns = ("close", "tls (failed|success)", "tls was", "delayed", "policy quarantine", "port 7025")
    assert merge(grep(pattern, log) for pattern in patterns) == log


def test_a_line_that_two_patterns_found_stands_once() -> None:
    answers = [grep("port 7025", CONNECTION), grep(r"the\.cpq", CONNECTION), grep("DCID 5 ", CONNECTION)]
    assert merge(answers) == CONNECTION


def test_a_line_that_the_log_holds_twice_stays_twice() -> None:
    line = f"{STAMP}An application fault occurred: ('x')"
    assert merge([[line, line], [line, line], [line]]) == [line, line]


def test_line_ends_and_blank_lines_do_not_matter() -> None:
    assert merge([[f"{CONNECTION[0]}\r\n", "\n"], [CONNECTION[0]]]) == [CONNECTION[0]]


def test_answers_that_contradict_each_other_lose_nothing() -> None:
    assert sorted(merge([CONNECTION, CONNECTION[::-1]])) == sorted(CONNECTION)


def test_no_answer_is_no_line() -> None:
    assert merge([]) == merge([[], []]) == []


@st.composite
def logs(draw: st.DrawFn) -> list[str]:
    """Lines of a few texts, so that many repeat, at times that never go back."""
    steps = draw(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abcd")), max_size=30))
    time, lines = datetime(2026, 11, 24, 3, 0), []
    for seconds, text in steps:
        time += timedelta(seconds=seconds)
        lines.append(f"{time:%a %b %d %H:%M:%S %Y} Info: {text} {text}")
    return lines


@given(logs(), st.lists(st.sampled_from(["[ab]$", "[bc]$", "a$", "[acd]$", "."]), max_size=4))
def test_every_line_found_once_and_every_answer_in_its_order(log: list[str], patterns: list[str]) -> None:
    answers = [grep(pattern, log) for pattern in patterns]
    merged = merge(answers)
    found = [line for line in log if any(re.search(pattern, line) for pattern in patterns)]
    assert sorted(merged) == sorted(found)
    for pattern, answer in zip(patterns, answers, strict=True):
        assert grep(pattern, merged) == answer
    times = [line[:24] for line in merged]
    assert times == sorted(times)
