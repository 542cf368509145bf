"""A finding told in general: no hole, no brace, nothing forgotten; and what is meant by an id that is not known."""

import pytest

from bot.knowledge.article import find_closest, write_article
from bot.knowledge.load import load
from bot.knowledge.placeholders import names
from bot.model.errors import Unusable

KNOWN = load()


@pytest.mark.parametrize("language", KNOWN.languages)
def test_every_finding_can_be_told_without_a_run(language: str) -> None:
    for finding_id in KNOWN.findings:
        article = write_article(KNOWN, finding_id, language)
        document = article.model_dump_json()
        assert not names(article.title + article.why), finding_id
        assert "‹›" not in document
        assert KNOWN.language(language).words.unknown not in document, finding_id
        assert [fix.id for fix in article.fixes] == [fix.id for fix in KNOWN.entry(finding_id).fixes]
        assert all(fix.source and fix.subjects for fix in article.fixes)


def test_lines_and_undo_stand_with_words_for_values() -> None:
    article = write_article(KNOWN, "tls.ciphers.admit-anonymous", "en")
    at_esa, by_hand = article.fixes
    assert (at_esa.applicability, at_esa.approvals, at_esa.subjects) == ("approval", 2, ("esa",))
    assert at_esa.commands[3] == "‹cipher list with :-aNULL›"
    assert at_esa.undo[3] == "‹cipher list›"
    assert (by_hand.applicability, by_hand.subjects) == ("manual", ("sma",))


def test_links_go_both_ways_and_only_where_subjects_can_meet() -> None:
    for finding_id in KNOWN.findings:
        for other in write_article(KNOWN, finding_id, "en").explains:
            assert finding_id in write_article(KNOWN, other, "en").explained_by
    masked = write_article(KNOWN, "connectivity.cpq.masked-banner", "en")
    assert "tls.handshake.failed" in masked.explains
    assert "tls.ciphers.admit-anonymous" not in masked.explains  # at an appliance, and the edge is for paths


def test_words_for_values_exist_in_every_language() -> None:
    """English details are words themselves; in another language each needs one."""
    used = {
        name
        for finding_id in KNOWN.findings
        for text in (KNOWN.language("es").texts[finding_id],)
        for template in (
            text.title,
            text.why,
            *(part for fix in text.fixes.values() for part in fix.templates),
        )
        for name in names(template)
    }
    used |= {
        name
        for entry in KNOWN.entries.values()
        for fix in entry.fixes
        for line in (*fix.commands, *fix.undo)
        for name in names(line)
    }
    assert used - set(KNOWN.language("es").words.placeholders) == set(), "add it to texts/es/words.toml"


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("setup.service.sma_suspended", "setup.service.sma-suspended"),
        ("sma-suspended", "setup.service.sma-suspended"),
        ("TLS.handshake", "tls.handshake.anonymous-cipher"),
        ("connectivity.cpq.timout", "connectivity.cpq.timeout"),
        ("timout", "connectivity.cpq.timeout"),
    ],
)
def test_the_closest_id_comes_first(written: str, first: str) -> None:
    assert find_closest(written, KNOWN.findings)[0] == first


def test_an_unknown_id_is_one_sentence_with_what_is_known() -> None:
    with pytest.raises(
        Unusable, match=r"no finding 'tls\.ciphers'; the closest are tls\.ciphers\.admit-anon"
    ):
        write_article(KNOWN, "tls.ciphers", "en")
    with pytest.raises(
        Unusable, match="no finding '12345'; ids begin with connectivity, log, queue, setup, tls"
    ):
        write_article(KNOWN, "12345", "en")
