"""Things to show: inventories, findings with the catalogue's texts, reports and runs."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from bot import knowledge
from bot.model.finding import Evidence, Finding, Severity, Status
from bot.model.inventory import Inventory
from bot.model.report import Explanation, Report, ReportedCheck, ReportedFinding, ReportedPath
from bot.model.run import Request, Run, RunState
from bot.model.subject import Kind, Node, Path, Subject

AT = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
OPERATOR, GUEST = "U0OPERATOR", "U0GUEST"


def inventory(esas: int = 2, operators: Iterable[str] = (OPERATOR, GUEST)) -> Inventory:
    names = [f"esa-a{n}" for n in range(1, esas + 1)]
    box = {"host": "127.0.0.1", "username": "pvo", "password": {"env": "PVO_TEST"}}
    return Inventory.model_validate(
        {
            "access": {"operators": list(operators)},
            "appliances": {"sma-a": box | {"product": "sma"}} | {n: box | {"product": "esa"} for n in names},
            "sites": {"site-a": {"title": "Site A", "sma": "sma-a", "esas": names}},
        }
    )


def subject_of(kind: Kind) -> Subject:
    esa, sma = Node("esa-a1", "esa", "10.10.20.1"), Node("sma-a", "sma", "10.10.10.1")
    match kind:
        case "esa":
            return esa
        case "sma":
            return sma
        case "quarantine":
            return Path("quarantine", esa, sma)
        case _:
            return Path(kind, sma, esa)


def finding(identifier: str = "tls.ciphers.admit-anonymous", **more: Any) -> ReportedFinding:
    """A finding with the texts of the catalogue in `language`, its details filled with `fill`."""
    catalogue = knowledge.load()
    entry = catalogue.entry(identifier)
    fill = more.pop("fill", "x")
    about = subject_of(sorted(entry.subjects)[0])
    evidence = Evidence(appliance="esa-a1", command="status", excerpt=more.pop("excerpt", "Offline"), at=AT)
    details = dict.fromkeys(entry.details, fill)
    found = Finding(identifier, about, Severity.CRITICAL, (evidence,), details)
    told = catalogue.describe(found, more.pop("language", "en"))
    values: dict[str, Any] = {
        "id": identifier,
        "severity": Severity.CRITICAL,
        "role": "cause",
        "subject": str(about),
        "title": told.title,
        "why": told.why,
        "evidence": (evidence,),
        "fixes": told.fixes,
    }
    return ReportedFinding.model_validate(values | more)


def report(*findings: ReportedFinding, **more: Any) -> Report:
    esas = more.pop("esas", 2)
    status = more.pop("path", "failed" if findings else "ok")
    paths = [
        ReportedPath.model_validate({"kind": kind, "from": sender, "to": receiver, "status": status})
        for n in range(1, esas + 1)
        for kind, sender, receiver in (
            ("quarantine", f"esa-a{n}", "sma-a"),
            ("release", "sma-a", f"esa-a{n}"),
            ("command", "sma-a", f"esa-a{n}"),
        )
    ]
    values: dict[str, Any] = {
        "id": "01RUN",
        "site": "site-a",
        "language": "en",
        "started": AT,
        "seconds": 2.31,
        "verdict": "broken" if findings else "healthy",
        "paths": paths,
        "checks": [check(Status.PASSED)],
        "findings": findings,
    }
    return Report.model_validate(values | more)


def check(status: Status, identifier: str = "connectivity.cpq", reason: str | None = None) -> ReportedCheck:
    return ReportedCheck(id=identifier, subject="esa-a1 -> sma-a", status=status, reason=reason, seconds=0.4)


def consequence(identifier: str = "queue.quarantine.stalled", **more: Any) -> ReportedFinding:
    cause = Explanation(id="tls.ciphers.admit-anonymous", subject="esa-a1")
    return finding(identifier, role="consequence", explained_by=(cause,), **more)


def run(state: RunState = RunState.DONE, report: Report | None = None, **more: Any) -> Run:
    request = Request(
        site="site-a",
        user=OPERATOR,
        team="T0LOCAL",
        channel="C0OPS",
        areas=more.pop("areas", ()),
        language=more.pop("language", "en"),
    )
    return Run(id="01RUN", request=request, state=state, asked_at=AT, report=report, **more)
