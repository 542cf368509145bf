"""What is typed behind `/pvo`."""

import datetime as dt

import pytest

from bot.slack.handlers.parse import (
    Answer,
    Check,
    Explain,
    Look,
    Silence,
    Watch,
    find_named,
    find_site,
    parse,
    refuse_site,
)
from bot.slack.texts import DEFAULT


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("check site-a", Check("site-a")),
        ("  CHECK   Site-A  ", Check("site-a")),
        ("check site-a log tls", Check("site-a", ("tls", "log"))),
        ("check site-a tls,log,tls", Check("site-a", ("tls", "log"))),
        ("sites", Look("sites")),
        ("status", Look("status")),
        ("Status Site-A", Look("status", "site-a")),
        ("history site-a", Look("history", "site-a")),
        ("health", Look("health")),
        ("explain tls.ciphers.admit-anonymous", Explain("tls.ciphers.admit-anonymous")),
        ("watch site-a ON", Watch("site-a", True)),
        ("watch site-a off", Watch("site-a", False)),
        ("mute site-a 2h Moving to Rack 4", Silence("site-a", dt.timedelta(hours=2), "Moving to Rack 4")),
        ("mute Site-A 30d x", Silence("site-a", dt.timedelta(days=30), "x")),
        ("mute site-a off", Silence("site-a", None)),
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
        ("statsu", "Did you mean `status` or `sites`?"),
        ("history", "Which site?"),
        ("health now", "takes nothing after it"),
        ("status a b", "takes nothing after it"),
        ("explain", "Which finding?"),
        ("watch site-a", "`/pvo watch SITE on`"),
        ("watch site-a maybe", "`/pvo watch SITE on`"),
        ("mute", "`/pvo mute SITE DURATION REASON`"),
        ("mute site-a long why", "`long` is no duration"),
        ("mute site-a 31d why", "at most 30d"),
        ("mute site-a 0m why", "is no duration"),
        ("mute site-a 2h", "Say why"),
        ("check", "Which site?"),
        ("check site-a tsl", "Did you mean `tls`?"),
        ("sites now", "takes nothing after it"),
        ("<!channel>", "&lt;!channel&gt;"),
    ],
)
def test_what_is_answered_at_once(typed: str, said: str) -> None:
    answer = parse(typed)
    assert isinstance(answer, Answer)
    assert said in answer.told(DEFAULT)
    assert "<!" not in answer.told(DEFAULT)


def test_sites_are_found_in_any_case_and_suggested_when_misspelt() -> None:
    assert find_site("site-a", ["Site-A", "site-b"]) == "Site-A"
    assert find_site("site-c", ["Site-A"]) is None
    assert "`Site-A`" in refuse_site("sitea", ["Site-A", "other"])(DEFAULT)
    assert "Did you mean" not in refuse_site("xyzzy", ["Site-A"])(DEFAULT)


def test_sites_are_named_as_words_of_their_own() -> None:
    sites = ["site-a", "site-a2", "lab.x"]
    assert find_named("Is SITE-A down? See site-a.", sites) == ["site-a"]
    assert find_named("site-a2 and lab.x: both", sites) == ["site-a2", "lab.x"]
    assert find_named("my-site-a, site-ab, site-a.example, nothing", sites) == []
