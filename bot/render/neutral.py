"""Makes text from appliances harmless: what could steer a terminal or hide text becomes a visible escape."""

import re

# Control characters but line feed and tab; line separators; zero-width and bidirectional marks.
_STEERING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


def neutralise(text: str) -> str:
    """The text with every steering character written out (`\\x1b`), line ends as line feeds, tabs as blanks."""
    lines = text.replace("\r\n", "\n").replace("\t", "    ")
    return _STEERING.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), lines)


def escape_json(document: str) -> str:
    """A JSON document with the steering characters that JSON leaves alone written as JSON escapes."""
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", document)
