"""What strangers wrote into log lines: subjects, header values, file names, matched content, recipients."""

import re
from collections.abc import Iterable, Iterator

REDACTED = "<redacted>"

_HEAD = re.compile(r"\s*(?:<\d{1,3}>)?(?:\w{3} )?[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d (?:\d{4} )?")
# To the end of the line: nothing behind these words is ours to keep.
_STRANGERS = re.compile(
    r"""((?>\bSubject\b:?[ \t]+['"]?|\bsubject[ \t]*[:=][ \t]*|\bwith subject[ \t]+"""
    r"""|\b(?i:message-id)\b:?[ \t]+|\b(?i:references|in-reply-to|thread-topic|thread-index):[ \t]*"""
    r"""|\b(?i:matched (?:content|text)s?\b[ \t]*[:=]?[ \t]*|custom log entry:[ \t]*)"""
    r"""|\b(?i:attachments?|file ?names?)\b[ \t]*(?:[:=][ \t]*|(?=['"]))))\S.*$"""
)
# In log lines alone: a traceback of ours names files in the same way.
_FILE = re.compile(r"""(\bfiles?[ \t]+(?=['"]))\S.*$""", re.IGNORECASE)
_HEADER_LIST = re.compile(r"""\[\((?=['"]).*$""")
_QUARANTINE_REASON = re.compile(
    r"""((?:\bto|\bquarantine) (?:"[^"]*"|'[^']*'|[^\s"']+)(?: new reason)? \()(.*)$"""
)
# A filter by its name, or one of the fixed words; anything else may be content of the mail.
_PLAIN_REASON = re.compile(
    r"(?:[A-Za-z]+(?: [A-Za-z]+)?: ?)?[\w.-]{1,64}|DLP violation|queue full|<redacted>|"
    r"external quarantine|centralized policy quarantine|MID originally \d+",
    re.IGNORECASE,
)
# The class of an application fault is no address.
_ANGLES = re.compile(r"<(?!redacted>|(?:type|class) \\?['\"][\w.]+\\?['\"]>)[^<>]+>")
_MAILBOX = re.compile(
    r"(?i)(\b(?:from|to|cc|bcc|reply-to|sender|recipients?|return-path):[ \t]*)(?!<|\d+\.\d|RID\b)[^\s,;]+"
)


def redact_lines(lines: Iterable[str]) -> str:
    """As many lines as a text; what goes on below a line of strangers' words goes with it."""
    return "\n".join(_redact_all(lines))


def _redact_all(lines: Iterable[str]) -> Iterator[str]:
    within = False  # words of strangers, which may go on in lines without a head
    for line in lines:
        if head := _HEAD.match(line):
            body = _redact_body(line[head.end() :])
            within = REDACTED in body and not body.endswith(")")
            yield head[0] + body
        elif within and line.strip():
            yield REDACTED
        else:
            yield _STRANGERS.sub(rf"\g<1>{REDACTED}", line)


def _redact_body(body: str) -> str:
    body = _STRANGERS.sub(rf"\g<1>{REDACTED}", body)
    body = _FILE.sub(rf"\g<1>{REDACTED}", body)
    body = _HEADER_LIST.sub(f"[{REDACTED}]", body)
    body = _QUARANTINE_REASON.sub(_unless_plain, body)
    body = _MAILBOX.sub(rf"\g<1>{REDACTED}", body)
    return _ANGLES.sub(REDACTED, body)


def _unless_plain(match: re.Match[str]) -> str:
    reason, closed, rest = match[2].rpartition(")") if ")" in match[2] else (match[2], "", "")
    return f"{match[1]}{reason if _PLAIN_REASON.fullmatch(reason) else REDACTED}{closed}{rest}"
