"""The texts of one language: title and why of every finding; title, steps and effect of every fix."""

from collections.abc import Mapping
from typing import Self

from pydantic import model_validator

from bot.knowledge.tables import Conditional, Sentence, Table
from bot.model.finding import Finding


class FixText(Table):
    """What people read about a fix: `effect` is what it does, `risk` why it is risky, `undo` how to go back."""

    title: Sentence
    steps: tuple[Sentence, ...] = ()
    effect: Sentence | None = None
    risk: Sentence | None = None
    undo: Sentence | None = None

    @property
    def templates(self) -> tuple[str, ...]:
        """Every text that may hold placeholders."""
        return (self.title, *self.steps, *self.consequences)

    @property
    def consequences(self) -> tuple[str, ...]:
        """What follows from doing it: effect, risk, undo, as far as they are told."""
        return tuple(text for text in (self.effect, self.risk, self.undo) if text is not None)


class Variant(Conditional):
    """Another title or another why for some of the findings with this id."""

    title: Sentence | None = None
    why: Sentence | None = None

    @model_validator(mode="after")
    def _says_something_else(self) -> Self:
        if not (self.title or self.why) or not (self.subjects or self.severity or self.when):
            raise ValueError("a variant needs a title or a why, and subjects, severity or when")
        return self


class Text(Table):
    """What people read about a finding.

    The first variant that applies and has a title replaces the title, the first that has a why replaces the why.
    """

    title: Sentence
    why: Sentence
    variants: tuple[Variant, ...] = ()
    fixes: Mapping[str, FixText] = {}

    def title_of(self, finding: Finding) -> str:
        """The title for this finding, its placeholders unfilled."""
        return next((v.title for v in self.variants if v.title and v.applies(finding)), self.title)

    def why_of(self, finding: Finding) -> str:
        """The why for this finding, its placeholders unfilled."""
        return next((v.why for v in self.variants if v.why and v.applies(finding)), self.why)


class Words(Table):
    """What is said about no finding in particular.

    `unknown` stands where a placeholder cannot be filled; `placeholders` are words for placeholders where no
    finding is at hand (a name without one is its own word); the others are sentences on why a fix is manual.
    """

    unknown: Sentence
    not_read: Sentence
    not_applied: Sentence
    placeholders: Mapping[str, Sentence] = {}
