"""The report as a ticket: the same facts, and text of appliances cannot become markup."""

import pytest

from bot.model.finding import Evidence
from bot.model.report import Coverage, Report
from tests.render.written import render_markdown


def test_a_ticket_holds_verdict_cause_evidence_and_fix(broken: Report) -> None:
    text = render_markdown(broken)

    assert text.startswith("# site-a: broken, mail does not pass on 1 of 3 paths\n")
    for part in (
        "## The cause\n\n### The SMA sma-a is suspended and takes no mail",
        "`setup.service.sma-suspended`, critical, `sma-a`",
        "`System status:` of sma-a is Offline.",
        "*Management Appliance -\\> System Administration*",
        "`status` on `sma-a`, 2026-11-24T03:00:01Z:\n\n```\nSystem status: Offline\n```",
        "2. Run `resume` on sma-a.",
        "The bot sends to sma-a:\n\n```\nresume\n<Enter>\n```",
        "Source: TechNote 200068, Listeners",
        "because of `setup.service.sma-suspended (sma-a)`",
        "| quarantine | esa-a1 | sma-a | failed |",
        "- `queue.quarantine` (`esa-a2 -> sma-a`): esa-a2 did not answer `tophosts` within 30 s.",
        "- `tls.ciphers` (`sma-a`): The SMA shows no outbound cipher list.",
    ):
        assert part in text
    assert text.endswith("1 skipped.\n")


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("en", "## Registered on the appliances, but in no site of the inventory"),
        ("es", "## Registrados en los equipos, pero en ningún sitio del inventario"),
    ],
)
def test_who_is_in_no_site_is_listed(broken: Report, language: str, heading: str) -> None:
    told = broken.model_copy(update={"language": language})

    assert f"{heading}\n\n- `10.10.9.9`\n" in render_markdown(told)
    assert heading not in render_markdown(told.model_copy(update={"coverage": Coverage()}))


def test_a_healthy_site_has_no_causes(healthy: Report) -> None:
    assert "cause" not in render_markdown(healthy)


def test_an_answer_cannot_leave_its_block(broken: Report) -> None:
    evidence = Evidence(appliance="sma-a", command="a `b`", excerpt="one\n```\n# two\x1b", at=broken.started)
    finding = broken.findings[0].model_copy(update={"evidence": (evidence,)})

    text = render_markdown(broken.model_copy(update={"findings": (finding,)}))

    assert "````\none\n```\n# two\\x1b\n````" in text
    assert "`` a `b` `` on `sma-a`" in text


def test_names_and_sentences_are_escaped(broken: Report) -> None:
    finding = broken.findings[0].model_copy(update={"why": "It said <b>|no|</b> [x](y) @all\n# no heading"})

    text = render_markdown(broken.model_copy(update={"findings": (finding,)}))

    assert r"It said \<b\>\|no\|\</b\> \[x\](y) \@all \# no heading" in text
