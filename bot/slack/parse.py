"""The command `/pvo`: what was typed, read without any I/O, and what is answered before anything is asked."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.slack.blocks import cut, escape
from bot.slack.texts import say
from bot.slack.thread import AREAS

COMMANDS = ("check", "sites", "help")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Check:
    """`/pvo check SITE [AREA…]`; whether the site exists is asked after authorising."""

    site: str
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sites:
    """`/pvo sites`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A private answer that needs nothing but what was typed: help, or what is wrong with it."""

    text: str


def parse(text: str) -> Check | Sites | Answer:
    """Reads what stands behind `/pvo`; words are parted by blanks or commas, case does not matter."""
    words = [word for word in re.split(r"[\s,]+", text.strip().lower()) if word]
    if not words or words == ["help"]:
        return Answer(say("help", areas=", ".join(AREAS)))
    command, *rest = words
    if command == "check":
        return _parse_check(rest)
    if command not in COMMANDS:
        return Answer(say("command.unknown", word=show(command), nearest=nearest(command, COMMANDS)))
    return Answer(say("command.extra", command=command)) if rest else Sites()


def _parse_check(words: list[str]) -> Check | Answer:
    if not words:
        return Answer(say("command.site-missing"))
    site, *areas = words
    for area in areas:
        if area not in AREAS:
            known = ", ".join(AREAS)
            return Answer(say("area.unknown", word=show(area), nearest=nearest(area, AREAS), areas=known))
    return Check(site, tuple(area for area in AREAS if area in areas))


def find_site(word: str, sites: Iterable[str]) -> str | None:
    """The inventory's name of a site that a person typed in any case; None when there is none."""
    return next((site for site in sites if site.lower() == word.lower()), None)


def refuse_site(word: str, sites: Iterable[str]) -> str:
    """What is told to a person who named a site that does not exist."""
    return say("site.unknown", word=show(word), nearest=nearest(word, sites))


def nearest(word: str, known: Iterable[str]) -> str:
    """A question that names the closest matches, or nothing."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=3, cutoff=0.5)
    if not close:
        return ""
    return say("nearest", words=say("nearest.or").join(f"`{by_lower[name]}`" for name in close))


def show(word: str) -> str:
    """A typed word, quoted without harm."""
    return cut(escape(word), _SHOWN)
