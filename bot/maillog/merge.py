"""Several grep answers of the same log joined into one, each line once, in an order the file may have had."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.maillog import events as e
from bot.maillog.grammar import parse_line

_RANK: dict[type[e.Event], int] = {
    kind: rank
    for rank, kinds in enumerate(
        (
            (e.Enqueued, e.OutOpened, e.InOpened),
            (e.TlsOk, e.TlsFailed, e.HatVerdict),
            (e.TlsRequired,),
            (e.Started, e.InMessage),
            (e.ConnectionFailed,),
            (e.Done,),
            (e.Delayed, e.Bounced, e.Response),
            (e.OutClosed, e.InClosed),
        )
    )
    for kind in kinds
}
"""The order of one connection's lines within a second, used where no answer holds both lines."""

_MIDDLE = 3

_Key = tuple[str, int]
_Order = tuple[datetime, int, int]


@dataclass(slots=True)
class _Line:
    """One line of the log; `after` are the lines that follow it in an answer, `before` counts those it follows."""

    order: _Order
    before: int = 0
    after: list[_Key] = field(default_factory=list)


def merge(greps: Iterable[Iterable[str]]) -> list[str]:
    """Join answers that are each in file order; lines come without line ends, blank ones are left out.

    The n-th occurrence of a text is the same line in every answer, so a line that two patterns found stands
    once and one that the log holds twice stays twice. The order of each answer is kept; between answers time
    decides, within a second the course of a connection. Where answers contradict each other (two logs, cut
    answers) the earlier line goes first.
    """
    lines: dict[_Key, _Line] = {}
    for answer in greps:
        _chain(answer, lines)
    return [text for text, _ in _in_order(lines)]


def _chain(answer: Iterable[str], lines: dict[_Key, _Line]) -> None:
    seen: Counter[str] = Counter()
    last: _Key | None = None
    time = datetime.min
    for raw in answer:
        text = raw.rstrip("\r\n")
        if not text.strip():
            continue
        seen[text] += 1
        key = (text, seen[text])
        if key not in lines:
            event = parse_line(text)
            time = event.at or time
            lines[key] = _Line((time, _RANK.get(type(event), _MIDDLE), len(lines)))
        time = lines[key].order[0]
        if last is not None:
            lines[last].after.append(key)
            lines[key].before += 1
        last = key


def _in_order(lines: dict[_Key, _Line]) -> Iterator[_Key]:
    """Kahn's topological sort, the smallest order first; a cycle is cut at its smallest line."""
    ready = [(line.order, key) for key, line in lines.items() if line.before == 0]
    heapq.heapify(ready)
    waiting = iter(sorted((line.order, key) for key, line in lines.items() if line.before))
    done: set[_Key] = set()
    while len(done) < len(lines):
        _, key = heapq.heappop(ready) if ready else next(waiting)
        if key in done:
            continue
        done.add(key)
        yield key
        for following in lines[key].after:
            line = lines[following]
            line.before -= 1
            if line.before == 0 and following not in done:
                heapq.heappush(ready, (line.order, following))
