"""What is known about a finding in general: the document `pvo-explanation/1` of `pvo explain`."""

from typing import Literal

from pydantic import Field

from bot.model.report import Fix, Part
from bot.model.subject import Kind


class GeneralFix(Fix):
    """A fix as the catalogue has it; `subjects` are the kinds that it is for."""

    subjects: tuple[Kind, ...]


class Article(Part):
    """One finding without a site: values that only a run knows stand as words, such as ‹port›.

    `subjects` are the kinds of subject it stands at; a fix has the applicability of the catalogue; `explains` and
    `explained_by` are ids of findings.
    """

    schema_: Literal["pvo-explanation/1"] = Field(default="pvo-explanation/1", alias="schema")
    id: str
    language: str
    subjects: tuple[Kind, ...]
    title: str
    why: str
    fixes: tuple[GeneralFix, ...] = ()
    explains: tuple[str, ...] = ()
    explained_by: tuple[str, ...] = ()
