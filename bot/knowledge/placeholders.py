"""Placeholders: `{name}` in a text or a command line stands for a detail of the finding."""

import re
from collections.abc import Iterable, Mapping

from bot.knowledge.tables import show
from bot.model.finding import Detail, Finding
from bot.model.subject import Kind, Path

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
PATHS: frozenset[Kind] = frozenset({"quarantine", "release", "command"})


def names(template: str) -> frozenset[str]:
    """The placeholders of a text; ValueError for a brace that belongs to none."""
    if re.search(r"[{}]", _PLACEHOLDER.sub("", template)):
        raise ValueError(f"a brace in {template!r} belongs to no placeholder")
    return frozenset(_PLACEHOLDER.findall(template))


def provided(subjects: Iterable[Kind]) -> frozenset[str]:
    """The placeholders that every finding with a subject of these kinds can fill without a detail."""
    return frozenset({"subject", "sender", "receiver"} if PATHS.issuperset(subjects) else {"subject"})


def values(finding: Finding) -> Mapping[str, Detail]:
    """What a finding's placeholders stand for: its details and its subject's names."""
    subject = finding.subject
    ends = (
        {"sender": str(subject.sender), "receiver": str(subject.receiver)}
        if isinstance(subject, Path)
        else {}
    )
    return {**finding.details, **ends, "subject": str(subject)}


def fill(template: str, details: Mapping[str, Detail], unknown: str) -> str:
    """The text with every placeholder filled; `unknown` stands for what is not known.

    A detail may be a sentence that brings its own full stop; the one of the text is left out then.
    """

    def value(match: re.Match[str]) -> str:
        told, stop = show(details.get(match[1])) or unknown, match[2]
        return told if told.endswith((".", "!", "?")) else told + stop

    return re.sub(rf"{_PLACEHOLDER.pattern}(\.?)", value, template)


def fill_line(template: str, details: Mapping[str, Detail]) -> str | None:
    """A command line with every placeholder filled, or None when one cannot be: a line has no holes.

    A value with a line break would be two lines, so it fills nothing either.
    """
    found = {name: show(details.get(name)) for name in names(template)}
    if any(not value or not value.isprintable() for value in found.values()):
        return None
    return _PLACEHOLDER.sub(lambda match: found[match[1]], template)
