"""A log as pieces of whole lines, whatever it is read from; no line can fill the memory."""

from collections.abc import Callable, Iterator

PIECE = 1 << 19
LONGEST = 8192
"""Bytes of a line that is believed; the longest one known has a few hundred."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Read = Callable[[int], bytes]


def split_pieces(read: Read, at: int = 0) -> Iterator[tuple[int, bytes]]:
    """Pieces of whole lines, each with its first byte's place; the last line may lack its end.

    A line that is longer than a piece is cut to a little more than what is believed of a line.
    """
    rest = b""
    while chunk := read(PIECE):
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield at, rest + chunk[:cut]
            at, rest = at + len(rest) + cut, chunk[cut:]
        else:
            rest += chunk
        if len(rest) > PIECE:
            after, more = _skip_line(read)
            yield at, rest[: LONGEST + 1] + (b"\n" if more is not None else b"")
            at, rest = at + len(rest) + after, more or b""
    if rest:
        yield at, rest


def _skip_line(read: Read) -> tuple[int, bytes | None]:
    """Reads past the end of a line: bytes up to there, and what was read behind it; None at the end of the log."""
    passed = 0
    while chunk := read(PIECE):
        end = chunk.find(b"\n") + 1
        if end:
            return passed + end, chunk[end:]
        passed += len(chunk)
    return passed, None


def line_around(text: bytes, place: int) -> tuple[int, int]:
    """The first byte of the line around `place`, and the byte after its end."""
    return text.rfind(b"\n", 0, place) + 1, text.find(b"\n", place) + 1 or len(text)
