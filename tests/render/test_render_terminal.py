"""The report in a terminal: the cause first, nothing by colour alone, nothing that steers the terminal."""

import io
import re

import pytest
from rich.console import Console

from bot.model.finding import Evidence, Severity, Status
from bot.model.report import Explanation, Report, ReportedCheck
from tests.render.written import render_markdown, render_text

COLOUR = re.compile(r"\x1b\[[0-9;]*?(?:3[0-9]|9[0-7])[0-9;]*m")


def show(report: Report, width: int = 100, verbose: bool = False, encoding: str = "utf-8") -> str:
    """The text in a pipe."""
    sink = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    render_text(report, Console(file=sink, width=width), verbose)
    sink.flush()
    assert isinstance(sink.buffer, io.BytesIO)
    return sink.buffer.getvalue().decode(encoding)


def with_evidence(report: Report, excerpt: str) -> Report:
    evidence = Evidence(appliance="sma-a", command="status", excerpt=excerpt, at=report.started)
    return report.model_copy(
        update={"findings": (report.findings[0].model_copy(update={"evidence": (evidence,)}),)}
    )


def test_the_verdict_comes_first_and_then_the_cause(broken: Report) -> None:
    text = show(broken)

    lines = text.splitlines()
    assert lines[0] == "✖ broken  site-a: mail does not pass on 1 of 3 paths"
    assert (
        "412 recipients wait, the oldest for 1 h 37 min, mail bounces from 2026-11-27 00:00 UTC." in lines[1]
    )
    order = [
        "The cause",
        "The SMA sma-a is suspended",
        "1 consequence",
        "To note",
        "Paths",
        "Could not tell",
        "Skipped",
    ]
    places = [text.index(heading) for heading in order]
    assert places == sorted(places)


def test_the_cause_comes_with_evidence_and_everything_to_do(broken: Report) -> None:
    text = show(broken)

    for part in (
        "setup.service.sma-suspended",
        "sma-a> status",
        "System status: Offline",
        "Fix: Resume sma-a",
        "The bot can do it after 1 approval; risk medium",
        "1. Make sure that it is no planned stop.",
        "2. Run `resume` on sma-a.",
        "The bot sends to sma-a:",
        "To take it back: suspend | <Enter>",
        "Effect: All listeners of sma-a accept connections again.",
        "Source: TechNote 200068, Listeners",
    ):
        assert part in text


def test_a_manual_fix_with_lines_says_why_and_where_to_type_them(broken: Report) -> None:
    finding = broken.findings[0]
    fix = finding.fixes[0].model_copy(
        update={"applicability": "manual", "because": "Site A is only observed."}
    )
    text = show(broken.model_copy(update={"findings": (finding.model_copy(update={"fixes": (fix,)}),)}))

    assert "By hand; risk medium" in text
    assert "Site A is only observed." in text
    assert "Type on sma-a:" in text
    assert "The bot" not in text


def test_consequences_are_short_and_name_what_explains_them(broken: Report) -> None:
    text = show(broken)

    assert "queue.quarantine.stalled, because of setup.service.sma-suspended (sma-a)" in text
    assert "Nothing of the queue is delivered." not in text


def test_a_consequence_names_its_cause_rather_than_the_links_to_it(broken: Report) -> None:
    cause, consequence, _ = broken.findings
    link = Explanation(id="connectivity.cpq.refused", subject="esa-a1 -> sma-a")
    linked = consequence.model_copy(update={"explained_by": (link, *consequence.explained_by)})
    far = consequence.model_copy(update={"explained_by": (link,)})

    assert "because of setup.service.sma-suspended (sma-a)" in show(
        broken.model_copy(update={"findings": (cause, linked)})
    )
    assert "because of connectivity.cpq.refused (esa-a1 -> sma-a)" in show(
        broken.model_copy(update={"findings": (cause, far)})
    )


def test_what_stays_open_is_shown_with_its_reason(broken: Report) -> None:
    text = show(broken)

    assert re.search(
        r"\? +queue\.quarantine +esa-a2 -> sma-a +esa-a2 did not answer `tophosts` within 30 s\.", text
    )
    assert re.search(r"- +tls\.ciphers +sma-a +The SMA shows no outbound cipher list\.", text)
    assert re.search(r"\? +unknown +quarantine +esa-a2 -> sma-a", text)
    assert "10.10.9.9" in text
    assert "4 checks in 2.3 s: 1 passed, 1 failed, 1 could not tell, 1 skipped." in text


def test_verbose_adds_reasons_evidence_and_every_check(broken: Report) -> None:
    text = show(broken, verbose=True)

    assert "Nothing of the queue is delivered." in text
    assert "1* the.cpq.host 412 0 0 4 0" in text
    assert re.search(r"✔ +passed +setup\.listener +sma-a +0\.2 s", text)


def test_long_answers_are_cut_and_say_so(broken: Report) -> None:
    long = with_evidence(broken, "\n".join(f"line {number}" for number in range(10)))

    assert "line 3" not in show(long)
    assert "line 9" in show(long)
    assert "(4 lines before, with --verbose)" in show(long)
    assert "line 3" in show(long, verbose=True)


def test_a_healthy_site_is_told_in_a_few_lines(healthy: Report) -> None:
    text = show(healthy)

    assert text.startswith("✔ healthy  site-a: mail passes, nothing is wrong")
    assert "cause" not in text
    assert len(text.splitlines()) < 10


def test_an_accepted_finding_is_noted_and_is_no_cause(broken: Report) -> None:
    accepted = broken.findings[0].model_copy(update={"accepted": True, "severity": Severity.WARNING})
    text = show(broken.model_copy(update={"findings": (accepted,), "verdict": "healthy"}))

    assert "The cause" not in text
    assert "To note" in text
    assert "warning, accepted" in text


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal(broken: Report, width: int) -> None:
    wide = with_evidence(broken, "x" * 300)

    assert max(len(line) for line in show(wide, width, verbose=True).splitlines()) <= width


def test_no_line_ends_with_blanks(broken: Report) -> None:
    assert [line for line in show(broken, 80, verbose=True).splitlines() if line != line.rstrip()] == []


def test_no_colour_means_no_colour(broken: Report) -> None:
    coloured, plain = io.StringIO(), io.StringIO()
    render_text(broken, Console(file=coloured, force_terminal=True, color_system="standard", no_color=False))
    render_text(broken, Console(file=plain, force_terminal=True, color_system="standard", no_color=True))

    assert COLOUR.search(coloured.getvalue())
    assert not COLOUR.search(plain.getvalue())
    assert "`resume`" in plain.getvalue()


def test_a_terminal_without_unicode_gets_ascii_signs(broken: Report) -> None:
    text = show(with_evidence(broken, "Benützer"), encoding="ascii")

    assert text.startswith("x broken")
    assert "Ben?tzer" in text


def test_text_of_appliances_steers_nothing(broken: Report) -> None:
    text = show(with_evidence(broken, "[red]a[/red] [link=x]b \x1b[2Jc \x9b31md \u202ee \x07"))

    assert r"[red]a[/red] [link=x]b \x1b[2Jc \x9b31md \u202ee \x07" in text
    assert not set(text) & set("\x1b\x9b\u202e\x07")


def test_a_reason_that_many_checks_share_stands_once(broken: Report) -> None:
    open_checks = [
        ReportedCheck(id=name, subject=subject, status=Status.SKIPPED, reason="needs a login", seconds=0)
        for name in ("setup.service", "tls.ciphers")
        for subject in ("esa-a1", "esa-a2")
    ]
    shared = broken.model_copy(update={"checks": tuple(open_checks)})

    assert "  -  needs a login: setup.service, tls.ciphers\n" in show(shared)
    assert "- needs a login: `setup.service`, `tls.ciphers`\n" in render_markdown(shared)
