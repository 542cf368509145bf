"""What is said when something could not be done: a rule's sentence, or that the store or the bot itself failed."""

import structlog

from bot.model.errors import NotAllowed, StateUnavailable
from bot.slack.access import Refusal
from bot.slack.texts import Told, tell
from bot.slack.views.blocks import escape

log = structlog.get_logger()


def explain(error: Exception) -> Told:
    """The sentence for the person who asked; what is our own failure is logged with its traceback."""
    match error:
        case Refusal():
            return error.told
        case NotAllowed():  # it is in that person's language already
            said = escape(str(error))
            for user in error.people:
                said = said.replace(user, f"<@{user}>")
            return lambda voice: said
        case StateUnavailable():
            log.error("store.unavailable", reason=str(error))
            return tell("store.away")
        case _:
            log.error("slack.handler-failed", exc_info=error)
            return tell("failed")
