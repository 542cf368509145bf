"""What every command of the terminal understands, and how a report becomes an exit status."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.model.languages import languages

if TYPE_CHECKING:
    from bot.model.report import Report
    from bot.settings import Level, Settings

WRONG, UNUSABLE, UNTOLD = 1, 2, 3


class Format(StrEnum):
    """How something is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class Language(StrEnum):
    """The languages that texts for people come in."""

    _ignore_ = "members name"
    members = vars()
    for name in languages():
        members[name] = name


InventoryOption = Annotated[
    Path | None,
    typer.Option("--inventory", metavar="FILE", help="The inventory, sites.toml (or PVO_INVENTORY)."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print it.")]
LanguageOption = Annotated[
    Language | None,
    typer.Option("--language", help="Language of the texts (or PVO_LANGUAGE, else the locale's)."),
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Print nothing but the result.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", help="Print every check and all evidence.")]
QuietLogOption = Annotated[bool, typer.Option("--quiet", help="Log errors alone.")]
VerboseLogOption = Annotated[bool, typer.Option("--verbose", help="Log everything.")]
PictureOption = Annotated[
    Path | None,
    typer.Option("--picture", metavar="FILE", help="Also draw the paths: FILE.svg or FILE.png."),
]


def spoken(language: Language | None, settings: "Settings") -> str:
    """The language that was asked for, else the preferred one."""
    from bot.settings import preferred_language

    return language.value if language else preferred_language(settings)


def log_level(quiet: bool, verbose: bool = False) -> "Level | None":
    """The level that the options say, None where PVO_LOG_LEVEL decides."""
    return "error" if quiet else "debug" if verbose else None


def exit_status(report: "Report") -> int:
    """0 nothing wrong, 1 something is wrong, 3 could not tell."""
    if any(finding.counts for finding in report.findings):
        return WRONG
    return UNTOLD if report.verdict == "unknown" else 0
