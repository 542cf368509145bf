"""Bytes of a log as text."""

import re
from functools import lru_cache

_NUMBER = re.compile(rb"\d+:\d+:(?=\w{3} \w{3} )")


def text_of(text: bytes) -> str:
    """UTF-8 where it is that, Latin-1 otherwise."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


@lru_cache(1024)
def name_of(text: bytes) -> str:
    """`text_of` for addresses and domains, of which a log has few."""
    return text_of(text)


def line_of(line: bytes) -> str:
    """A line as the log has it, without the number and place that the search put before it."""
    return text_of(_NUMBER.sub(b"", line, count=1) if _NUMBER.match(line) else line).rstrip()
