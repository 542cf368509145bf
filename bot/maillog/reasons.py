"""Why it failed: what a TLS failure means, and troubles counted by reason whatever the ids in them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bot.maillog.traffic import Trouble

TlsProblem = Literal["anonymous-cipher", "unverified", "not-offered", "no-shared-version", "failed"]

_NOTHING_SHARED = (
    "unsupported protocol",
    "wrong version number",
    "no shared cipher",
    "alert protocol version",
    "handshake failure",
)
_FAULT = re.compile(r"""\(\s*u?["'](?P<place>.*?)["'], ["']<(?:type|class) ["'](?P<type>[\w.]+)["']>["']""")
_PARTICULARS = (
    (re.compile(r"<?[\w.+=-]{1,64}@[\w.-]{1,255}>?"), "[mailbox]"),
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w)"), "[address]"),
    (
        re.compile(r"(?<![\w:])(?=[0-9a-f:]*::|(?:[0-9a-f]+:){7})[0-9a-f:]+(?:%\w+)?(?![\w:])", re.I),
        "[address]",
    ),
    (re.compile(r"\b(MID|DCID|ICID|RID|Message) \d+"), r"\1 [id]"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "[time]"),
    (re.compile(r"\b(?=\w*\d)[0-9A-Fa-f]{6,}\b"), "[id]"),
)


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """Troubles of one reason; `first` and `last` are None where no line of the group has a time."""

    reason: str
    count: int
    first: datetime | None
    last: datetime | None
    example: Trouble


def tls_problem(reason: str) -> TlsProblem:
    """What the text after `TLS failed: ` means, by its words, never by error numbers or function names."""
    words = reason.lower().strip()
    if words.startswith("verify error"):
        return "anonymous-cipher" if words.endswith("no certificate from server") else "unverified"
    if words.startswith("starttls unexpected response"):
        return "not-offered"
    return "no-shared-version" if any(text in words for text in _NOTHING_SHARED) else "failed"


def group(troubles: Iterable[Trouble]) -> list[ReasonGroup]:
    """Count troubles by reason, the most frequent first; addresses, ids and times do not make a reason another."""
    groups: dict[str, ReasonGroup] = {}
    for trouble in troubles:
        reason = generalise(trouble.reason)
        if seen := groups.get(reason):
            groups[reason] = replace(
                seen, count=seen.count + 1, first=seen.first or trouble.at, last=trouble.at or seen.last
            )
        else:
            groups[reason] = ReasonGroup(reason, 1, trouble.at, trouble.at, trouble)
    return sorted(groups.values(), key=lambda one: -one.count)


def generalise(reason: str) -> str:
    """The reason without what differs from one line to the next; reply codes and errno numbers stay."""
    for pattern, word in _PARTICULARS:
        reason = pattern.sub(word, reason)
    return " ".join(reason.split())


def delivery_reason(text: str) -> str:
    """The reason of a `Delayed:` or `Bounced:` line: the logged headers that may follow the reply cut off."""
    reason, cut, _ = text.partition("]) [")
    return f"{reason}])" if cut else text


def fault_reason(text: str) -> str:
    """`exceptions.AttributeError at query/api.py searchData|4652`; the text itself where it has another form."""
    match = _FAULT.match(text)
    return f"{match['type']} at {match['place']}" if match else text or "no details given"
