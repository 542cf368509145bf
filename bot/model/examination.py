"""What `pvo doctor` finds about the bot's own surroundings, one line a thing."""

from collections.abc import Mapping
from typing import Literal

from bot.model.report import Part

Condition = Literal["ok", "warning", "wrong", "untold", "skipped"]


class Examined(Part):
    """One thing that was looked at, and how it is; `says` is the key of a sentence that `details` fill in.

    `untold` = could not be found out; `skipped` = is not set up, or was not asked for.
    """

    topic: str
    subject: str
    condition: Condition
    says: str
    details: Mapping[str, str | int] = {}


class ToldExamined(Part):
    """The same in the words of a language: how it is, and how to repair it where it is not ok."""

    topic: str
    subject: str
    condition: Condition
    says: str
    remedy: str | None = None
