"""Rows of the audit trail about one remediation."""

import datetime as dt

from bot.diagnosis.redact import redact
from bot.model.remediation import AuditRow, Event, Remediation

LINES_KEPT = 60
LONGEST_ID = 64


def write_row(remediation: Remediation, event: Event, at: dt.datetime, **more: object) -> AuditRow:
    """A row for one step; `more` are `actor`, `channel`, `reason` and `lines`."""
    plan, request, proposal = remediation.plan, remediation.request, remediation.proposal
    fields = {
        "at": at,
        "event": event,
        "run": proposal.run,
        "request": remediation.id,
        "site": proposal.site,
        "appliance": plan.appliance if plan else None,
        "fix": proposal.fix,
        "digest": request.digest if request else plan.digest if plan else None,
    }
    return AuditRow.model_validate(fields | more)


def write_unknown(named: str, at: dt.datetime, **more: object) -> AuditRow:
    """A row about a press on a remediation that is not there; `named` is what the button said it was."""
    fields = {"at": at, "event": "refused", "request": named[:LONGEST_ID]}
    return AuditRow.model_validate(fields | more)


def about(remediation: Remediation) -> dict[str, str]:
    """What every log line about it names."""
    proposal = remediation.proposal
    return {"remediation": remediation.id, "run": proposal.run, "site": proposal.site}


def keep_lines(text: str) -> tuple[str, ...]:
    """What an appliance printed, redacted, as the record keeps it."""
    lines = [line.rstrip() for line in redact(text).splitlines() if line.strip()]
    cut = len(lines) - LINES_KEPT
    return tuple(lines) if cut <= 0 else (*lines[:LINES_KEPT], f"[{cut} more lines]")
