"""A finding told in general: every text and fix of it, with words where a run would have values."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import get_args

from bot.knowledge.edges import Edge
from bot.knowledge.entries import Entry, Remedy
from bot.knowledge.knowledge import Knowledge, Language
from bot.knowledge.placeholders import names
from bot.knowledge.texts import FixText
from bot.model.article import Article, GeneralFix
from bot.model.errors import Unusable
from bot.model.subject import Kind

MATCHES = 5
APPLIANCES = ("sma", "esa")


def write_article(knowledge: Knowledge, finding_id: str, language: str) -> Article:
    """What is known about the finding; `Unusable` with the closest ids for one that is not known."""
    if finding_id not in knowledge.entries:
        raise Unusable(f"There is no finding {finding_id!r}; {_hint(finding_id, knowledge.findings)}.")
    entry, told = knowledge.entry(finding_id), knowledge.language(language)
    text = told.texts[finding_id]
    return Article(
        id=finding_id,
        language=language,
        subjects=_kinds(entry.subjects),
        title=_say(text.title, told),
        why=_say(text.why, told),
        fixes=tuple(_tell(fix, entry, text.fixes[fix.id], told) for fix in entry.fixes),
        explains=_explained(knowledge, finding_id),
        explained_by=tuple(
            other for other in knowledge.findings if finding_id in _explained(knowledge, other)
        ),
    )


def find_closest(written: str, known: tuple[str, ...]) -> list[str]:
    """At most MATCHES of the known ids that contain what was written or look like it, best first."""
    wanted = written.strip().casefold()
    holding = [name for name in known if wanted and wanted in name]
    alike = get_close_matches(wanted, known, MATCHES, 0.5)
    lasts = {name.rsplit(".", 1)[-1]: name for name in known}
    by_end = [lasts[end] for end in get_close_matches(wanted, list(lasts), MATCHES, 0.6)]
    return list(dict.fromkeys([*holding, *alike, *by_end]))[:MATCHES]


def _kinds(kinds: frozenset[Kind]) -> tuple[Kind, ...]:
    return tuple(kind for kind in get_args(Kind) if kind in kinds)


def _hint(written: str, known: tuple[str, ...]) -> str:
    if closest := find_closest(written, known):
        return f"the closest are {', '.join(closest)}"
    return f"ids begin with {', '.join(dict.fromkeys(name.split('.')[0] for name in known))}"


def _explained(knowledge: Knowledge, finding_id: str) -> tuple[str, ...]:
    entry = knowledge.entry(finding_id)
    return tuple(
        other
        for other in knowledge.findings
        if other != finding_id
        and any(edge.matches(other) and _meet(edge, entry, knowledge.entry(other)) for edge in entry.explains)
    )


def _meet(edge: Edge, cause: Entry, effect: Entry) -> bool:
    """Whether the edge can relate a subject of one to a subject of the other."""
    kinds = effect.subjects & edge.kinds if edge.kinds else effect.subjects
    if edge.end in ("same", "peer"):
        return bool({kind in APPLIANCES for kind in cause.subjects} & {kind in APPLIANCES for kind in kinds})
    return bool(kinds)


def _say(template: str, told: Language) -> str:
    return told.voice.fill(template, _in_words(template, told.words.placeholders))


def _in_words(template: str, words: Mapping[str, str]) -> dict[str, str]:
    return {name: f"‹{words.get(name, name.replace('_', ' '))}›" for name in names(template)}


def _tell(remedy: Remedy, entry: Entry, text: FixText, told: Language) -> GeneralFix:
    sources = [remedy.source] if isinstance(remedy.source, str) else dict.fromkeys(remedy.source.values())
    return GeneralFix(
        id=remedy.id,
        subjects=_kinds(remedy.subjects or entry.subjects),
        title=_say(text.title, told),
        applicability=remedy.kind,
        approvals=remedy.approvals,
        steps=tuple(_say(step, told) for step in text.steps),
        commands=tuple(_say(line, told) for line in remedy.commands),
        undo=tuple(_say(line, told) for line in remedy.undo),
        risk=remedy.risk,
        effect=" ".join(_say(part, told) for part in text.consequences),
        source="; ".join(sources),
    )
