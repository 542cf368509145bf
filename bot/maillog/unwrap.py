"""Lines that a terminal or a document wrapped, put together again where that makes them known lines."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from bot.maillog.events import Unrecognised
from bot.maillog.grammar import parse_line
from bot.maillog.heads import split_head
from bot.maillog.pieces import LONGEST
from bot.maillog.text import text_of

_OFTEN = 0.05
_NARROWEST = 40


def find_width(lines: Sequence[bytes]) -> int | None:
    """At how many columns the lines of a log were wrapped; None where they were not.

    Headers may hold line breaks, so single lines without a stamp are normal in a log that was not wrapped.
    """
    widths = [
        len(line.rstrip(b"\r"))
        for line, following in pairwise(lines)
        if following.strip() and not _is_stamped(following)
    ]
    width = max(widths, default=0)
    return width if len(widths) >= _OFTEN * len(lines) and width >= _NARROWEST else None


def unwrap(pieces: Iterable[tuple[int, bytes]], width: int) -> Iterator[tuple[int, bytes]]:
    """Pieces of a log with wrapped lines joined: without a blank where the width cut a word, with one elsewhere.

    Empty lines stand before a joined one, so that there are as many lines as before.
    """
    rest, begin = b"", 0
    for at, piece in pieces:
        begin = at - len(rest)
        *groups, last = _groups((rest + piece).split(b"\n"))
        done = b"".join(line + b"\n" for group in groups for line in _join(group, width))
        if done:
            yield begin, done
        rest = b"\n".join(last)
        begin = at + len(piece) - len(rest)
    if rest:
        yield begin, b"\n".join(_join(rest.split(b"\n"), width))


def _groups(lines: Iterable[bytes]) -> list[list[bytes]]:
    """Each stamped line with the lines without a stamp that follow it, the end of the text with the last one."""
    groups: list[list[bytes]] = [[]]
    for line in lines:
        if line.strip() and _is_stamped(line):
            groups.append([])
        groups[-1].append(line.rstrip(b"\r"))
    return groups


def _join(group: list[bytes], width: int) -> list[bytes]:
    parts = [part for part in group if part.strip()]
    if len(parts) < 2 or sum(map(len, parts)) > LONGEST:
        return group
    full = all(len(part) + 1 + len(following.split()[0]) > width for part, following in pairwise(parts))
    if not full and _is_known(parts[0]):
        return group
    joined = [b" ".join(parts), b"".join(parts)]
    if all(len(part) == width for part in parts[:-1]):
        joined.reverse()
    blank = [b""] * (len(group) - 1)
    return next(([*blank, line] for line in joined if _is_known(line)), group)


def _is_known(line: bytes) -> bool:
    return not isinstance(parse_line(text_of(line), stamped=True), Unrecognised)


def _is_stamped(line: bytes) -> bool:
    return split_head(line[:256].decode("latin-1")).stamped
