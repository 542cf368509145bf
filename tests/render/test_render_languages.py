"""A report is rendered in its own language from first to last; scripts still find the English verdict."""

import io
import re
from pathlib import Path
from typing import get_args

import pytest
from rich.console import Console

import bot
from bot.knowledge.voice import Voice, sentences
from bot.model.finding import Severity, Status
from bot.model.languages import languages
from bot.model.report import PathStatus, Report, Verdict
from bot.model.subject import Kind, PathKind
from tests.render.written import render_json, render_markdown, render_text

SOURCE = "".join(
    path.read_text("utf-8")
    for pattern in ("cli.py", "commands/*.py", "render/**/*.py")
    for path in Path(bot.__file__).parent.glob(pattern)
)
ENGLISH = sentences("en", "report")
BUILT = {
    *(f"verdict.{verdict}" for verdict in get_args(Verdict)),
    *(f"meaning.{verdict}" for verdict in get_args(Verdict)),
    *(f"severity.{severity}" for severity in Severity),
    *(f"risk.{risk}" for risk in ("low", "medium", "high")),
    *(f"kind.{kind}" for kind in get_args(PathKind)),
    *(f"path.{status}" for status in get_args(PathStatus)),
    *(f"status.{status}" for status in Status),
    *(f"subject.{kind}" for kind in get_args(Kind)),
    *(f"count.ended.{status}.{number}" for status in Status for number in ("one", "many")),
}
"""Keys that are put together from a word of the report."""


def fields(template: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", template))


def text(report: Report, verbose: bool = False) -> str:
    sink = io.StringIO()
    render_text(report, Console(file=sink, width=100), verbose)
    return sink.getvalue()


@pytest.mark.parametrize("language", languages())
def test_languages_have_the_same_phrases_with_the_same_placeholders(language: str) -> None:
    table = sentences(language, "report")

    assert list(table) == list(ENGLISH)
    assert {key: fields(table[key]) for key in table} == {key: fields(ENGLISH[key]) for key in ENGLISH}


def test_every_phrase_is_said_and_every_phrase_said_exists() -> None:
    literal = set(re.findall(r"""["']([a-z.-]+)["']""", SOURCE))
    counted = {f"count.{key}.{number}" for key in literal for number in ("one", "many")}

    assert set(ENGLISH) - BUILT - literal - counted == set()
    assert set(ENGLISH) >= BUILT


def test_spanish_from_the_first_line_to_the_last(broken: Report) -> None:
    told = text(broken.model_copy(update={"language": "es"}), verbose=True)

    assert told.splitlines()[:2] == [
        "✖ averiado (broken)  site-a: no pasa correo por 1 de 3 rutas",
        "  Esperan 412 destinatarios, el mensaje más antiguo desde hace 1 h 37 min, con rebotes a partir del",
    ]
    for part in (
        "La causa",
        "crítico  setup.service.sma-suspended  sma-a",
        "Solución: Resume sma-a",
        "El bot puede hacerlo tras 1 aprobación; riesgo medio",
        "El bot envía a sma-a:",
        "Para deshacerlo: suspend | <Enter>",
        "Efecto: ",
        "Fuente: TechNote 200068, Listeners",
        "1 consecuencia de lo anterior",
        "queue.quarantine.stalled, a causa de setup.service.sma-suspended (sma-a)",
        "Para tener en cuenta",
        "información  log.activity.none",
        "Rutas",
        "No se pudo determinar",
        "Omitidas",
        "Registrados en los equipos, pero en ningún sitio del inventario",
        "Comprobaciones",
        "4 comprobaciones en 2.3 s: 1 superada, 1 fallida, 1 no se pudo determinar, 1 omitida.",
    ):
        assert part in told
    assert re.search(r"✖ +falla +cuarentena +esa-a1 -> sma-a", told)
    assert re.search(r"- +omitida +tls\.ciphers", told)


def test_a_spanish_ticket(broken: Report) -> None:
    told = render_markdown(broken.model_copy(update={"language": "es"}))

    assert told.startswith("# site-a: averiado (broken), no pasa correo por 1 de 3 rutas\n")
    for part in (
        "Inicio: 2026-11-24T03:00:00Z, ejecución 01JTEST.",
        "## La causa\n",
        "#### Solución: Resume sma-a",
        "`status` en `sma-a`, 2026-11-24T03:00:01Z:",
        "| ruta | desde | hacia | estado |\n|---|---|---|---|\n| cuarentena | esa-a1 | sma-a | falla |",
        "a causa de `setup.service.sma-suspended (sma-a)`",
    ):
        assert part in told


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_the_english_verdict_stays_beside_the_spanish_one(verdict: Verdict) -> None:
    assert Voice("es").say(f"verdict.{verdict}").endswith(f" ({verdict})")
    assert Voice("en").say(f"verdict.{verdict}") == verdict


@pytest.mark.parametrize("language", ["en", "es"])
def test_one_is_not_many(broken: Report, language: str) -> None:
    words = Voice(language)

    assert words.count("waiting", 1) == {"en": "1 recipient waits", "es": "espera 1 destinatario"}[language]
    assert words.count("waiting", 2) == {"en": "2 recipients wait", "es": "esperan 2 destinatarios"}[language]


def test_json_is_the_same_in_every_language_but_for_its_texts(broken: Report) -> None:
    spanish = render_json(broken.model_copy(update={"language": "es"}))

    assert spanish == render_json(broken).replace('"language": "en"', '"language": "es"')
