"""The language of the person at this terminal; light, for `pvo logs` waits for nothing that it can do without."""

import os
from collections.abc import Mapping
from pathlib import Path

from bot.model.errors import Unusable
from bot.model.languages import language_of, languages, name_languages


def preferred_language() -> str:
    """What PVO_LANGUAGE says, in the environment or `.env`, else the locale.

    Raises `Unusable` for a language that there is not; no other setting is looked at.
    """
    wanted = _named(os.environ) or _named(_read_file(Path(".env"))) or locale_language()
    if wanted not in languages():
        raise Unusable(f"Unusable settings: PVO_LANGUAGE must be {name_languages()}, not {wanted!r}.")
    return wanted


def locale_language() -> str:
    """The language of the locale; `en` where there are no texts in it."""
    spoken = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "en"
    )
    return language_of(spoken) or "en"


def _named(variables: Mapping[str, str | None]) -> str | None:
    """Names count in any case, as for every setting, and an empty value is none."""
    return next(
        (value for name, value in variables.items() if name.upper() == "PVO_LANGUAGE" and value), None
    )


def _read_file(path: Path) -> Mapping[str, str | None]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    return dotenv_values(path)
