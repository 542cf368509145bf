"""Cipher lists against what OpenSSL 1.0.2 made of them, and against the local OpenSSL where both agree on words."""

import ssl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.asyncos.cipher_table import suites, words
from bot.asyncos.ciphers import evaluate

LOCAL = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def local(text: str) -> list[str]:
    """The suites of 1.0.2 that the local OpenSSL selects, in its order; none where it refuses the list."""
    try:
        LOCAL.set_ciphers(f"{text}:@SECLEVEL=0")
    except ssl.SSLError:
        return []
    known = {suite.name for suite in suites()}
    return [str(cipher["name"]) for cipher in LOCAL.get_ciphers() if cipher["name"] in known]


SHARED_SUITES = sorted(local("ALL:COMPLEMENTOFALL"))
SHARED_WORDS = (
    *("ALL", "COMPLEMENTOFALL", "HIGH", "MEDIUM", "LOW", "FIPS", "TLSv1.2", "eNULL", "NULL", "aNULL"),
    *("kRSA", "kEDH", "kDHE", "DH", "kEECDH", "kECDHE", "ECDH", "kPSK", "kSRP", "SRP", "PSK", "RSA"),
    *(
        "aRSA",
        "aDSS",
        "DSS",
        "aECDSA",
        "ECDSA",
        "aPSK",
        "aSRP",
        "EDH",
        "DHE",
        "EECDH",
        "ECDHE",
        "ADH",
        "AECDH",
    ),
    *("AES128", "AES256", "AES", "AESGCM", "CAMELLIA128", "CAMELLIA256", "CAMELLIA"),
    *("MD5", "SHA1", "SHA", "SHA256", "SHA384"),
)


@pytest.mark.parametrize(
    ("text", "admits"),
    [
        ("HIGH:MEDIUM", True),
        ("HIGH:MEDIUM:-aNULL", False),
        ("RC4-SHA:RC4-MD5:ALL", True),
        ("RC4-SHA:RC4-MD5:ALL:-aNULL", False),
        ("-aNULL:ALL", True),
        ("ALL:-aNULL:HIGH", True),
        ("ALL:-aNULL:aNULL", True),
        ("ALL:!aNULL:aNULL", False),
        ("ALL:-ADH", True),
        ("ALL:-ADH:-AECDH", False),
        ("HIGH:!anull", True),
        ("ALL:-aNULL:+aNULL", False),
        ("AES256-SHA:ADH-AES256-SHA", True),
        ("DEFAULT", False),
        ("DEFAULT:ADH", False),
        ("MEDIUM:HIGH:-SSLv2:-aNULL:!RC4:@STRENGTH:-EXPORT", False),
        ("MEDIUM:HIGH:-SSLv2:-aNULL:@STRENGTH", False),
        ("HIGH:-aNULL:MEDIUM", True),
        ("HIGH:-aNULL:RC4", True),
        ("HIGH:-aNULL:3DES", True),
        ("HIGH:-aNULL:EXPORT", True),
        ("AES", True),
        ("FIPS", True),
        ("TLSv1.2", True),
        ("SSLv3", True),
        ("TLSv1", True),
        ("SEED", True),
        ("LOW", True),
        ("kEDH", True),
        ("EDH", False),
        ("ECDHE", False),
        ("kEECDH", True),
        ("AES+aRSA", False),
        ("AES+aNULL", True),
        ("HIGH!aNULL", False),
        ("HIGH,MEDIUM -aNULL", False),
    ],
)
def test_whether_a_list_admits_anonymous_suites(text: str, admits: bool) -> None:
    result = evaluate(text)
    assert result.suites
    assert bool(result.anonymous) is admits
    assert set(result.anonymous) <= set(result.suites)


@pytest.mark.parametrize(
    "text",
    [
        "HIGH:MEDIUM: - aNULL",
        "ALL:@WEAKNESS",
        "ALL:@",
        "ALL:-",
        "ALL:AES+",
        "ALL:(RC4)",
        "HIGH:AES(128)",
        "!ALL",
    ],
)
def test_a_list_that_openssl_refuses_has_no_suites(text: str) -> None:
    result = evaluate(text)
    assert (result.suites, result.anonymous) == ((), ())
    assert "unusable" in result.problems[-1]
    assert local(text) == []


@pytest.mark.parametrize("text", ["", ":", "NOSUCHWORD", "SSLv2", "RC4-SHA:!RC4", "HIGH-aNULL"])
def test_a_list_that_selects_nothing_is_unusable(text: str) -> None:
    assert evaluate(text).suites == ()
    assert evaluate(text).problems[-1] == "The list is unusable: it selects no cipher suite."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("HIGH:-anull", "'-anull' is ignored: words are case-sensitive, '-aNULL' is known."),
        ("high:ALL", "'high' is ignored: words are case-sensitive, 'HIGH' is known."),
        ("ALL:HIGH-aNULL", "'HIGH-aNULL' is ignored: it is read as one word; a ':' is missing in it."),
        ("ALL:!aNUL", "'!aNUL' is ignored: there is no such word; '!aNULL' may be meant."),
        ("ALL:-AEDH", "'-AEDH' is ignored: there is no such word; '-AECDH' may be meant."),
        (
            "HIGH:-aNULL:MEDIUM",
            "'MEDIUM' admits anonymous suites after '-aNULL' removed them: '-aNULL' must stand last.",
        ),
        (
            "-aNULL:ALL",
            "'ALL' admits anonymous suites after '-aNULL' removed them: '-aNULL' must stand last.",
        ),
        (
            "HIGH:- aNULL",
            "The whole list is unusable because of '-': a word is missing or holds a sign that is not allowed.",
        ),
    ],
)
def test_words_that_do_not_do_what_was_meant_are_named(text: str, problem: str) -> None:
    assert evaluate(text).problems == (problem,)


@pytest.mark.parametrize(
    "text",
    [
        "ALL:-aNULL",
        "HIGH:!KRB5:-CHACHA20:!kRSA+kEDH",
        "ALL:!aNULL:@STRENGTH",
        "ECDHE-RSA-CHACHA20-POLY1305:HIGH:!aNULL",
    ],
)
def test_ordinary_lists_give_no_problems(text: str) -> None:
    assert evaluate(text).problems == ()


def test_a_return_that_is_undone_again_is_no_problem() -> None:
    assert evaluate("ALL:-aNULL:HIGH:-aNULL").problems == ()


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("AES128-SHA:AES256-SHA", ["AES128-SHA", "AES256-SHA"]),
        ("AES128-SHA:AES256-SHA:@STRENGTH", ["AES256-SHA", "AES128-SHA"]),
        ("AES256-SHA:RC4-SHA:AES128-SHA:+AES256", ["RC4-SHA", "AES128-SHA", "AES256-SHA"]),
        ("RC4-SHA:AES128-SHA:-RC4-SHA:RC4-SHA", ["AES128-SHA", "RC4-SHA"]),
        ("AECDH+AES", ["AECDH-AES256-SHA", "AECDH-AES128-SHA"]),
        ("DHE-RSA-CBC-SHA", ["EDH-RSA-DES-CBC-SHA"]),
        ("EXP+aNULL", ["EXP-ADH-DES-CBC-SHA", "EXP-ADH-RC4-MD5"]),
        ("IDEA:SRP+aDSS+AES128", ["IDEA-CBC-SHA", "SRP-DSS-AES-128-CBC-SHA"]),
    ],
)
def test_the_order_of_the_suites(text: str, order: list[str]) -> None:
    assert list(evaluate(text).suites) == order


def test_the_initial_preference_is_that_of_openssl_1_0_2() -> None:
    assert evaluate("ALL").suites[:10] == (
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-SHA384",
        "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-RSA-AES256-SHA",
        "ECDHE-ECDSA-AES256-SHA",
        "SRP-DSS-AES-256-CBC-SHA",
        "SRP-RSA-AES-256-CBC-SHA",
        "SRP-AES-256-CBC-SHA",
        "DH-DSS-AES256-GCM-SHA384",
    )


def test_the_table_of_suites() -> None:
    names = [suite.name for suite in suites()]
    assert len(names) == len(set(names)) == 134
    anonymous = {suite.name for suite in suites() if suite.anonymous}
    assert anonymous == {name for name in names if name.removeprefix("EXP-").startswith(("ADH-", "AECDH-"))}
    assert len(SHARED_SUITES) >= 30


@pytest.mark.parametrize("word", sorted(words()))
def test_every_word_but_those_of_absent_protocols_selects_something(word: str) -> None:
    absent = {"SSLv2", "EXPORT56"}
    assert bool(evaluate(word).suites) is (word not in absent)


@pytest.mark.parametrize("word", SHARED_WORDS)
def test_each_shared_word_selects_what_the_local_openssl_selects(word: str) -> None:
    assert set(evaluate(word).suites) & set(SHARED_SUITES) == set(local(word))


_SIGNS = st.sampled_from(["", "", "-", "+", "!"])
_NAMES = st.sampled_from(SHARED_SUITES)
_TERMS = st.lists(st.one_of(st.sampled_from(SHARED_WORDS), _NAMES), min_size=1, max_size=3).map("+".join)
_NOISE = st.sampled_from(
    ["@STRENGTH", "", "NOSUCHWORD", "-anull", "HIGH-aNULL", "HIGH!aNULL", "-", "AES+", "!X+AES"]
)
_SEPARATORS = st.sampled_from([":", ",", " ", "::"])


@st.composite
def lists(draw: st.DrawFn) -> str:
    """A cipher list of words that both know, with the accidents of real ones."""
    rules = draw(st.lists(st.one_of(st.tuples(_SIGNS, _TERMS).map("".join), _NOISE), min_size=1, max_size=6))
    return draw(_SEPARATORS).join(rules)


@settings(max_examples=300, deadline=None)
@given(lists())
def test_any_list_of_shared_words_selects_what_the_local_openssl_selects(text: str) -> None:
    assert set(evaluate(text).suites) & set(SHARED_SUITES) == set(local(text))


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.tuples(_SIGNS, _NAMES).map("".join), st.just("@STRENGTH")), min_size=1).map(
        ":".join
    )
)
def test_lists_of_names_have_the_order_that_the_local_openssl_gives_them(text: str) -> None:
    assert list(evaluate(text).suites) == local(text)


@given(st.text())
def test_any_text_is_evaluated_without_error(text: str) -> None:
    result = evaluate(text)
    assert result.suites or result.problems
