"""Block Kit pieces, pure: text from appliances goes in as data and can neither mention, format nor overflow."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.render.marks import split_marks

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Post:
    """A message: `text` is what notifications and screen readers get, `blocks` what the channel shows."""

    text: str
    blocks: list[Json]


SECTION, FIELD, HEADER, TEXT, BUTTON, FIELDS = 3000, 2000, 150, 3000, 75, 10
PREFORMATTED, LINE = 1800, 300
SECTIONS, LINES = 4, 1000
_KEPT = {"\n", "\t", "\u200d"}
_EDGE = re.compile(r"(?<!\w)_|_(?!\w)")
_UNUSUAL = re.compile(r"[^\n\t\x20-\x7e]+")


def clean(text: str) -> str:
    """Text without control, direction and other invisible characters; lines and tabs stay."""
    return _UNUSUAL.sub(_visible, text.replace("\r\n", "\n").replace("\r", "\n"))


def _visible(run: re.Match[str]) -> str:
    return "".join(
        sign for sign in run[0] if sign in _KEPT or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co")
    )


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def escape(text: str) -> str:
    """Text that mrkdwn shows as it is: no mention, no link, no formatting, no code span."""
    escaped = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _EDGE.sub("＿", escaped.replace("`", "ˋ").replace("*", "∗").replace("~", "∼"))


def plain(text: str, limit: int = TEXT) -> Json:
    return {"type": "plain_text", "text": cut(text, limit), "emoji": True}


def mrkdwn(text: str, limit: int = SECTION) -> Json:
    return {"type": "mrkdwn", "text": cut(text, limit)}


def header(text: str) -> Json:
    return {"type": "header", "text": plain(text, HEADER)}


def section(text: str) -> Json:
    return {"type": "section", "text": mrkdwn(text)}


def fields(texts: Sequence[str]) -> Json:
    """A section of at most ten compact columns."""
    return {"type": "section", "fields": [mrkdwn(text, FIELD) for text in texts[:FIELDS]]}


def sections(lines: Iterable[str], ending: Callable[..., str]) -> list[Json]:
    """Lines of mrkdwn in as few sections as hold them; `ending` says, given their `count`, how many found no room."""
    waiting, texts = [cut(line, LINES) for line in lines], [""]
    while waiting and len(texts) <= SECTIONS:
        if texts[-1] and len(texts[-1]) + len(waiting[0]) >= SECTION:
            texts.append("")
            continue
        texts[-1] = f"{texts[-1]}\n{waiting.pop(0)}".strip("\n")
    shown = [section(text) for text in texts[:SECTIONS] if text]
    return [*shown, context(ending(count=len(waiting)))] if waiting else shown


def context(*texts: str) -> Json:
    return {"type": "context", "elements": [mrkdwn(text) for text in texts[:FIELDS]]}


def divider() -> Json:
    return {"type": "divider"}


def button(action: str, value: str, text: str, label: str) -> Json:
    """A button whose `value` is an id, never a plan; `label` is what screen readers say."""
    return {
        "type": "button",
        "action_id": action,
        "value": value,
        "text": plain(text, BUTTON),
        "accessibility_label": cut(clean(label), BUTTON),
    }


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def rich_text(*parts: Json) -> Json:
    """A block whose text is never parsed for formatting; made of the parts below."""
    return {"type": "rich_text", "elements": list(parts)}


def words(text: str, bold: bool = False, code: bool = False, italic: bool = False) -> Json:
    """One run of text; an empty one becomes a dash, since Slack refuses it."""
    style = {name: True for name, on in (("bold", bold), ("code", code), ("italic", italic)) if on}
    element: Json = {"type": "text", "text": cut(clean(text), TEXT) or "–"}
    return element | {"style": style} if style else element


def emoji(name: str) -> Json:
    return {"type": "emoji", "name": name.strip(":")}


def marked(text: str, bold: bool = False) -> list[Json]:
    """Runs of a sentence in which only `code` and *names of the interface* are formatting."""
    pieces = split_marks(clean(text))
    runs = [words(piece, bold=bold, code=kind == "code", italic=kind == "name") for kind, piece in pieces]
    return runs or [words("")]


def paragraph(*runs: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(runs)}


def numbered(sentences: Iterable[str]) -> Json:
    """An ordered list of sentences, each `marked`."""
    return {
        "type": "rich_text_list",
        "style": "ordered",
        "elements": [paragraph(*marked(sentence)) for sentence in sentences],
    }


def preformatted(text: str, ending: str) -> Json:
    """Text of a fixed pitch, cut to what a message can hold and then closed with `ending`."""
    lines = [cut(line, LINE) for line in clean(text).splitlines()]
    kept: list[str] = []
    while lines and sum(map(len, kept)) + len(kept) + len(lines[0]) <= PREFORMATTED:
        kept.append(lines.pop(0))
    body = "\n".join([*kept, ending] if lines else kept)
    return {"type": "rich_text_preformatted", "elements": [words(body)]}


def weigh(blocks: Iterable[Json]) -> int:
    """How many characters of text the blocks hold, as `msg_blocks_too_long` counts them."""
    return sum(len(value) for value in _strings(list(blocks)))


def _strings(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
