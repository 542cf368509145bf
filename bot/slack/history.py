"""The history of a site as a small plot, pure: a strip of verdicts, a line of what waited, and the changes."""

from collections.abc import Sequence
from itertools import pairwise

from bot.model.watch import Entry
from bot.slack import blocks as kit
from bot.slack.blocks import Post, escape
from bot.slack.sites import clock, tell_causes
from bot.slack.texts import EMOJI, Voice

SHOWN, STRIP, CHANGES = 96, 32, 10
BARS = "▁▂▃▄▅▆▇█"


def render_history(title: str, entries: Sequence[Entry], voice: Voice) -> Post:
    """At least one entry, oldest first."""
    text = voice.say(
        "history.text",
        title=escape(title),
        count=len(entries),
        first=clock(entries[0].at),
        last=clock(entries[-1].at),
    )
    strip = " ".join(EMOJI[entry.verdict] for entry in entries[-STRIP:])
    parts = [f"*{text}*", voice.say("history.strip", strip=strip)]
    waiting = [entry.waiting or 0 for entry in entries[-SHOWN:]]
    if max(waiting):
        parts.append(voice.say("history.waiting", most=max(waiting), line=draw_bars(waiting)))
    if changes := _changes(entries, voice):
        parts += [voice.say("history.changes"), *changes]
    return Post(text, [kit.section("\n".join(parts))])


def draw_bars(numbers: Sequence[int]) -> str:
    """One sign for each number, its height in proportion to the largest."""
    most = max(numbers)
    return "".join(BARS[-(-number * (len(BARS) - 1) // most)] for number in numbers)


def _changes(entries: Sequence[Entry], voice: Voice) -> list[str]:
    changed = [after for before, after in pairwise(entries) if before.verdict != after.verdict]
    return [_tell(entry, voice) for entry in reversed(changed[-CHANGES:])]


def _tell(entry: Entry, voice: Voice) -> str:
    causes = tell_causes(entry, voice)
    return voice.say(
        "history.change",
        time=clock(entry.at),
        emoji=EMOJI[entry.verdict],
        state=voice.say(f"verdict.{entry.verdict}"),
        cause=voice.say("change.cause", cause=causes) if causes else "",
    )
