"""The language of a command that needs no other setting."""

from pathlib import Path

import pytest

from bot.locale import preferred_language
from bot.model.errors import Unusable


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("PVO_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def test_the_locale_decides_where_no_setting_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert preferred_language() == "en"
    monkeypatch.setenv("LANG", "es_MX.UTF-8")
    assert preferred_language() == "es"
    monkeypatch.setenv("LC_ALL", "C")
    assert preferred_language() == "en"
    monkeypatch.setenv("LC_ALL", "est_EE.UTF-8")
    assert preferred_language() == "en"


def test_the_environment_goes_before_the_file_and_that_before_the_locale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path(".env").write_text("REDIS_URL=nonsense\npvo_language='es'\n")
    assert preferred_language() == "es"
    monkeypatch.setenv("PVO_LANGUAGE", "")
    assert preferred_language() == "es"
    monkeypatch.setenv("PVO_LANGUAGE", "en")
    assert preferred_language() == "en"


def test_a_language_that_there_is_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PVO_LANGUAGE", "fr")
    with pytest.raises(Unusable, match="PVO_LANGUAGE must be 'en' or 'es', not 'fr'"):
        preferred_language()
