"""What is known about every finding, and how it is told to people in their language."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.knowledge.entries import Entry, Prevented, Remedy
from bot.knowledge.placeholders import fill_line, values
from bot.knowledge.texts import FixText, Text, Words
from bot.knowledge.voice import Voice, sentences
from bot.model.errors import Unusable
from bot.model.finding import Detail, Finding, Severity
from bot.model.report import Fix
from bot.model.subject import Kind, Path


@dataclass(frozen=True, slots=True)
class Description:
    """A finding in words: what is wrong where, what that does to mail, and what the sources say to do."""

    title: str
    why: str
    fixes: tuple[Fix, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """One language: what it tells of each finding, by id, and the voice that says everything else."""

    texts: Mapping[str, Text]
    words: Words
    voice: Voice

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why a check ended without a judgement, by key."""
        return sentences(self.voice.language, "reasons", self.voice.folder)

    @property
    def remarks(self) -> Mapping[str, str]:
        """What is said about remediations, by key."""
        return sentences(self.voice.language, "remediation", self.voice.folder)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The whole catalogue with its texts; `load` has checked that both fit."""

    entries: Mapping[str, Entry]
    texts: Mapping[str, Language]

    @property
    def findings(self) -> tuple[str, ...]:
        """Every finding id, in the order of the catalogue."""
        return tuple(self.entries)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that every text exists in."""
        return tuple(self.texts)

    def entry(self, finding_id: str) -> Entry:
        """What the catalogue says about a finding; `Unusable` when it does not know the id."""
        if finding_id not in self.entries:
            raise Unusable(f"{finding_id} is not a finding of this catalogue.")
        return self.entries[finding_id]

    def stops(self, finding: Finding, path: Path) -> bool:
        """Whether nothing passes on the path because of the finding."""
        return finding.severity is Severity.CRITICAL and any(
            stop.covers(finding, path) for stop in self.entry(finding.id).stops
        )

    def prevents(self, finding_id: str, what: Prevented) -> bool:
        """Whether the finding prevents this at its subject."""
        return self.entry(finding_id).prevents == what

    def matters(self, check: str) -> bool:
        """Whether the site is not healthy as long as the check (an id) could not tell."""
        return any(self.entries[name].matters for name in self._findings_of(check))

    def probes(self, check: str) -> bool:
        """Whether its paths work only as far as the check (an id) can tell."""
        return any(self.entries[name].probes for name in self._findings_of(check))

    def _findings_of(self, check: str) -> list[str]:
        return [name for name in self.entries if name.startswith(f"{check}.")]

    def words(self, language: str) -> Words:
        """What is said about no finding in particular; `Unusable` for an unknown language."""
        return self.language(language).words

    def explain(self, language: str, reason: str, details: Mapping[str, Detail]) -> str:
        """Why a check ended without a judgement, in one sentence without a full stop.

        A reason without a text stands for itself. `Unusable` for an unknown language.
        """
        told = self.language(language)
        return told.voice.fill(told.reasons.get(reason, reason), details)

    def remark(self, language: str, key: str, details: Mapping[str, Detail]) -> str:
        """A sentence about a remediation, filled in: a refusal, a note of its plan, how it ended."""
        return self.language(language).voice.tell(key, details)

    def describe(self, finding: Finding, language: str) -> Description:
        """A finding in words, its fixes filled in as far as its details allow.

        Applicability is what the catalogue says; a fix whose lines cannot be filled in is manual and says so.
        `Unusable` for an id or a language that is not known.
        """
        entry, told = self.entry(finding.id), self.language(language)
        text, details = told.texts[finding.id], values(finding)
        return Description(
            title=told.voice.fill(text.title_of(finding), details),
            why=told.voice.fill(text.why_of(finding), details),
            fixes=tuple(
                _tell_fix(fix, text.fixes[fix.id], finding.subject.kind, told, details)
                for fix in entry.fixes
                if fix.applies(finding)
            ),
        )

    def language(self, name: str) -> Language:
        """The texts of a language; `Unusable` when there are none."""
        if name not in self.texts:
            raise Unusable(f"There are no texts in {name!r}; there are: {', '.join(self.texts)}.")
        return self.texts[name]


def _tell_fix(
    remedy: Remedy, text: FixText, kind: Kind, told: Language, details: Mapping[str, Detail]
) -> Fix:
    """A fix for a finding at a subject of this kind."""
    commands, undo = _lines(remedy.commands, details), _lines(remedy.undo, details)
    complete = commands is not None and undo is not None
    return Fix(
        id=remedy.id,
        title=told.voice.fill(text.title, details),
        applicability=remedy.kind if complete else "manual",
        approvals=remedy.approvals if complete else 0,
        because=None if complete else told.words.not_read,
        steps=tuple(told.voice.fill(step, details) for step in text.steps),
        commands=commands or () if complete else (),
        undo=undo or () if complete else (),
        risk=remedy.risk,
        effect=" ".join(told.voice.fill(part, details) for part in text.consequences),
        source=remedy.cite(kind),
    )


def _lines(templates: tuple[str, ...], details: Mapping[str, Detail]) -> tuple[str, ...] | None:
    lines = [fill_line(template, details) for template in templates]
    return None if None in lines else tuple(line for line in lines if line is not None)
