"""Whether the catalogue agrees with itself and each language with the catalogue."""

from collections.abc import Iterable, Mapping

from bot.knowledge.effects import Stop
from bot.knowledge.entries import Entry, Remedy
from bot.knowledge.placeholders import PATHS, names, provided
from bot.knowledge.tables import Conditional
from bot.knowledge.texts import FixText, Text
from bot.model.errors import Unusable
from bot.model.subject import Kind


def check_entries(entries: Mapping[str, Entry]) -> None:
    """Refuses edges to unknown findings, conditions on details nobody declares, lines with unknown placeholders."""
    for finding_id, entry in entries.items():
        where = f"catalogue/{_area(finding_id)}.toml: {finding_id}"
        for edge in entry.explains:
            if not any(edge.matches(other) for other in entries):
                raise Unusable(f"{where}: explains {edge.finding}, which no finding matches.")
            _check_details(where, [*edge.when, *([edge.listed] if edge.listed else [])], entry)
        for stop in entry.stops:
            _check_stop(f"{where}: stops", stop, entry)
        for fix in entry.fixes:
            _check_condition(f"{where}: {fix.id}", fix, entry)
            _check_sources(f"{where}: {fix.id}", fix, fix.subjects or entry.subjects)
            _check_placeholders(f"{where}: {fix.id}", (*fix.commands, *fix.undo), entry, fix.subjects)


def check_texts(language: str, entries: Mapping[str, Entry], texts: Mapping[str, Text]) -> None:
    """Refuses missing and superfluous texts, placeholders nobody fills, approvals that hide what they do."""
    for finding_id in [*entries, *texts]:
        where = f"texts/{language}/{_area(finding_id)}.toml: {finding_id}"
        if finding_id not in texts:
            raise Unusable(f"{where}: the text is missing.")
        if finding_id not in entries:
            raise Unusable(f"{where}: the catalogue has no such finding.")
        _check_text(where, entries[finding_id], texts[finding_id])


def check_sentences(file: str, reasons: Mapping[str, Mapping[str, str]]) -> None:
    """Refuses languages (by name) whose sentences in `file` differ in their keys or in their placeholders."""
    first, *others = reasons
    for language in others:
        where = f"texts/{language}/{file}"
        for key in [*reasons[first], *reasons[language]]:
            if key not in reasons[language] or key not in reasons[first]:
                raise Unusable(f"{where}: {key} stands only in one of {first} and {language}.")
            if _names(f"{where}: {key}", reasons[language][key]) != _names(where, reasons[first][key]):
                raise Unusable(f"{where}: {key} has other placeholders than in {first}.")


def _check_text(where: str, entry: Entry, text: Text) -> None:
    _check_placeholders(where, (text.title, text.why), entry)
    for variant in text.variants:
        _check_condition(f"{where}: variants", variant, entry)
        told = [part for part in (variant.title, variant.why) if part]
        _check_placeholders(f"{where}: variants", told, entry, variant.subjects)
    _check_fixes(where, entry, text)


def _check_fixes(where: str, entry: Entry, text: Text) -> None:
    known = {fix.id: fix for fix in entry.fixes}
    for fix_id in [*known, *text.fixes]:
        if fix_id not in text.fixes:
            raise Unusable(f"{where}: the text of the fix {fix_id} is missing.")
        if fix_id not in known:
            raise Unusable(f"{where}: the catalogue has no fix {fix_id} for it.")
        fix, told = known[fix_id], text.fixes[fix_id]
        _check_approval(f"{where}: fixes.{fix_id}", fix, told)
        _check_placeholders(f"{where}: fixes.{fix_id}", told.templates, entry, fix.subjects)


def _check_approval(where: str, fix: Remedy, text: FixText) -> None:
    if fix.kind == "manual":
        if not text.steps:
            raise Unusable(f"{where}: a manual fix needs steps.")
        return
    if not (text.effect and text.risk and (fix.undo or text.undo)):
        raise Unusable(f"{where}: a fix that people approve needs effect, risk and undo.")


def _check_condition(where: str, condition: Conditional, entry: Entry) -> None:
    _check_details(where, condition.when, entry)
    if strange := condition.subjects - entry.subjects:
        raise Unusable(f"{where}: the finding never stands at {', '.join(sorted(strange))}.")


def _check_stop(where: str, stop: Stop, entry: Entry) -> None:
    _check_details(where, stop.when, entry)
    stood = entry.subjects & PATHS
    if strange := stop.paths - (PATHS if stop.end else stood):
        raise Unusable(
            f"{where}: the finding never stands at {', '.join(sorted(strange))}; `end` is missing."
        )
    if stop.end and stood == entry.subjects:
        raise Unusable(f"{where}: `end` is for findings at an appliance; this one never stands at one.")


def _check_sources(where: str, fix: Remedy, subjects: frozenset[Kind]) -> None:
    if not isinstance(fix.source, str) and fix.source.keys() != subjects:
        raise Unusable(f"{where}: source must name exactly {', '.join(sorted(subjects))}.")


def _check_details(where: str, wanted: Iterable[str], entry: Entry) -> None:
    for name in wanted:
        if name not in entry.details:
            raise Unusable(f"{where}: {name} is not a detail that the catalogue declares for it.")


def _check_placeholders(
    where: str, templates: Iterable[str], entry: Entry, subjects: frozenset[Kind] = frozenset()
) -> None:
    filled = provided(subjects or entry.subjects) | set(entry.details)
    for template in templates:
        if unfilled := _names(where, template) - filled:
            raise Unusable(f"{where}: nothing fills the placeholder {{{min(unfilled)}}}.")


def _names(where: str, template: str) -> frozenset[str]:
    try:
        return names(template)
    except ValueError as error:
        raise Unusable(f"{where}: {error}.") from error


def _area(finding_id: str) -> str:
    return finding_id.split(".", 1)[0]
