"""`pvo audit`: the record of remediations, to read, to export and to check."""

import asyncio
import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, NoReturn

import typer

from bot import wiring
from bot.commands.options import UNTOLD, WRONG, Format
from bot.model.audit import Entry, Standing, Verified
from bot.model.errors import Unusable
from bot.model.remediation import AuditRow
from bot.render.neutral import escape_json, neutralise

MOST = 10
"""How many breaks are told one by one."""
UNSIGNED = "PVO_APPROVAL_KEY is not set here: whoever can write to Redis could have written these rows."
MARKS: Mapping[Standing, str] = {
    "unsigned": "[unsigned: written without PVO_APPROVAL_KEY]",
    "loose": "[changed, or what follows it is missing or changed]",
}
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
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            metavar="HASH",
            help="With --verify: the hash in the last audit.row line of a log; that row must be there.",
        ),
    ] = None,
) -> None:
    """Prints the audit trail; with --verify, exit status 1 means that it does not hold, 3 that there is none."""
    settings = wiring.settings_for("redis_url")
    if not wiring.approval_seal(settings).signs:
        typer.echo(UNSIGNED, err=True)
    if verify:
        _tell_verified(asyncio.run(wiring.verify_audit(settings, _read_hash(head))), head)
        return
    if head is not None:
        raise Unusable("--head HASH goes with --verify.")
    for entry in asyncio.run(wiring.read_audit(settings, _read_since(since))):
        if entry.row is None or site in (None, entry.row.site):
            _tell(entry, form)


def _tell(entry: Entry, form: Format) -> None:
    """One entry; as JSON, what is no row, or is wrong with one, goes to stderr."""
    mark = _mark(entry)
    if form is not Format.JSON:
        typer.echo(_render(entry.row, mark) if entry.row else mark)
        return
    if entry.row:
        typer.echo(escape_json(json.dumps(entry.row.public(), ensure_ascii=False)))
    if mark:
        typer.echo(f"{entry.id}: {mark}", err=True)


def _mark(entry: Entry) -> str:
    if entry.row is None:
        return f"[unreadable: entry {entry.id}]"
    return MARKS.get(entry.standing, "")


def _read_hash(text: str | None) -> str | None:
    if text is None or re.fullmatch(r"[0-9a-f]{64}", text):
        return text
    raise Unusable(f"--head: {text!r} is no hash; take the 64 digits of the last audit.row line of a log.")


def _tell_verified(verified: Verified, head: str | None) -> None:
    if head is not None and verified.after is None:
        gone = f"no row has the hash {head}: the trail was cut, or the row was dropped for its age."
        _refuse([gone, *verified.breaks])
    if verified.breaks:
        _refuse(verified.breaks)
    if not verified.begun:
        typer.echo("There is no audit trail in this Redis: none was begun, or all of it is gone.", err=True)
        raise typer.Exit(UNTOLD)
    follow = "" if head is None else f" The row with that hash is there; rows after it: {verified.after}."
    typer.echo(f"The audit trail holds: no row is missing or changed (rows: {verified.rows}).{follow}")


def _refuse(problems: Sequence[str]) -> NoReturn:
    more = len(problems) - MOST
    lines = [*problems[:MOST], *([f"{more} more breaks."] if more > 0 else [])]
    typer.echo("The audit trail does not hold: " + "\n".join(lines), err=True)
    raise typer.Exit(WRONG)


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


def _render(row: AuditRow, mark: str) -> str:
    """One row on one line, with what was typed or said indented below it, each on one line."""
    words = [str(row.public()["at"]), row.event, row.site, row.appliance, row.fix, row.actor, row.request]
    head = "  ".join([_on_one_line(word) for word in words if word] + ([mark] if mark else []))
    below = [f"    {_on_one_line(line)}" for line in (*([row.reason] if row.reason else []), *row.lines)]
    return "\n".join([head, *below])


def _on_one_line(text: str) -> str:
    return neutralise(text).replace("\n", "\\n")
