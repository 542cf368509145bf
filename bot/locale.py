"""The language of the person at this terminal; light, for `pvo logs` waits for nothing that it can do without."""

import os
from collections.abc import Mapping
from pathlib import Path

from bot.model.errors import Unusable

LANGUAGES = ("en", "es")


def preferred_language() -> str:
    """What PVO_LANGUAGE says, in the environment or `.env`, else the locale.

    Raises `Unusable` for a language that there is not; no other setting is looked at.
    """
    wanted = _named(os.environ) or _named(_read_file(Path(".env"))) or locale_language()
    if wanted not in LANGUAGES:
        raise Unusable(f"Unusable settings: PVO_LANGUAGE must be 'en' or 'es', not {wanted!r}.")
    return wanted


def locale_language() -> str:
    """The language of the locale; `en` for everything that is not Spanish."""
    spoken = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "en"
    )
    return "es" if spoken.lower().startswith("es") else "en"


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
