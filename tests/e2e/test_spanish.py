"""`pvo check --language es` speaks Spanish, whatever the fault; ids, commands and evidence stay as they are."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from bot import wiring
from bot.lab.appliances import Lab, LabSettings
from bot.model.report import Report
from tests.render.written import render_text

ENGLISH = re.compile(r"\b(?:the|and|of|is|are|with|for|from|that|when|not|it|on|to)\b", re.IGNORECASE)
QUOTED = re.compile(
    r"`[^`]+`|«[^»]+»"  # commands, log lines and answers
    r"|\b[a-z]+\.[a-z]+\.[a-z-]+"  # finding ids
    r"|\b(?:Security|Centralized) Services -> Policy, Virus and Outbreak Quarantines"
)


async def check(lab: Lab, language: str) -> Report:
    async def ignore(done: int, total: int) -> None:
        pass

    order = wiring.terminal_order(lab.inventory, "site-a", (), language)
    return (await wiring.check_site(order, ignore)).report


def told(report: Report) -> str:
    """What a terminal shows but for what appliances print, what is typed on them, and the names of sources."""
    findings = tuple(
        finding.model_copy(
            update={
                "evidence": (),
                "fixes": tuple(
                    fix.model_copy(update={"commands": (), "undo": (), "source": "TechNote"})
                    for fix in finding.fixes
                ),
            }
        )
        for finding in report.findings
    )
    sink = io.StringIO()
    shown = report.model_copy(update={"findings": findings})
    render_text(shown, Console(file=sink, width=100, highlight=False), verbose=True)
    return re.sub(r"\s+", " ", sink.getvalue())


@pytest.mark.parametrize(
    "faults", [(), ("sma-suspended",), ("anonymous-cipher", "peer-not-allowed")], ids="+".join
)
async def test_a_run_is_told_in_spanish(faults: tuple[str, ...], tmp_path: Path) -> None:
    async with Lab(tmp_path, list(faults), LabSettings()) as lab:
        spanish, english = await check(lab, "es"), await check(lab, "en")

    text = told(spanish)
    left = QUOTED.sub("", text)
    assert [left[max(0, m.start() - 30) : m.end() + 10] for m in ENGLISH.finditer(left)] == []
    assert ("averiado (broken)" if faults else "sano (healthy)") in text
    assert [(f.id, f.subject, f.role) for f in spanish.findings] == [
        (f.id, f.subject, f.role) for f in english.findings
    ]
    assert [(c.id, c.subject, c.status) for c in spanish.checks] == [
        (c.id, c.subject, c.status) for c in english.checks
    ]
