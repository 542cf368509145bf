"""`deliveryconfig`: the interface that mail leaves by, CPQ connections of an ESA included."""

import re

from bot.asyncos.reading import LEAVE_MENU, unreadable
from bot.model.command import Reading


def deliveryconfig() -> Reading[str | None]:
    """The name of the interface; None = Auto."""
    return Reading("deliveryconfig", parse_deliveryconfig, (LEAVE_MENU,))


def parse_deliveryconfig(text: str) -> str | None:
    found = re.search(
        r"interface to deliver mail[ \t]*:[ \t]*(\S(?:.*\S)?)[^\S\n]*$", text, re.MULTILINE | re.IGNORECASE
    )
    if not found:
        raise unreadable("deliveryconfig", text)
    name: str = found[1].split("(")[0].strip()
    return None if name.rstrip(".").casefold() == "auto" else name
