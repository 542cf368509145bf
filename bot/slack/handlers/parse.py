"""The command `/pvo`: what was typed, read without any I/O, and what is answered before anything is asked."""

import datetime as dt
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bot.slack.texts import Told, Voice, tell
from bot.slack.views.blocks import cut, escape
from bot.slack.views.thread import AREAS

COMMANDS = ("check", "status", "sites", "explain", "history", "pending", "watch", "mute", "health", "help")
LONGEST_MUTE = dt.timedelta(days=30)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"(\d{1,5})([mhd])")
_SHOWN, _REASON = 60, 200


@dataclass(frozen=True, slots=True)
class Check:
    """`/pvo check SITE [AREA…]`; whether the site exists is asked after authorising."""

    site: str
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """`/pvo sites`, `status [SITE]`, `history SITE`, `health`: something to tell an operator."""

    about: Literal["sites", "status", "history", "health"]
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """`/pvo pending`: what waits, for operators and approvers."""


@dataclass(frozen=True, slots=True)
class Explain:
    """`/pvo explain FINDING`."""

    finding: str


@dataclass(frozen=True, slots=True)
class Watch:
    """`/pvo watch SITE on|off`."""

    site: str
    on: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """`/pvo mute SITE DURATION REASON`; a duration of None ends it."""

    site: str
    duration: dt.timedelta | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A private answer that needs nothing but what was typed: help, or what is wrong with it."""

    told: Told


Asked = Check | Look | Pending | Explain | Watch | Silence | Answer


def parse(text: str) -> Asked:
    """Reads what stands behind `/pvo`; words are parted by blanks or commas, case does not matter."""
    words = [word for word in re.split(r"[\s,]+", text.strip().lower()) if word]
    if not words or words == ["help"]:
        return Answer(tell("help", areas=", ".join(AREAS)))
    command, *rest = words
    match command:
        case "check":
            return _parse_check(rest)
        case "status" | "history" | "sites" | "health":
            return _parse_look(command, rest)
        case "explain":
            return Explain(rest[0]) if rest else Answer(tell("explain.missing"))
        case "watch":
            on = {"on": True, "off": False}.get(rest[1]) if len(rest) == 2 else None
            return Answer(tell("watch.how")) if on is None else Watch(rest[0], on)
        case "mute":
            return _parse_mute(text.strip().split(maxsplit=3)[1:])
        case "pending" if not rest:
            return Pending()
        case "help" | "pending":
            return Answer(tell("command.extra", command=command))
        case _:
            return Answer(_unknown("command.unknown", command, COMMANDS))


def _unknown(key: str, word: str, known: tuple[str, ...], **more: str) -> Told:
    return lambda voice: voice.say(key, word=show(word), nearest=nearest(voice, word, known), **more)


def _parse_check(words: list[str]) -> Check | Answer:
    if not words:
        return Answer(tell("command.site-missing"))
    site, *areas = words
    for area in areas:
        if area not in AREAS:
            return Answer(_unknown("area.unknown", area, AREAS, areas=", ".join(AREAS)))
    return Check(site, tuple(area for area in AREAS if area in areas))


def _parse_look(about: Literal["status", "history", "sites", "health"], words: list[str]) -> Look | Answer:
    if len(words) > (1 if about in ("status", "history") else 0):
        return Answer(tell("command.extra", command=about))
    if about == "history" and not words:
        return Answer(tell("command.site-missing"))
    return Look(about, words[0] if words else None)


def _parse_mute(words: list[str]) -> Silence | Answer:
    if len(words) < 2:
        return Answer(tell("mute.how"))
    site, span = words[0].lower(), words[1].lower()
    if span == "off":
        return Silence(site, None)
    duration = read_duration(span)
    if duration is None:
        return Answer(tell("mute.duration", word=show(span)))
    if len(words) < 3:
        return Answer(tell("mute.reason", site=show(site), duration=span))
    return Silence(site, duration, cut(words[2].strip(), _REASON))


def read_duration(word: str) -> dt.timedelta | None:
    """`30m`, `2h`, `1d`; None when it is none, or nothing, or above the longest."""
    found = _DURATION.fullmatch(word)
    if found is None:
        return None
    duration = dt.timedelta(**{_UNITS[found[2]]: int(found[1])})
    return duration if dt.timedelta() < duration <= LONGEST_MUTE else None


def find_site(word: str, sites: Iterable[str]) -> str | None:
    """The inventory's name of a site that a person typed in any case; None when there is none."""
    return next((site for site in sites if site.lower() == word.lower()), None)


def find_named(text: str, sites: Iterable[str]) -> list[str]:
    """The sites whose names stand as words of their own in a text."""
    return [
        site
        for site in sites
        if re.search(rf"(?<![\w.-]){re.escape(site)}(?![\w-]|\.\w)", text, re.IGNORECASE)
    ]


def refuse_site(word: str, sites: Iterable[str]) -> Told:
    """What is told to a person who named a site that does not exist."""
    return _unknown("site.unknown", word, tuple(sites))


def nearest(voice: Voice, word: str, known: Iterable[str]) -> str:
    """A question that names the closest matches, or nothing."""
    by_lower = {name.lower(): name for name in known}
    close = [by_lower[name] for name in difflib.get_close_matches(word.lower(), by_lower, n=3, cutoff=0.5)]
    return suggest(voice, close)


def suggest(voice: Voice, close: list[str]) -> str:
    """A question that names these, or nothing."""
    if not close:
        return ""
    return voice.say("nearest", words=voice.say("nearest.or").join(f"`{name}`" for name in close))


def show(word: str) -> str:
    """A typed word, quoted without harm."""
    return cut(escape(word), _SHOWN)
