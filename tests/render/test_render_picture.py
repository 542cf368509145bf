"""The picture of the paths: what breaks stands on the arrow, colour is never alone, fifty ESAs stay legible."""

import datetime as dt
import io
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from bot.model.finding import Severity
from bot.model.report import Explanation, PathStatus, Report, ReportedFinding, ReportedPath
from bot.render.blame import blame
from bot.render.picture.draw import draw_png, draw_svg
from bot.render.picture.layout import ROWS, lay_out
from bot.render.picture.shapes import Label, Stroke, fit, measure

SVG = "{http://www.w3.org/2000/svg}"
START = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)


def finding(
    finding_id: str, subject: str, *explained_by: tuple[str, str], severity: Severity = Severity.CRITICAL
) -> ReportedFinding:
    return ReportedFinding(
        id=finding_id,
        severity=severity,
        role="consequence" if explained_by else "cause",
        explained_by=tuple(Explanation(id=cause, subject=at) for cause, at in explained_by),
        subject=subject,
        title="",
        why="",
    )


def esa(name: str, quarantine: PathStatus = "ok", release: PathStatus = "ok") -> list[ReportedPath]:
    return [
        ReportedPath(kind="quarantine", sender=name, receiver="sma-a", status=quarantine),
        ReportedPath(kind="release", sender="sma-a", receiver=name, status=release),
        ReportedPath(kind="command", sender="sma-a", receiver=name, status="ok"),
    ]


def report(paths: list[ReportedPath], *findings: ReportedFinding, language: str = "en") -> Report:
    return Report(
        id="01J",
        site="site-a",
        language=language,
        started=START,
        seconds=1,
        verdict="broken",
        paths=tuple(paths),
        checks=(),
        findings=findings,
    )


CHAIN = (
    finding("tls.ciphers.admit-anonymous", "esa-a1", severity=Severity.WARNING),
    finding("tls.handshake.anonymous-cipher", "esa-a1 -> sma-a", ("tls.ciphers.admit-anonymous", "esa-a1")),
    finding(
        "queue.quarantine.stalled", "esa-a1 -> sma-a", ("tls.handshake.anonymous-cipher", "esa-a1 -> sma-a")
    ),
)


def texts(drawn: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(drawn).iter(f"{SVG}text")]


def blamed(made: Report, place: int) -> list[str]:
    return [cause.id for cause in blame(made, made.paths[place])]


# --- what breaks --------------------------------------------------------------------------------------------


def test_the_cause_at_the_end_of_the_chain_is_to_blame() -> None:
    assert blamed(report(esa("esa-a1", "failed"), *CHAIN), 0) == ["tls.ciphers.admit-anonymous"]


def test_release_and_command_paths_have_the_same_ends_and_other_causes() -> None:
    made = report(
        esa("esa-a1", release="failed"),
        finding("connectivity.command.blocked", "sma-a -> esa-a1"),
        finding("connectivity.cpq.timeout", "sma-a -> esa-a1"),
    )
    assert blamed(made, 1) == ["connectivity.cpq.timeout"]


def test_without_a_finding_on_the_path_a_critical_cause_at_an_end_is_to_blame() -> None:
    made = report(
        esa("esa-a1", "failed"),
        finding("setup.changes.pending", "sma-a", severity=Severity.WARNING),
        finding("setup.service.sma-suspended", "sma-a"),
        finding("setup.service.esa-suspended", "esa-a2"),
    )
    assert blamed(made, 0) == ["setup.service.sma-suspended"]


def test_an_unknown_path_blames_the_login_of_its_sender_alone() -> None:
    made = report(
        esa("esa-a1", "unknown", "unknown"),
        finding("connectivity.ssh.refused", "esa-a1"),
        finding("tls.ciphers.admit-anonymous", "sma-a"),
    )
    assert blamed(made, 0) == ["connectivity.ssh.refused"]
    assert blamed(made, 1) == []
    assert blamed(made, 2) == []


def test_findings_that_explain_each_other_end() -> None:
    one, other = (
        ("connectivity.cpq.timeout", "esa-a1 -> sma-a"),
        ("connectivity.cpq.refused", "esa-a1 -> sma-a"),
    )
    made = report(esa("esa-a1", "failed"), finding(*one, other), finding(*other, one))
    assert blamed(made, 0) == []


# --- what is drawn ------------------------------------------------------------------------------------------


def test_arrows_say_what_they_are_and_what_breaks_them() -> None:
    drawn = texts(draw_svg(report([*esa("esa-a1", "failed"), *esa("esa-a2", "unknown")], *CHAIN)))
    assert "site-a: broken" in drawn
    assert "quarantine: tls.ciphers.admit-anonymous" in drawn
    assert "quarantine: unknown" in drawn
    assert drawn.count("release") == drawn.count("command") == 2


def test_several_causes_are_counted() -> None:
    more = finding("connectivity.cpq.busy", "esa-a1 -> sma-a", severity=Severity.WARNING)
    assert "quarantine: tls.ciphers.admit-anonymous +1" in texts(
        draw_svg(report(esa("esa-a1", "failed"), *CHAIN, more))
    )


def test_every_status_has_a_line_and_a_sign_of_its_own() -> None:
    """Who sees no colours reads the same."""
    looks = set()
    for status in ("ok", "failed", "unknown"):
        shapes = lay_out(report(esa("esa-a1", status, status))).shapes
        arrow = next(shape for shape in shapes if isinstance(shape, Stroke) and shape.points[0][0] < 300)
        label = next(s for s in shapes if isinstance(s, Label) and s.text.startswith("quarantine"))
        signs = [s for s in shapes if isinstance(s, Stroke | Label) and s is not label and _near(s, label)]
        looks.add((arrow.dash, tuple(len(s.points) if isinstance(s, Stroke) else s.text for s in signs)))
    assert len(looks) == 3
    assert len({dash for dash, _ in looks}) == 3


def _near(shape: Stroke | Label, label: Label) -> bool:
    x, y = (shape.x, shape.y) if isinstance(shape, Label) else shape.points[0]
    return label.x - 20 < x < label.x and abs(y - label.y) < 8


def test_fifty_esas_are_few_rows_and_none_is_lost() -> None:
    paths = [path for number in range(47) for path in esa(f"esa-{number}")]
    paths += esa("esa-47", "failed") + esa("esa-48", "unknown") + esa("esa-49", release="failed")
    picture = lay_out(report(paths))
    told = [shape.text for shape in picture.shapes if isinstance(shape, Label)]
    assert {"esa-47", "esa-48", "esa-49", "47 more ESAs", "Paths: 141 ok"} <= set(told)
    assert "esa-3" not in told
    assert picture.height < 1000

    all_failed = [path for number in range(50) for path in esa(f"esa-{number}", "failed")]
    told = [shape.text for shape in lay_out(report(all_failed)).shapes if isinstance(shape, Label)]
    assert sum(text.startswith("esa-") for text in told) == ROWS - 1
    assert "Paths: 78 ok, 39 failed" in told

    all_well = [path for number in range(50) for path in esa(f"esa-{number}")]
    told = [shape.text for shape in lay_out(report(all_well)).shapes if isinstance(shape, Label)]
    assert {"50 ESAs", "Paths: 150 ok"} <= set(told)


def test_nothing_leaves_the_picture_or_its_box() -> None:
    name, cause = "e" * 64, "setup." + "x" * 90
    picture = lay_out(report(esa(name, "failed"), finding(cause, f"{name} -> sma-a")))
    for shape in picture.shapes:
        if isinstance(shape, Label):
            width = measure(shape.text, shape.size)
            start = shape.x - width * {"start": 0, "middle": 0.5, "end": 1}[shape.anchor]
            assert start >= 0
            assert start + width <= picture.width
    assert fit("abcdefghij", 10, 48) == "abc...ij"


def test_text_is_escaped_and_steers_nothing() -> None:
    hostile = "<script>&\"'\x1b[31m‮]]>"
    drawn = draw_svg(report(esa("esa-a1", "failed"), finding(hostile, "esa-a1 -> sma-a")))
    assert any("<script>&" in text for text in texts(drawn))
    assert "<script" not in drawn
    assert not {"\x1b", "‮"} & set(drawn)
    assert draw_png(report(esa("esa-a1", "failed"), finding(hostile, "esa-a1 -> sma-a")))


def test_a_report_without_paths_is_a_title() -> None:
    assert "site-a: broken" in texts(draw_svg(report([])))


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_png_is_the_same_picture_twice_as_large(language: str) -> None:
    made = report(esa("esa-a1", "failed"), *CHAIN, language=language)
    picture = lay_out(made)
    image = Image.open(io.BytesIO(draw_png(made))).convert("RGB")
    assert image.size == (2 * picture.width, 2 * picture.height)
    arrow = next(s for s in picture.shapes if isinstance(s, Stroke) and s.colour == "#cf222e")
    (x, y), _ = arrow.points
    red, green, blue = image.getpixel((int(2 * x) + 6, int(2 * y)))  # type: ignore[misc]
    assert red > 180 > green + blue


def test_without_pillow_a_png_is_refused_in_one_sentence_and_svg_works() -> None:
    code = """
import sys
sys.modules["PIL"] = None
from bot.model.errors import Unusable
from bot.model.report import Report
from bot.render.picture.draw import draw_png, draw_svg
report = Report.model_validate_json(sys.stdin.read())
assert draw_svg(report).startswith("<svg")
try:
    draw_png(report)
except Unusable as error:
    print(error)
"""
    made = report(esa("esa-a1")).model_dump_json(by_alias=True)
    done = subprocess.run(
        [sys.executable, "-c", code], input=made, capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        "A PNG needs Pillow: install pvo with its extra 'pictures', or ask for a .svg file.\n"
    )
