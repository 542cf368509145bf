"""Traces as a real collector receives them: from a command in Slack to the last line typed on an appliance."""

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.asyncos.commands.resume import suspend
from bot.lab.appliances import Lab, LabSettings
from bot.lab.workspace import Workspace
from bot.model.errors import Unusable
from bot.probes.live import LiveDoors
from bot.settings import load_inventory, read_secret
from bot.slack.wire.envelope import name_arrival
from bot.tracing import otlp, spans
from bot.tracing.lines import Lines
from bot.tracing.start import tracing
from tests.tracing.collector import Collector, collecting

PATIENCE = 90


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@asynccontextmanager
async def process(name: str, settings: dict[str, str], cwd: Path) -> AsyncIterator[None]:
    """`pvo app` or `pvo worker`, ended by SIGTERM and waited for."""
    log = (cwd / f"{name}.log").open("wb")
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", name), env=settings, cwd=cwd, stdout=log, stderr=log
    )
    log.close()
    try:
        yield
    finally:
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), PATIENCE) == 0, (cwd / f"{name}.log").read_text()


async def check_in_slack(lab: Lab, redis_url: str, collector: Collector, folder: Path) -> list[str]:
    """A person types `/pvo check site-a`; app and worker are processes of their own. Ends once the card has its
    verdict and both are gone; the answer is every secret that was about."""
    async with Workspace() as workspace:
        settings = os.environ | {
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
            "SLACK_API_URL": workspace.api_url,
            "REDIS_URL": redis_url,
            "PVO_INVENTORY": str(lab.inventory),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        }
        messages = workspace.state.messages
        with workspace.state.feed.subscribe() as events:
            async with process("app", settings, folder), process("worker", settings, folder):
                async with asyncio.timeout(PATIENCE):
                    while not workspace.sockets.connections:
                        await events.get()
                    await workspace.people.type("U0OPERATOR", "C0OPS", "/pvo check site-a log tls")
                    while not any("healthy" in message.text for message in messages.top_level("C0OPS")):
                        await events.get()
        passwords = [path.read_text().strip() for path in lab.inventory.parent.glob("*.password")]
        return [workspace.bot_token, workspace.app_token, *passwords]


async def test_one_trace_from_the_command_to_the_last_line(
    tmp_path: Path, redis_url: str, collector: Collector
) -> None:
    async with Lab(tmp_path, settings=LabSettings(message_interval=0, release_interval=0)) as lab:
        secrets = await check_in_slack(lab, redis_url, collector, tmp_path)

    (command,) = collector.named("/pvo check")
    (run,) = collector.named("run")
    (queued,) = collector.named("queued")
    assert (command.service, command.parent, run.service, run.parent) == (
        "pvo-app", "", "pvo-worker", command.id,
    )  # fmt: skip
    assert run.attributes["pvo.verdict"] == "healthy"
    assert queued.parent == run.id
    assert run.began == queued.began < queued.ended < run.ended

    lines = collector.named("line")
    assert {"version", "grep", "sslconfig"} <= {str(line.attributes["pvo.command"]) for line in lines}
    below_checks = [[span.name for span in collector.above(line)] for line in lines]
    assert ["line", "ask", "check", "run", "/pvo check"] in below_checks
    assert {chain[-1] for chain in below_checks} == {"/pvo check"}
    assert {str(span.attributes["pvo.appliance"]) for span in collector.named("login")} == {
        "sma-a", "esa-a1", "esa-a2",
    }  # fmt: skip
    assert {span.attributes["pvo.status"] for span in collector.named("check")} == {"passed"}

    calls = [span for span in collector.named("slack call") if collector.above(span)[1].name == "card"]
    assert {"chat.postMessage", "chat.update"} <= {span.attributes["pvo.method"] for span in calls}
    assert {span.trace for span in collector.spans} == {command.trace}
    assert [span for span in collector.spans if span.failure] == []

    for untold in (*secrets, "mail_logs", "System status", "10.10.", "example.com", "log tls"):
        assert untold.encode() not in collector.raw, untold


def test_what_fails_is_told_by_its_name_alone(collector: Collector) -> None:
    with tracing(f"{collector.url}/v1/traces", "pvo-test"), pytest.raises(ValueError), spans.span("ask"):
        raise ValueError("the password was hunter2")
    (span,) = collector.spans
    assert span.failure == "ValueError"
    assert b"hunter2" not in collector.raw


def test_a_line_ends_where_the_next_begins_and_keys_are_none(collector: Collector) -> None:
    with tracing(f"{collector.url}/v1/traces", "pvo-test"), spans.span("ask"):
        lines = Lines()
        with lines.of('grep "secret" mail_logs'):
            for sent in (b'grep "secret" mail_logs\n', b" ", b"secret answer\n", b"\x03"):
                lines.sent(sent)
    first, second = sorted(collector.named("line"), key=lambda line: line.began)
    assert [line.attributes for line in (first, second)] == [
        {"pvo.command": "grep", "pvo.number": number} for number in (1, 2)
    ]
    assert first.ended <= second.began
    assert b"secret" not in collector.raw


async def test_lines_of_a_fix_are_told_without_their_answers(collector: Collector, tmp_path: Path) -> None:
    async with Lab(tmp_path, settings=LabSettings(message_interval=0, release_interval=0)) as lab:
        doors = LiveDoors(read_secret)
        with tracing(f"{collector.url}/v1/traces", "pvo-test"), spans.span("remediation"):
            async with doors.console(load_inventory(lab.inventory), "sma-a") as console:
                for entry in suspend().entries:
                    await console.type(entry, "", lambda: None)
        doors.close()
        assert lab.appliances["sma-a"].system_status == "Offline"
    lines = sorted(collector.named("line"), key=lambda line: line.began)
    assert [(line.attributes["pvo.command"], line.attributes["pvo.number"]) for line in lines] == [
        ("suspend", number) for number in range(1, len(suspend().entries) + 1)
    ]
    assert {collector.above(line)[-1].name for line in lines} == {"remediation"}


def test_another_process_goes_on_and_a_strange_parent_begins_anew(collector: Collector) -> None:
    since = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)
    with tracing(f"{collector.url}/v1/traces", "pvo-test"):
        with spans.span("first"):
            carried = spans.carrier()
        with spans.span("second", parent=carried, since=since):
            pass
        with spans.span("third", parent="00-nonsense"):
            pass
        with spans.follow(None, "fourth", run="01RUN"):
            assert not spans.begin("fifth").span
    assert [span.name for span in collector.spans] == ["first", "second", "third"]
    first, second, third = collector.spans
    assert (second.trace, second.parent) == (first.trace, first.id)
    assert second.began == int(since.timestamp() * 1_000_000_000)
    assert third.parent == ""
    assert third.trace != first.trace


def test_the_standard_variables_hold(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "mail-bot")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")
    sampled = f"00-{'1' * 32}-{'2' * 16}-01"
    with tracing(f"{collector.url}/v1/traces", "pvo-test"):
        with spans.span("left out"):
            pass
        with spans.span("kept", parent=sampled):
            pass
    assert [(span.service, span.name) for span in collector.spans] == [("mail-bot", "kept")]


def test_without_a_collector_the_process_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "600")
    monkeypatch.setattr(otlp, "FAREWELL", 0.2)
    began = time.monotonic()
    with tracing("http://127.0.0.1:9/v1/traces", "pvo-test"), spans.span("lost"):
        pass
    assert time.monotonic() - began < 25  # the library's own patience is 30 s


def test_nothing_is_loaded_unless_it_is_asked_for() -> None:
    code = (
        "import sys, bot.cli, bot.slack.app, bot.probes.live\n"
        "from bot.tracing import spans, start\n"
        "with start.tracing(None, 'x'), spans.span('y') as opened:\n"
        "    opened.note(a=1); opened.fail('z'); spans.note_past('p', None); assert spans.carrier() is None\n"
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=PATIENCE).returncode == 0


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("http://127.0.0.1:9/v1/traces", "pip install 'pvo[otel]'"),
        ("localhost:4317", "must begin with http://"),
    ],
)
def test_what_is_missing_is_one_sentence(monkeypatch: pytest.MonkeyPatch, endpoint: str, words: str) -> None:
    monkeypatch.delitem(sys.modules, "bot.tracing.otlp")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(Unusable) as told, tracing(endpoint, "pvo-test"):
        pass
    assert words in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({"command": "/pvo", "text": "CHECK hunter2"}, "/pvo check"),
        ({"command": "/pvo", "text": "hunter2"}, "/pvo"),
        ({"command": "/pvo"}, "/pvo"),
        ({"type": "block_actions", "actions": [{"action_id": "pvo.fix"}]}, "block_actions pvo.fix"),
        ({"type": "block_actions", "actions": [{"action_id": "hunter2"}]}, "block_actions"),
        ({"type": "view_submission", "view": {}}, "view_submission"),
        ({"type": "hunter2"}, "request"),
        ({}, "request"),
    ],
)  # fmt: skip
def test_a_span_is_named_by_words_of_ours(payload: dict[str, object], name: str) -> None:
    assert name_arrival(payload) == name
