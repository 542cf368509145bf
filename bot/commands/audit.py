"""`pvo audit`: the record of remediations, to read, to export and to check."""

import asyncio
import datetime as dt
import json
import re
from typing import Annotated

import typer

from bot import wiring
from bot.commands.options import WRONG, Format
from bot.model.errors import Unusable
from bot.model.remediation import AuditRow

UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def audit(
    site: Annotated[
        str | None, typer.Option("--site", metavar="SITE", help="Rows of this site alone.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="TIME", help="From this time on, 2026-11-24T03:00, or 90m, 12h, 7d ago."
        ),
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="text, or json: one JSON document a line.")
    ] = Format.TEXT,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check instead that no row is missing or changed.")
    ] = False,
) -> None:
    """Prints the audit trail; with --verify, exit status 1 means that its chain does not hold."""
    settings = wiring.settings_for("redis_url")
    if verify:
        _tell_verified(asyncio.run(wiring.verify_audit(settings)))
        return
    rows = asyncio.run(wiring.read_audit(settings, _read_since(since)))
    for row in rows:
        if site in (None, row.site):
            typer.echo(
                _render(row) if form is not Format.JSON else json.dumps(row.public(), ensure_ascii=False)
            )


def _tell_verified(problem: str | None) -> None:
    if problem:
        typer.echo(f"The audit trail does not hold: {problem}", err=True)
        raise typer.Exit(WRONG)
    typer.echo("The audit trail holds: no row is missing or changed.")


def _read_since(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        if ago := re.fullmatch(r"(\d+)([mhd])", text):
            at = wiring.now() - dt.timedelta(**{UNITS[ago[2]]: int(ago[1])})
        else:
            at = dt.datetime.fromisoformat(text)
        return max(at if at.tzinfo else at.replace(tzinfo=dt.UTC), _EARLIEST)
    except (ValueError, OverflowError):
        raise Unusable(f"--since: {text!r} is no time; write 2026-11-24T03:00, or 90m, 12h, 7d.") from None


def _render(row: AuditRow) -> str:
    """One row on one line, with what was typed or said indented below it."""
    words = [str(row.public()["at"]), row.event, row.site, row.appliance, row.fix, row.actor, row.request]
    head = "  ".join(word for word in words if word)
    below = [f"    {line}" for line in (*([row.reason] if row.reason else []), *row.lines)]
    return "\n".join([head, *below])
