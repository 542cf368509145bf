"""Cards, threads and modals: what they say, and that Slack would take every one of them."""

import json
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from bot import knowledge
from bot.lab.workspace.judge import judge_blocks, judge_view
from bot.model.finding import Severity, Status
from bot.model.report import Impact
from bot.model.run import RunState
from bot.slack.texts import DEFAULT, tell
from bot.slack.views.blocks import Post, escape, marked, weigh
from bot.slack.views.card import Setting, render_card
from bot.slack.views.details import render_details, render_notice
from bot.slack.views.thread import MESSAGE, render_thread
from tests.slack import make

HOSTILE = (
    "<!channel> <@U0APPROVER> *bold* `code` ~x~ _it_ &amp; \x1b[31m\u202e <https://evil.example|here>\r\n"
)
TROUBLED = (RunState.LOST, RunState.REFUSED)


def accept(post: Post) -> None:
    """Two judges: the workspace's, and the SDK's own models; and the weight that Slack bears."""
    assert judge_blocks(post.blocks) == []
    for block in post.blocks:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
    assert 0 < len(post.text) <= 3000
    assert weigh(post.blocks) <= 13_000


def texts(blocks: object) -> str:
    return json.dumps(blocks, ensure_ascii=False)


@pytest.mark.parametrize("identifier", knowledge.load().findings)
@pytest.mark.parametrize("fill", ["x", "long " * 400, HOSTILE])
def test_slack_takes_every_finding_of_the_catalogue(identifier: str, fill: str) -> None:
    finding = make.finding(identifier, fill=fill, excerpt="\n".join([fill] * 12))
    report = make.report(finding, finding.model_copy(update={"role": "consequence"}))
    accept(render_card(make.run(report=report), Setting("Site A")))
    (post,) = render_thread(report).values()
    accept(post)
    assert identifier in texts(post.blocks)
    assert judge_view(render_details(report)) == []


def test_slack_takes_a_site_with_fifty_esas_on_which_everything_is_wrong() -> None:
    findings = [
        make.finding(identifier, subject=f"esa-a{n}", excerpt="y" * 5000)
        for identifier in knowledge.load().findings
        for n in range(50)
    ]
    report = make.report(*findings, esas=50)
    accept(render_card(make.run(report=report), Setting("S" * 300)))
    for post in render_thread(report).values():
        accept(post)
        assert "more; the report file below has them all" in texts(post.blocks)
    assert judge_view(render_details(report)) == []


@pytest.mark.parametrize("state", [*RunState])
def test_slack_takes_the_card_of_every_state(state: RunState) -> None:
    run = make.run(state, reason=HOSTILE if state in TROUBLED else None, checks_done=3, checks_total=9)
    accept(render_card(run, Setting(HOSTILE)))


@pytest.mark.parametrize("verdict", ["healthy", "degraded", "broken", "unknown"])
def test_the_verdict_stands_as_a_word_in_text_and_header(verdict: str) -> None:
    post = render_card(make.run(report=make.report(verdict=verdict)), Setting("Site A"))
    accept(post)
    assert post.text.startswith(f"Site A: {verdict}")
    assert post.blocks[0]["text"]["text"].endswith(f"Site A: {verdict}")
    assert post.blocks[0]["text"]["text"].startswith(":")


def test_the_final_card_names_cause_paths_time_asker_and_buttons() -> None:
    impact = Impact(waiting=412, oldest_minutes=97)
    report = make.report(make.finding(), make.consequence(), impact=impact)
    post = render_card(make.run(report=report, areas=("tls",)), Setting("Site A"))
    said = texts(post.blocks)
    for wanted in (
        *(
            "tls.ciphers.admit-anonymous",
            "esa-a1 → sma-a failed",
            "412 recipients wait",
            "oldest message 1 h 37 min",
        ),
        *("asked by <@U0OPERATOR>", "took 2.3 s", "only tls", "pvo.recheck", "pvo.details"),
    ):
        assert wanted in said
    assert "queue.quarantine.stalled" not in said
    assert [element["value"] for element in post.blocks[-1]["elements"]] == ["01RUN"] * 3


def test_a_large_site_shows_what_fails_and_counts_what_works() -> None:
    report = make.report(make.finding(), esas=50, path="ok")
    failed = [
        path.model_copy(update={"status": "failed"}) if index < 30 else path
        for index, path in enumerate(report.paths)
    ]
    fields = render_card(
        make.run(report=report.model_copy(update={"paths": tuple(failed)})), Setting("Site A")
    )
    quarantine = next(block for block in fields.blocks if "fields" in block)["fields"][0]["text"]
    assert quarantine.count("failed") == 6
    assert "and 4 more" in quarantine
    assert "the other 40 ok" in quarantine


def test_what_is_accepted_is_no_cause_on_the_card() -> None:
    report = make.report(make.finding(accepted=True), verdict="healthy")
    post = render_card(make.run(report=report), Setting("Site A"))
    assert post.text == "Site A: healthy"
    assert "1 finding to know about" in texts(post.blocks)


def test_a_broken_path_with_an_accepted_cause_is_not_called_unknown() -> None:
    report = make.report(make.finding(accepted=True), make.consequence())
    said = texts(render_card(make.run(report=report), Setting("Site A")).blocks)
    assert "its cause is known and accepted" in said
    assert "could not be told" not in said


def test_an_open_verdict_says_so() -> None:
    post = render_card(make.run(report=make.report(verdict="unknown")), Setting("Site A"))
    assert "could not be told whether mail gets through" in texts(post.blocks)


def test_areas_with_causes_come_first_and_could_not_tell_is_said() -> None:
    unasked = make.check(Status.ERROR, "log.delivery", "esa-a1 did not answer `grep` within 180 s.")
    note = make.finding("log.activity.none", severity=Severity.INFO)
    report = make.report(make.consequence(), note, make.finding(), checks=[unasked])
    thread = render_thread(report)
    assert list(thread) == ["area:tls", "area:queue", "area:log"]
    assert thread["area:log"].text == "Mail logs: 1 finding, 1 check could not tell"
    assert "did not answer" in texts(thread["area:log"].blocks)
    assert "1 check. The thread says why" in texts(
        render_card(make.run(report=report), Setting("Site A")).blocks
    )


def test_a_cause_comes_with_evidence_steps_commands_and_source() -> None:
    finding = make.finding(excerpt="TLS failed: verify error: no certificate from server")
    said = texts(render_thread(make.report(finding))["area:tls"].blocks)
    for wanted in (
        "no certificate from server",
        "2026-11-24 03:00:00 UTC",
        "TechNote 200068",
        "(Enter)",
        "Risk: ",
    ):
        assert wanted in said
    assert "rich_text_preformatted" in said


def test_a_consequence_is_short_and_names_what_explains_it() -> None:
    (post,) = render_thread(make.report(make.consequence())).values()
    assert "explained by " in texts(post.blocks)
    assert "tls.ciphers.admit-anonymous" in texts(post.blocks)
    assert "wrench" not in texts(post.blocks)


def test_a_healthy_site_has_nothing_to_say_in_the_thread() -> None:
    assert render_thread(make.report()) == {}
    assert "Nothing wrong: 1 check passed." in texts(
        render_card(make.run(report=make.report()), Setting("Site A")).blocks
    )


def test_text_of_appliances_is_data() -> None:
    assert escape(HOSTILE).startswith(
        "&lt;!channel&gt; &lt;@U0APPROVER&gt; ∗bold∗ ˋcodeˋ ∼x∼ ＿it＿ &amp;amp; [31m"
    )
    finding = make.finding(title=HOSTILE, why=HOSTILE, excerpt=HOSTILE, subject=HOSTILE)
    report = make.report(finding)
    for post in (render_card(make.run(report=report), Setting(HOSTILE)), *render_thread(report).values()):
        assert "<!channel>" not in post.text
        for text in _mrkdwn(post.blocks):
            assert "<!" not in text
            assert "<@U0APPROVER>" not in text
        assert "\u202e" not in texts(post.blocks)
        assert "\\u001b" not in texts(post.blocks)


def _mrkdwn(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for part in value for text in _mrkdwn(part)]
    if not isinstance(value, dict):
        return []
    if value.get("type") == "mrkdwn":
        return [value["text"]]
    return [text for part in value.values() for text in _mrkdwn(part)]


def test_a_finding_too_large_for_a_message_is_shown_in_part() -> None:
    finding = make.finding()
    huge = finding.model_copy(update={"fixes": finding.fixes * 30})
    (post,) = render_thread(make.report(huge)).values()
    accept(post)
    assert weigh(post.blocks) > MESSAGE.weight / 2


def test_the_modal_can_hold_one_sentence() -> None:
    assert judge_view(render_notice(tell("details.loading"), DEFAULT)) == []


@pytest.mark.parametrize("identifier", knowledge.load().findings)
def test_slack_takes_every_finding_in_spanish(identifier: str) -> None:
    report = make.report(make.finding(identifier, language="es"), language="es")
    accept(render_card(make.run(report=report, language="es"), Setting("Sitio A")))
    for post in render_thread(report).values():
        accept(post)
    assert judge_view(render_details(report)) == []


def test_a_spanish_run_has_a_spanish_card_thread_and_modal() -> None:
    impact = Impact(waiting=1, oldest_minutes=97)
    report = make.report(make.finding(), make.consequence(), impact=impact, language="es")
    post = render_card(make.run(report=report, language="es"), Setting("Sitio A"))
    assert post.text.startswith("Sitio A: averiado (broken) – ")
    said = texts(post.blocks)
    for wanted in (
        "La causa",
        "espera 1 destinatario",
        "mensaje más antiguo: 1 h 37 min",
        "Comprobar de nuevo",
    ):
        assert wanted in said
    thread = texts([reply.blocks for reply in render_thread(report).values()])
    for wanted in ("Causa (", "Qué hacer: ", "Fuente: ", "a causa de "):
        assert wanted in thread
    assert render_details(report)["title"]["text"] == "Detalles"


@pytest.mark.parametrize("state", [*RunState])
def test_slack_takes_the_spanish_card_of_every_state(state: RunState) -> None:
    post = render_card(make.run(state, language="es", checks_done=3, checks_total=9), Setting("Sitio A"))
    accept(post)
    assert post.text.startswith("Sitio A: ")
    assert "solicitado por <@U0OPERATOR>" in texts(post.blocks)


def test_commands_are_code_and_menus_are_italic() -> None:
    runs = marked("Open *Network -> IP Interfaces*, then `commit`; 2 * 3 * 4 stays.")
    assert [(run["text"], run.get("style")) for run in runs] == [
        ("Open ", None),
        ("Network -> IP Interfaces", {"italic": True}),
        (", then ", None),
        ("commit", {"code": True}),
        ("; 2 * 3 * 4 stays.", None),
    ]
