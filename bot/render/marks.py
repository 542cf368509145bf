"""The two marks of our texts: `code`, and *names that an interface prints*."""

import re
from collections.abc import Iterator
from typing import Literal

Kind = Literal["plain", "code", "name"]

_MARKED = re.compile(r"`([^`\n]+)`|\*([A-Za-z][^*\n]*)\*")


def split_marks(text: str) -> Iterator[tuple[Kind, str]]:
    """The pieces of a text in order, each with its kind and without its marks."""
    end = 0
    for match in _MARKED.finditer(text):
        if match.start() > end:
            yield "plain", text[end : match.start()]
        yield ("code", match[1]) if match[1] is not None else ("name", match[2])
        end = match.end()
    if end < len(text):
        yield "plain", text[end:]
