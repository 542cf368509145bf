"""What is typed behind `/pvo`."""

import pytest

from bot.slack.parse import Answer, Check, Sites, find_site, parse, refuse_site


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("check site-a", Check("site-a")),
        ("  CHECK   Site-A  ", Check("site-a")),
        ("check site-a log tls", Check("site-a", ("tls", "log"))),
        ("check site-a tls,log,tls", Check("site-a", ("tls", "log"))),
        ("sites", Sites()),
    ],
)
def test_what_is_understood(typed: str, meant: object) -> None:
    assert parse(typed) == meant


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "/pvo check SITE"),
        ("help", "connectivity, setup, tls, queue, log"),
        ("chekc site-a", "Did you mean `check`?"),
        ("xyzzy", "`/pvo help` lists"),
        ("status", "There is no `/pvo status`"),
        ("check", "Which site?"),
        ("check site-a tsl", "Did you mean `tls`?"),
        ("sites now", "takes nothing after it"),
        ("<!channel>", "&lt;!channel&gt;"),
    ],
)
def test_what_is_answered_at_once(typed: str, said: str) -> None:
    answer = parse(typed)
    assert isinstance(answer, Answer)
    assert said in answer.text
    assert "<!" not in answer.text


def test_sites_are_found_in_any_case_and_suggested_when_misspelt() -> None:
    assert find_site("site-a", ["Site-A", "site-b"]) == "Site-A"
    assert find_site("site-c", ["Site-A"]) is None
    assert "`Site-A`" in refuse_site("sitea", ["Site-A", "other"])
    assert "Did you mean" not in refuse_site("xyzzy", ["Site-A"])
