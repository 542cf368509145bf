"""A pseudo-language: the English texts with every run of words between marks, ⟦like this⟧, and no other change."""

import datetime as dt
import io
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

OPEN, CLOSE = "⟦⟧"
TOLD = ("title", "why", "steps", "effect", "risk", "undo")
"""What is a sentence in the table of a finding."""
KEPT = re.compile(r"\{[^}]*\}|:[a-z_]+:|<[@#!]?\{\w+\}(?:\||>)?")
"""Placeholders, Slack's signs, and the beginning of its mentions and links."""
RUN = re.compile(r"[^\W_](?:[^`*<>|{}\n]*[^\W_])?")


def mark(sentence: str) -> str:
    """The sentence with its own words marked; what is filled in, and what formats it, stays outside."""
    parts, end = [], 0
    for kept in KEPT.finditer(sentence):
        parts += [RUN.sub(rf"{OPEN}\g<0>{CLOSE}", sentence[end : kept.start()]), kept[0]]
        end = kept.end()
    return "".join([*parts, RUN.sub(rf"{OPEN}\g<0>{CLOSE}", sentence[end:])])


def translate(folder: Path, target: Path) -> None:
    """Writes the pseudo-language, a folder of texts, from the one in `folder`."""
    target.mkdir()
    for file in folder.glob("*.toml"):
        table = tomllib.loads(file.read_text("utf-8"))
        lines = [f"{json.dumps(key)} = {_write(_translated(value, key))}" for key, value in table.items()]
        (target / file.name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _translated(value: Any, key: str, *, finding: bool = False) -> Any:
    if isinstance(value, str):
        return value if finding and key not in TOLD else mark(value)
    if isinstance(value, list):
        return [_translated(one, key, finding=finding) for one in value]
    finding = finding or key != "placeholders"
    return {
        name: one if name == "when" else _translated(one, name, finding=finding)
        for name, one in value.items()
    }


def _write(value: Any) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_write(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_write, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def find_unmarked(text: str) -> str:
    """What stands outside of marks in what was shown; a sentence that was cut is marked up to its end."""
    return re.sub(rf"{OPEN}[^{CLOSE}]*(?:{CLOSE}|$)", " ", text)


def strings(blocks: Any) -> list[str]:
    """Every text of Block Kit that people read."""
    if isinstance(blocks, list):
        return [text for block in blocks for text in strings(block)]
    if not isinstance(blocks, dict):
        return []
    here = [blocks[key] for key in ("text", "alt_text") if isinstance(blocks.get(key), str)]
    return here + [text for value in blocks.values() for text in strings(value)]


def shown(post: Any) -> list[str]:
    """Every text of a message."""
    return [post.text, *strings(post.blocks)]


def documents(language: str) -> dict[str, list[str]]:
    """A document of each kind in the language, as the texts that people read."""
    from rich.console import Console

    from bot import knowledge
    from bot.knowledge.article import write_article
    from bot.model.finding import Status
    from bot.model.report import Coverage, Impact
    from bot.remediation.seal import Seal
    from bot.render.documents.article import tell_article
    from bot.render.documents.report import tell_report
    from bot.render.writers.markdown import write_markdown
    from bot.render.writers.terminal import write_text
    from bot.slack.handlers.approving import Pressed, render_decision
    from bot.slack.handlers.parse import Answer, parse
    from bot.slack.handlers.share import render_sharing
    from bot.slack.texts import Voice
    from bot.slack.views.article import render_article
    from bot.slack.views.card import Setting, render_card
    from bot.slack.views.details import render_details
    from bot.slack.views.request import render_request
    from bot.slack.views.thread import render_thread
    from tests.remediation.make import FIRST, NOW, plan_of, requested
    from tests.slack import make

    reason = knowledge.load().explain(language, "no-listener", {"appliance": "sma-a"})
    checks = [
        make.check(Status.PASSED),
        make.check(Status.FAILED, "tls.ciphers"),
        make.check(Status.ERROR, "connectivity.command", reason),
        make.check(Status.SKIPPED, "log.delivery", reason),
    ]
    findings = [
        make.finding(language=language),
        make.finding("setup.service.sma-suspended", language=language),
        make.consequence(language=language),
    ]
    report = make.report(
        *findings,
        language=language,
        checks=checks,
        impact=Impact(waiting=412, oldest_minutes=97),
        coverage=Coverage(unlisted_peers=("10.10.20.9",)),
    )
    article = write_article(knowledge.load(), "tls.ciphers.admit-anonymous", language)
    voice = Voice(language)
    terminal = io.StringIO()
    write_text(tell_report(report, verbose=True), Console(file=terminal, width=1000))
    asked = parse("help")
    assert isinstance(asked, Answer)
    plan = plan_of(language=language, title=findings[0].fixes[0].title)
    waiting = requested(Seal(), until=NOW + dt.timedelta(minutes=30), plan=plan)
    pressed = Pressed("approve", waiting.id, FIRST, "C0OPS", "1.1")
    return {
        "terminal": [terminal.getvalue()],
        "markdown": [write_markdown(tell_report(report, verbose=True))],
        "article": [write_markdown(tell_article(article))],
        "help": [asked.told(voice)],
        "card": shown(render_card(make.run(report=report, language=language), Setting("site-a"))),
        "explanation": shown(render_article(article, voice)),
        "thread": [text for post in render_thread(report).values() for text in shown(post)],
        "request": shown(render_request(waiting, "site-a", [FIRST])),
        "decision": strings(render_decision(waiting, pressed, voice, NOW, "{}")),
        "details": strings(render_details(report)),
        "sharing": strings(render_sharing(report, "site-a", "{}", make.OPERATOR, voice)),
    }


if __name__ == "__main__":
    print(json.dumps(documents(sys.argv[1])))
