"""What a modal carries: written and signed when the app opens it, and checked when somebody submits it."""

import datetime as dt

import structlog
from pydantic import ValidationError

from bot.model.remediation import Ticket
from bot.remediation.approve import Denied, check_ticket
from bot.remediation.rows import write_unknown
from bot.slack.desk import Body, Desk, user_of
from bot.slack.texts import Told

log = structlog.get_logger()


def write_ticket(desk: Desk, ticket: Ticket) -> str:
    """The text for `private_metadata`, signed."""
    return desk.seal.sign_ticket(ticket).model_dump_json()


def read_ticket(desk: Desk, body: Body, purpose: str) -> Ticket:
    """The ticket of a submitted modal; raises `Denied` unless the app opened it for this person and purpose."""
    try:
        ticket = Ticket.model_validate_json(str(body["view"].get("private_metadata")))
    except ValidationError:
        raise Denied("modal-forged") from None
    check_ticket(ticket, purpose, user_of(body), desk.seal, dt.datetime.now(dt.UTC))
    return ticket


async def refuse_modal(desk: Desk, body: Body, denied: Denied) -> Told:
    """Puts the refusal on record; what to tell the person."""
    user, reason = user_of(body), desk.knowledge.remark("en", denied.reason, denied.details)
    log.error("modal.refused", user=user, reason=reason)
    named = str(body["view"].get("id") or "")
    row = write_unknown(named, dt.datetime.now(dt.UTC), actor=user, reason=reason)
    await desk.stores.audit.append(row)
    return lambda voice: desk.knowledge.remark(voice.language, denied.reason, denied.details)
