"""Runs checks: those that tell whether an appliance can be asked first, then everything else side by side."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import structlog

from bot.model.check import Check
from bot.model.errors import ProbeError, RoleRefused, Skipped, Unjudged
from bot.model.finding import Detail, Finding, Outcome, Severity, Status
from bot.model.ports import Probes
from bot.model.subject import Path, Subject
from bot.tracing.spans import span

log = structlog.get_logger()

Progress = Callable[[int, int], Awaitable[None]]
"""Told how many checks of how many have ended."""

Explain = Callable[[str, Mapping[str, Detail]], str]
"""The sentence, in the language of the run, for a reason and its details."""


async def run_checks(
    checks: Sequence[Check[Any]],
    subjects: Sequence[Subject],
    probes: Probes,
    explain: Explain,
    progress: Progress,
) -> list[Outcome]:
    """The outcome of every check for every subject of its kinds, in the order of checks and subjects."""
    jobs = [(check, subject) for check in checks for subject in subjects if subject.kind in check.subjects]
    outcomes: dict[tuple[str, Subject], Outcome] = {}

    async def run(check: Check[Any], subject: Subject) -> None:
        missing = [need for need in check.needs if not _passed(outcomes, need, subject)]
        if missing:
            reason = explain("needs", {"check": missing[0], "appliance": subject.asked.name})
            outcome = Outcome(check.id, subject, Status.SKIPPED, reason)
        else:
            outcome = await run_check(check, subject, probes, explain)
        outcomes[check.id, subject] = outcome
        await progress(len(outcomes), len(jobs))

    await progress(0, len(jobs))
    for wave in (False, True):
        await asyncio.gather(*(run(check, subject) for check, subject in jobs if bool(check.needs) is wave))
    return [outcomes[check.id, subject] for check, subject in jobs]


async def run_check(check: Check[Any], subject: Subject, probes: Probes, explain: Explain) -> Outcome:
    """One check of one subject; whatever it raises becomes an outcome that says so, never a passed check."""
    began = time.monotonic()
    with span("check", check=check.id, subject=str(subject)) as traced:
        status, reason, findings = await _judge(check, subject, probes, explain)
        traced.note(status=status.value)
    return Outcome(check.id, subject, status, reason, time.monotonic() - began, findings)


async def _judge(
    check: Check[Any], subject: Subject, probes: Probes, explain: Explain
) -> tuple[Status, str | None, tuple[Finding, ...]]:
    try:
        facts = await check.collect(probes, subject)
        findings = tuple(check.analyze(facts, probes.limits))
        remark = check.remark(facts) if check.remark else None
    except Unjudged as error:
        status = Status.SKIPPED if isinstance(error, Skipped) else Status.ERROR
        return status, explain(error.reason, error.details), ()
    except RoleRefused as error:
        return Status.SKIPPED, str(error), _refused(error, subject)
    except ProbeError as error:
        return Status.ERROR, str(error), ()
    except Exception as error:
        log.exception("check.bug", check=check.id, subject=str(subject))
        return Status.ERROR, explain("bug", {"error": type(error).__name__}), ()
    wrong = any(finding.severity is not Severity.INFO for finding in findings)
    said = explain(remark.reason, remark.details) if remark and not wrong else None
    return (Status.FAILED if wrong else Status.PASSED), said, findings


def _passed(outcomes: dict[tuple[str, Subject], Outcome], need: str, subject: Subject) -> bool:
    outcome = outcomes.get((need, subject.asked))
    return outcome is not None and outcome.status is Status.PASSED


def _refused(error: RoleRefused, subject: Subject) -> tuple[Finding, ...]:
    """The finding that a command was refused, at the end of `subject` that refused it."""
    if error.exchange is None:
        return ()
    ends = (subject.sender, subject.receiver) if isinstance(subject, Path) else (subject,)
    asked = next((end for end in ends if end.name == error.exchange.appliance), subject.asked)
    details = {"command": error.exchange.command, "text": str(error)}
    evidence = (error.exchange.quote(),)
    return (Finding("connectivity.ssh.role-refused", asked, Severity.WARNING, evidence, details),)


def gather_findings(outcomes: Iterable[Outcome]) -> list[Finding]:
    """The findings of all outcomes, each (id, subject, command) once."""
    found: dict[object, Finding] = {}
    for outcome in outcomes:
        for finding in outcome.findings:
            found.setdefault((finding.id, finding.subject, finding.details.get("command")), finding)
    return list(found.values())
