"""`version`: which product, model and release of AsyncOS this is."""

import re
from dataclasses import dataclass

from bot.asyncos.reading import unreadable
from bot.model.command import Reading


@dataclass(frozen=True, slots=True)
class Version:
    """What the appliance is; each None when its line is missing. `version` such as `15.0.1-416`."""

    product: str | None
    model: str | None
    version: str | None


def version() -> Reading[Version]:
    return Reading("version", parse_version)


def parse_version(text: str) -> Version:
    read = Version(_field(text, "Product"), _field(text, "Model"), _field(text, "Version"))
    if read == Version(None, None, None):
        raise unreadable("version", text)
    return read


def _field(text: str, name: str) -> str | None:
    found = re.search(
        rf"^[ \t]*{name}[ \t]*:[ \t]*(\S(?:.*\S)?)[^\S\n]*$", text, re.MULTILINE | re.IGNORECASE
    )
    return found[1] if found else None
