"""The languages that texts for people come in: one folder of `knowledge/texts` each, listed without a read."""

from functools import cache
from pathlib import Path

TEXTS = Path(__file__).parent.parent / "knowledge" / "texts"


@cache
def languages(folder: Path = TEXTS) -> tuple[str, ...]:
    """The languages that there is a folder for, such as `en`."""
    return tuple(sorted(one.name for one in folder.iterdir() if one.is_dir()))


def language_of(locale: str) -> str | None:
    """The language of a locale such as `es_MX.UTF-8` or `es-ES`; None where there are no texts in it."""
    language = locale.lower().replace("_", "-").split("-")[0].split(".")[0]
    return language if language in languages() else None


def name_languages() -> str:
    """All of them, as a setting's complaint names them: `'en' or 'es'`."""
    *others, last = (repr(language) for language in languages())
    return f"{', '.join(others)} or {last}" if others else last
