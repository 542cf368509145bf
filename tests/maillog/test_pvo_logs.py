"""`pvo logs` as people and scripts call it: exit status, the contract's document, texts, a plot."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.diagnosis.logfiles import report_logs
from bot.knowledge.load import load
from bot.knowledge.voice import Voice, sentences
from bot.maillog.reading import read_logs
from bot.maillog.wanted import Wanted
from bot.model.logs import LogsReport
from bot.render.picture.series import lay_out_series
from tests.render.written import render_logs_markdown

STAMP = "Tue Nov 24 03:00:{second:02} 2026 Info: {body}\n"
GOOD = (
    "New SMTP DCID 55 interface 10.10.20.1 address 10.10.10.1 port 7025",
    "DCID 55 TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384 the.cpq.host",
    "Delivery start DCID 55 MID 101 to RID [0] to Centralized Policy Quarantine",
    "Message done DCID 55 MID 101 to RID [0] (centralized policy quarantine)",
    "DCID 55 close",
)
ANONYMOUS = (
    "New SMTP DCID 56 interface 10.10.20.1 address 10.10.10.1 port 7025",
    "DCID 56 TLS failed: verify error: no certificate from server",
    "DCID 56 TLS was required but could not be successfully negotiated",
)
SMA = (
    "New CPQ ICID 8 interface Management (10.10.10.1) address 10.10.20.99 reverse dns host unknown verified no",
    "ICID 8 REJECT SG None match ALL SBRS not enabled",
    'MID 9002 released from quarantine "Policy" (queue full)',
    "An application fault occurred: ('a/b.py f|12', \"<type 'exceptions.RuntimeError'>\", \"'x'\", '[a/b.py f|12]')",
)


def write(path: Path, *bodies: str) -> Path:
    path.write_text("".join(STAMP.format(second=n, body=body) for n, body in enumerate(bodies)))
    return path


def pvo_logs(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "bot", "logs", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def report(*paths: Path, language: str = "en") -> LogsReport:
    read = read_logs(Wanted(tuple(map(str, paths))), lambda done, total: None)
    return report_logs(read, load(), language)


def test_the_document_has_the_contracts_keys(tmp_path: Path) -> None:
    path = write(tmp_path / "mail.@20260101T000000.s", *GOOD)
    ended = pvo_logs("--format", "json", path)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert json.loads(ended.stdout) == {
        "schema": "pvo-logs/1",
        "files": [str(path)],
        "lines": 5,
        "unrecognised": 0,
        "span": {"first": "2026-11-24T03:00:00", "last": "2026-11-24T03:00:04"},
        "sent": {
            "connections": 1,
            "tls_ok": 1,
            "tls_failed": 0,
            "connection_errors": 0,
            "started": 1,
            "done": 1,
            "delayed": 0,
            "bounced": 0,
            "messages": 1,
        },
        "received": {"connections": 0, "accepted": 0, "rejected": 0},
        "quarantine": {"enqueued": 0, "released": 0, "released_queue_full": 0, "deleted": 0},
        "peers": [
            {
                "address": "10.10.10.1",
                "port": 7025,
                "sent": {
                    "connections": 1,
                    "tls_ok": 1,
                    "tls_failed": 0,
                    "connection_errors": 0,
                    "started": 1,
                    "done": 1,
                    "delayed": 0,
                    "bounced": 0,
                    "messages": 1,
                },
                "received": {"connections": 0, "accepted": 0, "rejected": 0},
            }
        ],
        "reasons": [],
        "findings": [],
    }


def test_a_failing_path_has_one_cause_with_its_fix(tmp_path: Path) -> None:
    ended = pvo_logs("--format", "json", write(tmp_path / "mail.log", *GOOD, *ANONYMOUS))
    document: dict[str, Any] = json.loads(ended.stdout)
    assert ended.returncode == 1
    cause, consequence = document["findings"]
    assert (cause["id"], cause["role"]) == ("tls.handshake.anonymous-cipher", "cause")
    assert (cause["subject"], cause["severity"]) == ("10.10.10.1:7025", "critical")
    assert "no certificate from server" in cause["evidence"][0]["excerpt"]
    assert any(":-aNULL" in step for fix in cause["fixes"] for step in fix["steps"])
    assert (consequence["id"], consequence["role"]) == ("log.delivery.failing", "consequence")
    assert consequence["explained_by"] == [{"id": cause["id"], "subject": cause["subject"]}]
    (reason,) = document["reasons"]
    assert (reason["kind"], reason["count"]) == ("tls", 1)
    assert reason["reason"] == "verify error: no certificate from server"
    assert reason["first"] == reason["last"] == "2026-11-24T03:00:06"


def test_a_failure_that_is_over_is_told_as_recovered(tmp_path: Path) -> None:
    (finding,) = report(write(tmp_path / "mail.log", *ANONYMOUS, *GOOD)).findings
    assert (finding.id, finding.details["recovered"]) == ("log.delivery.failing", "yes")


def test_what_an_sma_tells_of_itself_and_of_strangers(tmp_path: Path) -> None:
    found = {finding.id: finding for finding in report(write(tmp_path / "sma.log", *SMA)).findings}
    assert found["log.receiver.rejected"].subject == "10.10.20.99:7025"
    assert found["log.quarantine.early-release"].subject == "10.10.10.1"
    assert found["log.application.fault"].details["type"] == "exceptions.RuntimeError"


def test_nothing_about_cpq_is_said_with_what_was_searched(tmp_path: Path) -> None:
    path = write(tmp_path / "mail.log", "MID 5 Subject 'port 7025'", "DCID 5 close")
    ended = pvo_logs("--format", "json", path)
    (finding,) = json.loads(ended.stdout)["findings"]
    assert (ended.returncode, finding["id"], finding["severity"]) == (0, "log.activity.none", "info")
    assert str(path) in finding["details"]["searched"]


def test_lines_that_nobody_can_read_are_no_good_news(tmp_path: Path) -> None:
    path = write(tmp_path / "mail.log", "DCID 5 close", "New CPQ ICID 8 in a form of next year")
    ended = pvo_logs("--format", "json", path)
    document = json.loads(ended.stdout)
    assert (ended.returncode, document["unrecognised"]) == (3, 1)
    assert "next year" in document["unknown"][0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.log"], "missing.log"),
        (["--last", "soon", "-"], "--last"),
        (["--since", "2026-11-24", "--last", "15m", "-"], "not both"),
        (["--plot", "plot.bmp", "-"], "--plot"),
    ],
)
def test_an_unusable_call_gets_one_sentence(arguments: list[str], words: str) -> None:
    ended = pvo_logs(*arguments)
    assert (ended.returncode, ended.stdout) == (2, b"")
    (sentence,) = ended.stderr.decode().splitlines()
    assert words in sentence


def test_standard_input_and_standard_error(tmp_path: Path) -> None:
    path = write(tmp_path / "mail.log", *GOOD)
    ended = pvo_logs("--format", "json", "-", stdin=path.read_bytes())
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert json.loads(ended.stdout)["sent"]["done"] == 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_people_read_the_same_in_a_terminal_and_in_a_ticket(language: str, tmp_path: Path) -> None:
    path = write(tmp_path / "mail.log", *GOOD, *ANONYMOUS)
    text = pvo_logs("--language", language, path).stdout.decode()
    markdown = render_logs_markdown(report(path, language=language))
    words = Voice(language)
    for told in (text, markdown):
        assert words.say("logs.wrong") in told
        assert "tls.handshake.anonymous-cipher" in told
        assert words.say("logs.counts") in told
    assert "| tls | 1 | verify error: no certificate from server |" in markdown


def test_both_languages_have_the_same_phrases() -> None:
    assert sentences("en", "logs").keys() == sentences("es", "logs").keys()


def test_people_and_subjects_are_redacted(tmp_path: Path) -> None:
    bounce = "Bounced: DCID 55 MID 101 to RID 0 - 5.1.1 - bad ('550', ['<eve@example.com> unknown'])"
    unknown = "New CPQ ICID 8 of eve@example.com"
    document = report(write(tmp_path / "mail.log", *GOOD[:3], bounce, unknown)).model_dump_json()
    assert "bad (" in document
    assert "eve@" not in document


def test_messages_are_followed_when_both_ends_are_read(tmp_path: Path) -> None:
    esa = write(
        tmp_path / "esa.log",
        *GOOD,
        "MID 101 RID [0] Response 'ok:  Message 9001 accepted'",
        "MID 140 received from the SMA 10.10.10.1 (MID originally 101) on release from Policy",
    )
    sma = write(tmp_path / "sma.log", 'MID 9001 released from quarantine "Policy" (manual)')
    (message,) = report(esa, sma).followed
    assert (message.mid, message.sma_mid, message.how, message.new_mid) == (101, 9001, "manual", 140)


def test_a_plot_shows_growth_of_the_queue(tmp_path: Path) -> None:
    bodies = ['MID {mid} enqueued for transfer to centralized quarantine "Policy" (f)'] * 3
    path = write(tmp_path / "mail.log", *(body.format(mid=n) for n, body in enumerate(bodies)), *ANONYMOUS)
    drawn = tmp_path / "plot.svg"
    assert pvo_logs("--plot", drawn, path).returncode == 1
    content = drawn.read_text()
    assert content.startswith("<svg ")
    assert Voice("en").say("logs.plot.waiting") in content
    assert "Nov 24 03:00" in content
    (log,) = read_logs(Wanted((str(path),), series=True), lambda done, total: None).appliances
    assert log.tally.series is not None
    ((_, counts),) = log.tally.series.steps.items()
    assert counts == {"enqueued": 3, "failed": 1}


def test_a_plot_without_events_says_so() -> None:
    assert "no CPQ event" in str(lay_out_series({}, 1, Voice("en")).shapes)


def test_the_document_keeps_to_its_schema(tmp_path: Path) -> None:
    schema = LogsReport.model_json_schema(by_alias=True, mode="serialization")
    for bodies in (GOOD, ANONYMOUS, SMA):
        ended = pvo_logs("--format", "json", write(tmp_path / "mail.log", *bodies))
        Draft202012Validator(schema).validate(
            json.loads(ended.stdout) | {"left_out": [], "unknown": [], "followed": []}
        )
