"""What `pvo doctor` finds about the bot's own surroundings, one line a thing."""

from typing import Literal

from bot.model.report import Part

Condition = Literal["ok", "warning", "wrong", "untold", "skipped"]


class Examined(Part):
    """One thing that was looked at: how it is, in a sentence, and how to repair it where it is not ok.

    `untold` = could not be found out; `skipped` = is not set up, or was not asked for.
    """

    topic: str
    subject: str
    condition: Condition
    says: str
    remedy: str | None = None
