"""The loader refuses what does not fit together, in one sentence that names file and key."""

from pathlib import Path

import pytest

from bot.knowledge import load
from bot.knowledge.load import read
from bot.knowledge.voice import FILES
from bot.model.errors import Unusable

CATALOGUE = """
["queue.thing.stuck"]
subjects = ["quarantine"]
details = ["waiting", "ciphers"]
stops = [{ paths = ["quarantine"] }]
explains = [{ finding = "queue.thing.late", end = "same" }]
[["queue.thing.stuck".fixes]]
id = "push"
kind = "approval"
approvals = 1
commands = ["push", "{ciphers}"]
undo = ["pull"]
risk = "low"
source = "TechNote 200068, Listeners"

["queue.thing.late"]
subjects = ["quarantine", "sma"]
[["queue.thing.late".fixes]]
id = "wait"
kind = "manual"
risk = "low"
source = "TechNote 200068, Logging"
"""
TEXTS = """
["queue.thing.stuck"]
title = "{waiting} wait on {sender}"
why = "Nothing moves."
["queue.thing.stuck".fixes.push]
title = "Push"
effect = "It moves."
risk = "It may move too fast."

["queue.thing.late"]
title = "Late at {subject}"
why = "It is slow."
["queue.thing.late".fixes.wait]
title = "Wait"
steps = ["Wait."]
"""
REASONS = 'no-log = "{appliance} has no log"\n'
WORDS = 'unknown = "?"\nnot_read = "Not read."\nnot_applied = "Not applied."\n'


def write(
    root: Path, catalogue: str = CATALOGUE, texts: str = TEXTS, languages: tuple[str, ...] = ("en",)
) -> Path:
    (root / "catalogue").mkdir(exist_ok=True)
    (root / "catalogue" / "queue.toml").write_text(catalogue)
    for language in languages:
        folder = root / "texts" / language
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "queue.toml").write_text(texts)
        for name in FILES:
            (folder / f"{name}.toml").touch()
        (folder / "words.toml").write_text(WORDS)
        (folder / "reasons.toml").write_text(REASONS)
        (folder / "remediation.toml").write_text('observe = "{site} is only observed."\n')
    return root


def test_reads_what_fits_together_in_any_number_of_languages(tmp_path: Path) -> None:
    knowledge = read(write(tmp_path, languages=("es", "en")))

    assert knowledge.findings == ("queue.thing.stuck", "queue.thing.late")
    assert knowledge.languages == ("en", "es")


def test_an_edge_may_list_several_findings(tmp_path: Path) -> None:
    several = CATALOGUE.replace('finding = "queue.thing.late"', 'finding = ["queue.thing.late", "queue.*"]')

    edges = read(write(tmp_path, several)).entry("queue.thing.stuck").explains

    assert [edge.finding for edge in edges] == ["queue.thing.late", "queue.*"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('subjects = ["quarantine"]', 'subject = "sma"', "queue.thing.stuck: subject"),
        ('paths = ["quarantine"]', 'paths = ["mail"]', "queue.thing.stuck: stops.0.paths"),
        ('paths = ["quarantine"]', "paths = []", "queue.thing.stuck: stops.0.paths"),
        ('paths = ["quarantine"]', 'paths = ["release"]', "stops: the finding never stands at release"),
        ('["quarantine"] }', '["quarantine"], end = "sender" }', "this one never stands at one"),
        ('["quarantine"] }', '["quarantine"], when = { nobody = "x" } }', "nobody is not a detail"),
        ("explains", 'proof = "hope"\nexplains', "queue.thing.stuck: proof"),
        ("explains", 'prevents = "all"\nexplains', "queue.thing.stuck: prevents"),
        ('risk = "low"', 'risk = "none"', "queue.thing.stuck: fixes.0.risk"),
        (
            'finding = "queue.thing.late"',
            'finding = "queue.nothing"',
            "explains queue.nothing, which no finding",
        ),
        ('end = "same"', 'end = "same", when = { nobody = "x" }', "nobody is not a detail"),
        ('end = "same"', 'end = "same", listed = "nobody"', "nobody is not a detail"),
        ('end = "same"', 'end = "same", when = { waiting = "(" }', "'(' is not a regular expression"),
        ('kind = "approval"', 'kind = "manual"', "the manual fix push must not have commands"),
        ("approvals = 1", "approvals = 0", "the fix push needs commands and the number of approvals"),
        ('commands = ["push", "{ciphers}"]', "commands = []", "the fix push needs commands"),
        ("{ciphers}", "{waitng}", "push: nothing fills the placeholder {waitng}"),
        ("{ciphers}", "{ciphers", "belongs to no placeholder"),
        ('id = "push"', 'id = "push"\nsubjects = ["esa"]', "push: the finding never stands at esa"),
        (
            '"TechNote 200068, Listeners"',
            '{ release = "TechNote 200068, Listeners" }',
            "push: source must name exactly quarantine",
        ),
        ('["queue.thing.late"]', '["tls.thing.late"]', "tls.thing.late does not belong to the area queue"),
        ('["queue.thing.late"]', "[queue.thing.late", "not a TOML file"),
    ],
)
def test_refuses_a_catalogue(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in CATALOGUE

    with pytest.raises(Unusable) as refused:
        read(write(tmp_path, catalogue=CATALOGUE.replace(old, new, 1)))

    assert str(refused.value).startswith("catalogue/queue.toml: ")
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('title = "Push"', 'titel = "Push"', "queue.thing.stuck: fixes.push.title"),
        ('why = "Nothing moves."', "", "queue.thing.stuck: why"),
        ("Nothing moves.", "  ", "queue.thing.stuck: why"),
        ("{sender}", "{nobody}", "queue.thing.stuck: nothing fills the placeholder {nobody}"),
        ("{subject}", "{sender}", "queue.thing.late: nothing fills the placeholder {sender}"),
        ("It moves.", "It {moves", "belongs to no placeholder"),
        (
            '"queue.thing.late"',
            '"queue.thing.never"',
            "queue.thing.late: the text is missing",
        ),
        (
            '["queue.thing.late".fixes.wait]',
            '["queue.thing.never"]\ntitle = "x"\nwhy = "x"\n["queue.thing.late".fixes.wait]',
            "queue.thing.never: the catalogue has no such finding",
        ),
        (
            '["queue.thing.late".fixes.wait]',
            '["queue.thing.late".fixes.rest]',
            "the text of the fix wait is missing",
        ),
        ('steps = ["Wait."]', "", "fixes.wait: a manual fix needs steps"),
        ('effect = "It moves."', "", "fixes.push: a fix that people approve needs effect, risk and undo"),
        ('risk = "It may move too fast."', "", "fixes.push: a fix that people approve needs effect"),
        (
            'why = "It is slow."',
            'why = "It is slow."\nvariants = [{ title = "x" }]',
            "a variant needs a title or a why",
        ),
        (
            'why = "Nothing moves."',
            'why = "Nothing moves."\nvariants = [{ why = "x", when = { nobody = "y" } }]',
            "variants: nobody is not a detail",
        ),
    ],
)
def test_refuses_texts(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in TEXTS
    write(tmp_path)

    with pytest.raises(Unusable) as refused:
        read(write(tmp_path, texts=TEXTS.replace(old, new), languages=("es",)))

    assert str(refused.value).startswith("texts/es/queue.toml: ")
    assert sentence in str(refused.value)


def test_refuses_an_approval_without_a_way_back(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"fixes\.push: a fix that people approve needs effect, risk and undo"):
        read(write(tmp_path, catalogue=CATALOGUE.replace('undo = ["pull"]', "")))


def test_an_approval_may_say_that_there_is_no_way_back(tmp_path: Path) -> None:
    told = TEXTS.replace('risk = "It may', 'undo = "There is none."\nrisk = "It may')

    assert read(write(tmp_path, catalogue=CATALOGUE.replace('undo = ["pull"]', ""), texts=told)).languages


@pytest.mark.parametrize("name", ["words", "reasons"])
def test_refuses_a_language_without_words_or_reasons(tmp_path: Path, name: str) -> None:
    (write(tmp_path) / "texts" / "en" / f"{name}.toml").unlink()

    with pytest.raises(Unusable, match=rf"texts/en/{name}\.toml: the file is missing"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("reasons", "sentence"),
    [
        ("", "no-log stands only in one of en and es"),
        (f'{REASONS}other = "x"', "other stands only in one of en and es"),
        ('no-log = "Sin log."', "no-log has other placeholders than in en"),
        (
            'no-log = "{appliance sin log"',
            "no-log: a brace in '{appliance sin log' belongs to no placeholder",
        ),
        ('no-log = ""', "no-log: String should have at least 1 character"),
        ("no-log = 1", "no-log: Input should be a valid string"),
    ],
)
def test_refuses_reasons_that_differ_between_languages(tmp_path: Path, reasons: str, sentence: str) -> None:
    write(tmp_path, languages=("en", "es"))
    (tmp_path / "texts" / "es" / "reasons.toml").write_text(reasons)

    with pytest.raises(Unusable) as refused:
        read(tmp_path)

    assert str(refused.value).startswith(f"texts/es/reasons.toml: {sentence}")


def test_refuses_a_sentence_that_one_language_lacks_and_one_that_two_files_have(tmp_path: Path) -> None:
    write(tmp_path, languages=("en", "es"))
    (tmp_path / "texts" / "en" / "slack.toml").write_text('observe = "Only observed."\n')

    with pytest.raises(Unusable, match=r"texts/es/slack\.toml: observe stands only in one of en and es"):
        read(tmp_path)

    (tmp_path / "texts" / "es" / "slack.toml").write_text('observe = "Solo se observa."\n')
    with pytest.raises(Unusable, match=r"texts/en/slack\.toml: observe stands in remediation\.toml too"):
        read(tmp_path)


def test_refuses_an_installation_without_knowledge(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="catalogue: the folder is missing"):
        read(tmp_path)


def test_the_packaged_knowledge_is_read_once() -> None:
    assert load() is load()
