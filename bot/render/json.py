"""The report as the contract's JSON document."""

import datetime as dt
import json

from bot.model.report import Report
from bot.render.neutral import escape_json


def render_json(report: Report) -> str:
    """The document `pvo-report/1`: the contract's keys in its order, times in UTC to the second, no final newline.

    `areas` is there only when the run was limited to some, `because` only where a fix is manual for a reason.
    """
    document = _plain(report.model_dump(by_alias=True))
    assert isinstance(document, dict)
    if document["areas"] is None:
        del document["areas"]
    for finding in document["findings"]:
        for fix in finding["fixes"]:
            if fix["because"] is None:
                del fix["because"]
    return write_json(document)


def write_json(document: object) -> str:
    """One indented document in JSON's own types, times as `format_time`; harmless to a terminal, no final newline."""
    return escape_json(json.dumps(_plain(document), indent=2, ensure_ascii=False, allow_nan=False))


def _plain(value: object) -> object:
    """The value in JSON's own types."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, dt.datetime):
        return format_time(value)
    return round(value, 3) if isinstance(value, float) else value


def format_time(at: dt.datetime) -> str:
    """`2026-11-24T03:00:00Z`; a time without a zone is UTC already."""
    utc = at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%SZ")
