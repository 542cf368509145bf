"""Every language tells the same: the same variants, steps and placeholders, commands and menus untouched."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path as FilePath

import pytest

import bot.knowledge
from bot.knowledge import load
from bot.knowledge.placeholders import names
from bot.knowledge.tables import Conditional
from bot.knowledge.texts import FixText, Text
from bot.model.finding import Detail, Finding, Severity
from bot.model.subject import Kind, Node, Path, Subject

S, E = Node("sma-a", "sma", "10.10.10.1"), Node("esa-a1", "esa", "10.10.20.1")
SUBJECTS: dict[Kind, Subject] = {
    "sma": S,
    "esa": E,
    "quarantine": Path("quarantine", E, S),
    "release": Path("release", S, E),
    "command": Path("command", S, E),
}
OTHERS = [language for language in load().languages if language != "en"]
FINDINGS = load().findings
ENGLISH_WORDS = re.compile(r"\b(?:the|and|of|is|are|with|for|from|that|when|not|it|on|to)\b", re.IGNORECASE)
NEVER_SAID = ("salida", "dispositivo", "oyente", "la cifra", "babor", "clúster", "la sma", "la esa ")
"""What the glossary does not say for delivery, appliance, listener, cipher, port, cluster, SMA and ESA."""


def condition(one: Conditional) -> object:
    return sorted(one.subjects), one.severity, dict(one.when)


def parts(text: Text | FixText) -> Iterator[tuple[str, str | None]]:
    """Every text with a name for it that is the same in every language."""
    if isinstance(text, FixText):
        yield from (("effect", text.effect), ("risk", text.risk), ("undo", text.undo), ("title", text.title))
        yield from ((f"step {number}", step) for number, step in enumerate(text.steps))
        return
    yield from (("title", text.title), ("why", text.why))
    for number, variant in enumerate(text.variants):
        yield from ((f"variant {number} title", variant.title), (f"variant {number} why", variant.why))
    for fix_id, fix in text.fixes.items():
        yield from ((f"{fix_id} {name}", part) for name, part in parts(fix))


def marked(text: str) -> set[str]:
    """The commands, log lines and names of the interface that a text quotes, English in every language."""
    return set(re.findall(r"`([^`]+)`", text)) | set(re.findall(r"\*([^*]+ -> [^*]+)\*", text))


def twins(finding_id: str, language: str) -> Sequence[tuple[str, str | None, str | None]]:
    ours = dict(parts(load().texts["en"].texts[finding_id]))
    theirs = dict(parts(load().texts[language].texts[finding_id]))
    assert list(ours) == list(theirs)
    return [(name, ours[name], theirs[name]) for name in ours]


def test_people_read_english_and_spanish() -> None:
    assert load().languages == ("en", "es")


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("finding_id", FINDINGS)
def test_languages_tell_the_same(finding_id: str, language: str) -> None:
    ours, theirs = (load().texts[name].texts[finding_id] for name in ("en", language))

    assert [condition(one) for one in ours.variants] == [condition(one) for one in theirs.variants]
    for name, our, their in twins(finding_id, language):
        assert (our is None) == (their is None), name
        assert names(our or "") == names(their or ""), name


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("finding_id", FINDINGS)
def test_what_appliances_print_and_understand_is_not_translated(finding_id: str, language: str) -> None:
    """A translation may quote more than the English text, never less and never in translation."""
    for name, our, their in twins(finding_id, language):
        assert marked(our or "") <= marked(their or "") | {"commit"}, name


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_was_left_in_english(language: str) -> None:
    same = [
        (finding_id, name)
        for finding_id in FINDINGS
        for name, our, their in twins(finding_id, language)
        if our is not None and our == their
    ]
    assert same == []


def test_spanish_holds_no_english_but_what_it_quotes() -> None:
    left = [
        (finding_id, name, word)
        for finding_id in FINDINGS
        for name, _, text in twins(finding_id, "es")
        for word in ENGLISH_WORDS.findall(re.sub(r"`[^`]+`|\*[^*]+\*", "", text or ""))
    ]
    assert left == []


def test_spanish_keeps_to_the_words_of_the_field() -> None:
    """In every file of the language: findings, reasons, words, remediations."""
    folder = FilePath(bot.knowledge.__file__).parent / "texts" / "es"
    texts = {file.name: file.read_text("utf-8").casefold() for file in sorted(folder.glob("*.toml"))}

    assert [(name, word) for name, text in texts.items() for word in NEVER_SAID if word in text] == []


@pytest.mark.parametrize("language", load().languages)
@pytest.mark.parametrize("finding_id", FINDINGS)
def test_titles_are_short_and_plain(finding_id: str, language: str) -> None:
    entry = load().entry(finding_id)
    for kind in entry.subjects:
        for severity in Severity:
            details: dict[str, Detail] = dict.fromkeys(entry.details, "7025")
            told = load().describe(Finding(finding_id, SUBJECTS[kind], severity, (), details), language)
            for title in (told.title, *(fix.title for fix in told.fixes)):
                assert len(title) <= 80
                assert not set(title) & set("`*{")
                assert not title.endswith(".")


@pytest.mark.parametrize(
    ("language", "number", "title"),
    [
        ("en", 1, "Quarantine mail is stuck on esa-a1: 1 recipient waits"),
        ("en", 11, "Quarantine mail is stuck on esa-a1: 11 recipients wait"),
        ("es", 1, "Correo de cuarentena detenido en esa-a1: espera 1 destinatario"),
        ("es", 11, "Correo de cuarentena detenido en esa-a1: esperan 11 destinatarios"),
    ],
)
def test_one_recipient_is_not_several_and_the_why_stays_its_own(
    language: str, number: int, title: str
) -> None:
    details: dict[str, Detail] = {"waiting": number, "down": "yes"}
    stalled = Finding("queue.quarantine.stalled", SUBJECTS["quarantine"], Severity.CRITICAL, (), details)

    told = load().describe(stalled, language)

    assert told.title == title
    assert "`the.cpq.host`" in told.why
    assert ("has marked" in told.why) or ("marcó" in told.why)
