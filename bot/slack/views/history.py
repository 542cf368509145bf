"""The history of a site as a small plot, pure: a row of verdicts, a row of what waited, and the changes."""

from collections.abc import Sequence
from itertools import pairwise

from bot.model.watch import Entry
from bot.slack.texts import EMOJI, Voice
from bot.slack.views import blocks as kit
from bot.slack.views.blocks import Post, escape
from bot.slack.views.sites import WORST_FIRST, clock, tell_causes

SHOWN, PLOTTED, CHANGES = 96, 48, 10
"""Entries that are read, columns of the plot (a telephone shows no more), changes that are told."""
BARS = "▁▂▃▄▅▆▇█"
SIGNS = {"healthy": "▁", "degraded": "▄", "broken": "█", "unknown": "?"}


def render_history(title: str, entries: Sequence[Entry], voice: Voice) -> Post:
    """At least one entry, oldest first."""
    text = voice.say(
        "history.text",
        title=escape(title),
        checks=voice.count("whole", len(entries)),
        first=clock(entries[0].at),
        last=clock(entries[-1].at),
    )
    plotted = entries[-PLOTTED:]
    plot = kit.preformatted("\n".join(draw_plot(plotted, voice)), voice.say("thread.cut"))
    caption = voice.say("history.plot", legend=_legend(plotted, voice))
    blocks = [kit.section(f"*{text}*\n{caption}"), kit.rich_text(plot)]
    if changes := _changes(entries, voice):
        blocks.append(kit.section("\n".join([voice.say("history.changes"), *changes])))
    return Post(text, blocks)


def _legend(entries: Sequence[Entry], voice: Voice) -> str:
    """What the signs of the verdicts mean, as far as they occur."""
    seen = {entry.verdict for entry in entries}
    signs = [verdict for verdict in reversed(WORST_FIRST) if verdict in seen]
    return ", ".join(f"{SIGNS[verdict]} {voice.say(f'verdict.{verdict}')}" for verdict in signs)


def draw_plot(entries: Sequence[Entry], voice: Voice) -> list[str]:
    """Lines of a fixed pitch: a sign a verdict, below it a bar for what waited, then the first and last time."""
    rows = [(voice.say("history.verdict"), "".join(SIGNS[entry.verdict] for entry in entries), "")]
    waiting = [entry.waiting or 0 for entry in entries]
    if most := max(waiting):
        rows.append((voice.say("history.waiting"), draw_bars(waiting), voice.say("history.most", most=most)))
    rows.append(("", _times(entries), ""))
    width = max(len(name) for name, _, _ in rows)
    return [f"{name:<{width}}  {signs}  {remark}".rstrip() for name, signs, remark in rows]


def _times(entries: Sequence[Entry]) -> str:
    """The first time below the first sign, the last one below the last, or beside it where there is no room."""
    first, last = (clock(entry.at)[5:] for entry in (entries[0], entries[-1]))
    return f"{first} {last:>{max(0, len(entries) - len(first) - 1)}}" if len(entries) > 1 else first


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
