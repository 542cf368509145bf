"""Rich text: sections, lists, quotes and preformatted text, and the inline parts in them."""

from bot.lab.workspace.judge.shapes import Shape, array, boolean, choice, number, record, string, tagged

_KIND: dict[str, Shape] = {"type": string()}
_STYLE = _KIND | {
    "style": record(
        {}, {"bold": boolean, "italic": boolean, "strike": boolean, "code": boolean, "underline": boolean}
    )
}

INLINE = tagged(
    {
        "text": record({"text": string(least=1)}, _STYLE),
        "link": record({"url": string(3000, least=1)}, _STYLE | {"text": string(), "unsafe": boolean}),
        "emoji": record({"name": string(least=1)}, _STYLE | {"unicode": string(), "skin_tone": number}),
        "user": record({"user_id": string(least=1)}, _STYLE),
        "usergroup": record({"usergroup_id": string(least=1)}, _STYLE),
        "channel": record({"channel_id": string(least=1)}, _STYLE),
        "broadcast": record({"range": choice("here", "channel", "everyone")}, _STYLE),
        "date": record(
            {"timestamp": number, "format": string(least=1)}, _STYLE | {"url": string(), "fallback": string()}
        ),
    },
    "rich text",
)

_PARTS = array(INLINE)
_SECTION = record({"elements": _PARTS}, _KIND)

RICH_TEXT = record(
    {
        "elements": array(
            tagged(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_preformatted": record(
                        {"elements": _PARTS}, _KIND | {"border": number, "language": string()}
                    ),
                    "rich_text_quote": record({"elements": _PARTS}, _KIND | {"border": number}),
                    "rich_text_list": record(
                        {
                            "elements": array(tagged({"rich_text_section": _SECTION}, "list item")),
                            "style": choice("bullet", "ordered"),
                        },
                        _KIND | {"indent": number, "offset": number, "border": number},
                    ),
                },
                "rich text element",
            ),
            least=1,
        )
    },
    _KIND | {"block_id": string(255)},
)
