"""The report on log files as the contract's JSON document."""

import json

from bot.model.logs import LogsReport
from bot.render.neutral import escape_json

_OPTIONAL = ("left_out", "unknown", "followed")


def render_logs_json(report: LogsReport) -> str:
    """The document `pvo-logs/1`; times are the appliance's, without a zone; no final newline.

    `left_out`, `unknown` and `followed` are there only where they hold something.
    """
    document = report.model_dump(mode="json", by_alias=True)
    for name in _OPTIONAL:
        if not document[name]:
            del document[name]
    for finding in document["findings"]:
        for fix in finding["fixes"]:
            if fix["because"] is None:
                del fix["because"]
    return escape_json(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
