"""What `pvo doctor` found: a line a thing, and below it how to repair what is not well."""

from collections.abc import Iterator, Sequence
from typing import get_args

from bot.knowledge.voice import Voice
from bot.model.examination import Condition, Examined, ToldExamined
from bot.render.tree import Listing, Only, Part, Prose, Span, line

REMEDY = ".remedy"
"""What the key of a sentence ends with that says how to repair what the sentence without it says."""


def tell_examined(examined: Examined, voice: Voice) -> ToldExamined:
    """A line of `pvo doctor`, in words."""
    remedy = examined.says + REMEDY
    return ToldExamined(
        topic=examined.topic,
        subject=examined.subject,
        condition=examined.condition,
        says=voice.tell(examined.says, examined.details),
        remedy=voice.tell(remedy, examined.details) if voice.knows(remedy) else None,
    )


def describe_lines(lines: Sequence[ToldExamined]) -> dict[str, object]:
    """The document `pvo-doctor/1`."""
    return {"schema": "pvo-doctor/1", "lines": [one.model_dump() for one in lines]}


def tell_lines(lines: Sequence[ToldExamined], voice: Voice) -> Iterator[Part]:
    """Nothing of it is broken over lines: it is searched and pasted."""
    words = {condition: voice.say(f"condition.{condition}") for condition in get_args(Condition)}
    width = max(map(len, words.values()))
    items = []
    for one in lines:
        word, about = words[one.condition], f"{one.topic} {one.subject}"
        screen = [Prose(line(f"{word:{width}}  {about}: {one.says}"), indent=0, whole=True)]
        if one.remedy:
            screen.append(Prose(line(one.remedy), indent=width + 4, whole=True))
        yield Only("screen", tuple(screen))
        said = line(Span(word, "strong"), " ", Span(about, "code"), " ", Span(one.says, "prose"))
        items.append(line(*said, " ", Span(one.remedy, "aside")) if one.remedy else said)
    yield Only("print", (Listing(tuple(items)),))
