"""What the bot can do about a finding here and now; else the fix is manual and says why."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from bot.diagnosis.applicability import Circumstances, find_clustered, find_uncommitted, offer
from bot.diagnosis.causes import Judged
from bot.knowledge.load import load
from bot.model.finding import Detail, Exchange, Finding, Severity
from bot.model.inventory import Site
from bot.model.report import Fix
from bot.model.subject import Node, Path

NOW = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
SMA, ESA = Node("sma-a", "sma", "10.10.10.1"), Node("esa-a1", "esa", "10.10.20.1")
PATH = Path("quarantine", ESA, SMA)
SUSPENDED = Finding("setup.service.sma-suspended", SMA, Severity.CRITICAL, ())
STALLED = Finding("queue.quarantine.stalled", PATH, Severity.CRITICAL, ())
WEAK = Finding("tls.ciphers.admit-anonymous", ESA, Severity.WARNING, ())
PENDING = Finding("setup.changes.pending", ESA, Severity.WARNING, ())


def fix_of(id_: str, *commands: str, applicability: Any = "approval") -> Fix:
    return Fix(
        id=id_, title="", applicability=applicability, approvals=1, commands=commands, risk="low", source=""
    )


RESUME, COMMIT = (
    fix_of("resume-receiving", "resume"),
    fix_of("remove-anonymous-ciphers", "sslconfig", "commit"),
)
HURRY = fix_of("deliver-now", "delivernow")


def tell(key: str, details: Mapping[str, Detail]) -> str:
    return f"{key} {dict(details)}"


def offered(
    fix: Fix, judged: Judged, *findings: Finding, clustered: frozenset[str] = frozenset(), **site: Any
) -> Fix:
    made = Site.model_validate(
        {"title": "Site A", "sma": "sma-a", "esas": ["esa-a1"], "mode": "remediate"} | site
    )
    uncommitted = find_uncommitted(findings, load())
    return offer(fix, judged, Circumstances("site-a", made, NOW, uncommitted, clustered), tell)


@pytest.mark.parametrize(
    ("fix", "judged"),
    [(RESUME, Judged(SUSPENDED, True)), (COMMIT, Judged(WEAK, True)), (HURRY, Judged(STALLED, True))],
)
def test_what_nothing_forbids_is_offered(fix: Fix, judged: Judged) -> None:
    assert offered(fix, judged) == fix


def test_another_appliances_pending_changes_forbid_nothing() -> None:
    assert offered(RESUME, Judged(SUSPENDED, True), PENDING) == RESUME
    others = Finding("setup.changes.pending", SMA, Severity.WARNING, ())
    assert offered(COMMIT, Judged(WEAK, True), others) == COMMIT


@pytest.mark.parametrize(
    ("made", "because"),
    [
        (offered(RESUME, Judged(SUSPENDED, True), mode="observe"), "observe"),
        (
            offered(RESUME, Judged(SUSPENDED, True), maintenance=[{"cron": "0 2 * * *", "minutes": 90}]),
            "maintenance",
        ),
        (offered(COMMIT, Judged(WEAK, True), PENDING), "pending-changes"),
        (offered(COMMIT, Judged(WEAK, True), clustered=frozenset({"esa-a1"})), "cluster-level"),
        (offered(HURRY, Judged(STALLED, False, (SUSPENDED,))), "cause-first"),
    ],
)
def test_what_is_manual_says_why(made: Fix, because: str) -> None:
    assert (made.applicability, made.approvals) == ("manual", 0)
    assert (made.because or "").startswith(because)


def test_a_manual_fix_stays_as_it_is() -> None:
    manual = fix_of("restore-interface", applicability="manual")
    assert offered(manual, Judged(SUSPENDED, True), mode="observe") == manual


def test_who_is_in_a_cluster() -> None:
    listed = "Cluster Example\n===\nGroup Main:\n    Machine esa1.example.com (Serial #: 1)\n"
    alone = "Do you want to join or create a cluster?\n1. No, configure as standalone.\n[1]> "
    exchanges = [
        Exchange("esa-a1", "clusterconfig list", listed, NOW),
        Exchange("esa-a2", "clusterconfig list", alone, NOW),
        Exchange("esa-a3", "clusterconfig list", "?", NOW),
        Exchange("sma-a", "status", listed, NOW),
    ]
    assert find_clustered(exchanges) == {"esa-a1"}
