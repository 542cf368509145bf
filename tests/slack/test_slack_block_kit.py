"""Everything that is ever shown in Slack, put before a judge that shares nothing with the workspace's."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot import knowledge
from bot.knowledge.article import write_article
from bot.lab.workspace.judge import judge_blocks, judge_view
from bot.model.run import RunState
from bot.model.watch import Change, Entry, Mute, Pulse, Schedule, Trouble
from bot.slack.desk import Line
from bot.slack.handlers.answers import render_health
from bot.slack.handlers.home import render_home
from bot.slack.handlers.modals import ask, pick_channel
from bot.slack.handlers.share import render_shared, render_sharing
from bot.slack.texts import Voice, languages, tell
from bot.slack.views import blocks as kit
from bot.slack.views.article import render_article
from bot.slack.views.blocks import Json, Post
from bot.slack.views.card import Setting, render_card
from bot.slack.views.details import render_details, render_notice
from bot.slack.views.digest import render_changes, render_digest, tell_troubles
from bot.slack.views.history import render_history
from bot.slack.views.sites import Standing
from bot.slack.views.thread import AREAS, render_later, render_thread
from tests.slack import make
from tests.slack.block_kit import complain, complain_view

FINDINGS = knowledge.load().findings
LANGUAGES = languages()
LONG = "long " * 700
HOSTILE = "<!channel> <@U0APPROVER> *b* `c` ~x~ _i_ &amp; \x1b[31m\u202e <https://evil.example|here>\r\n"


def accept(post: Post) -> None:
    assert complain(post.blocks) == []
    assert 0 < len(post.text) <= 4000
    assert kit.weigh(post.blocks) <= 13_000


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("identifier", FINDINGS)
def test_every_finding_in_every_language_however_long(identifier: str, language: str) -> None:
    for fill in (LONG, HOSTILE):
        finding = make.finding(identifier, fill=fill, language=language, excerpt="\n".join([fill] * 9))
        report = make.report(finding, finding.model_copy(update={"role": "consequence"}), language=language)
        accept(render_card(make.run(report=report, language=language), Setting("Site A")))
        for post in render_thread(report).values():
            accept(post)
        assert complain_view(render_details(report)) == []
        voice = Voice(language)
        accept(render_shared(report, fill, voice.say("share.by", user="U0OPERATOR"), voice))
        assert complain_view(render_sharing(report, fill, "{}", "U0OPERATOR", voice)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("identifier", FINDINGS)
def test_every_explanation(identifier: str, language: str) -> None:
    accept(render_article(write_article(knowledge.load(), identifier, language), Voice(language)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_fifty_esas_on_which_everything_is_wrong(language: str) -> None:
    findings = [
        make.finding(identifier, subject=f"esa-a{n}", excerpt="y" * 5000, language=language)
        for identifier in FINDINGS
        for n in range(50)
    ]
    report = make.report(*findings, esas=50, language=language)
    accept(render_card(make.run(report=report, language=language), Setting("S" * 300, notes=("n" * 3000,))))
    for post in (*render_thread(report).values(), *render_later(report, {*AREAS}).values()):
        accept(post)
    assert complain_view(render_details(report)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [*RunState])
def test_the_card_of_every_state(state: RunState, language: str) -> None:
    run = make.run(state, reason=LONG, language=language, checks_done=1, checks_total=9)
    accept(render_card(run, Setting(HOSTILE, before="https://x.example/" + "y" * 200)))


def standings(number: int, title: str) -> list[Standing]:
    site = make.inventory().sites["site-a"].model_copy(update={"title": title})
    entry = Entry(
        run="01RUN", at=make.AT, verdict="broken", causes=(f"tls.ciphers.admit-anonymous {title}",) * 3
    )
    mute = Mute(until=make.AT, user="U0OPERATOR", reason=title)
    return [
        Standing(f"site-{n}", site, entry, Schedule("*/15 * * * *", "C0OPS"), mute) for n in range(number)
    ]


def troubles(number: int) -> list[Trouble]:
    ill = Entry(run="01A", at=make.AT, verdict="broken", causes=("tls.ciphers.admit-anonymous esa-a1",))
    well = Entry(run="01B", at=make.AT + dt.timedelta(hours=2), verdict="healthy")
    changes = (Change(entry=ill), Change(entry=well))
    return [Trouble(site=f"site-{n}", first=ill, latest=well, changes=changes) for n in range(number)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", [0, 1, 200])
@pytest.mark.parametrize("title", ["Site A", LONG[:500], HOSTILE])
def test_digests_and_home_tabs_of_any_size(number: int, title: str, language: str) -> None:
    voice = Voice(language)
    accept(render_digest(standings(number, title), voice))
    assert complain_view(render_home(standings(number, title), make.AT, voice)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rest_of_what_is_shown(language: str) -> None:
    voice = Voice(language)
    entries = [
        Entry(
            run=f"01{n}",
            at=make.AT,
            verdict="broken" if n % 2 else "healthy",
            waiting=n * 40,
            causes=(f"a.b {LONG}",),
        )
        for n in range(96)
    ]
    accept(render_history(HOSTILE, entries, voice))
    accept(render_health(Line(), None, voice))
    accept(
        render_health(Line(socket=False), Pulse(workers=3, queued=1, running=2, cards=4, redis_ms=0.4), voice)
    )
    notes = tell_troubles(troubles(60), lambda name: HOSTILE, voice)
    accept(render_card(make.run(report=make.report(), language=language), Setting("Site A", notes=notes)))
    for _, post in render_changes(troubles(3), lambda name: HOSTILE, voice):
        accept(post)
    for key in ("details.loading", "details.gone", "share.twice", "store.away", "failed"):
        assert complain_view(render_notice(tell(key), voice)) == []
    words = (voice.say("start.title"), voice.say("start.submit"), voice.say("share.close"))
    where = pick_channel(voice.say("start.where"), voice.say("share.pick"), "C0OPS")
    assert complain_view(ask("pvo.start", words, "site-a", [where])) == []


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": kit.plain("x")} | more


def modal(**more: Any) -> Json:
    return {"type": "modal", "title": kit.plain("x"), "blocks": [kit.section("x")]} | more


BAD: list[list[Json]] = [
    [{"type": "headline", "text": kit.plain("x")}],
    [{"type": "header", "text": kit.mrkdwn("x")}],
    [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    [{"type": "section"}],
    [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
    [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}],
    [{"type": "section", "fields": [kit.mrkdwn("x")] * 11}],
    [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]}],
    [{"type": "section", "text": "x"}],
    [{"type": "context", "elements": [kit.mrkdwn("x")] * 11}],
    [{"type": "context", "elements": []}],
    [{"type": "actions", "elements": []}],
    [{"type": "actions", "elements": [button(action_id=f"a{n}") for n in range(26)]}],
    [{"type": "actions", "elements": [button(), button()]}],
    [{"type": "actions", "elements": [button(text=kit.mrkdwn("x"))]}],
    [{"type": "actions", "elements": [button(text={"type": "plain_text", "text": "x" * 76})]}],
    [{"type": "actions", "elements": [button(value="x" * 2001)]}],
    [{"type": "actions", "elements": [button(accessibility_label="x" * 76)]}],
    [{"type": "actions", "elements": [button(action_id="x" * 256)]}],
    [{"type": "actions", "elements": [button(confirm={"title": kit.plain("x")})]}],
    [{"type": "rich_text", "elements": [{"type": "rich_text_part", "elements": []}]}],
    [kit.divider() | {"block_id": "x" * 256}],
    [kit.divider() | {"block_id": "x"}, kit.divider() | {"block_id": "x"}],
    [kit.divider()] * 51,
]
BAD_VIEWS = [
    modal(title=kit.plain("x" * 25)),
    modal(close=kit.plain("x" * 25)),
    modal(private_metadata="x" * 3001),
    modal(callback_id="x" * 256),
    modal(blocks=[kit.divider()] * 101),
    modal(blocks=[pick_channel("x", "y")]),
    modal(title=kit.mrkdwn("x")),
]


def _judged() -> Iterator[tuple[Any, Callable[[Any], list[Any]]]]:
    for blocks in BAD:
        yield blocks, complain
        yield blocks, judge_blocks
    for view in BAD_VIEWS:
        yield view, complain_view
        yield view, judge_view


@pytest.mark.parametrize(("payload", "judge"), list(_judged()))
def test_both_judges_refuse_what_slack_refuses(payload: Any, judge: Callable[[Any], list[Any]]) -> None:
    assert judge(payload)
