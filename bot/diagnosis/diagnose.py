"""The whole diagnosis of one site: gather, judge, find the causes, report."""

import asyncio
import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.checks import discover
from bot.diagnosis.applicability import Circumstances, find_clustered, find_uncommitted, offer
from bot.diagnosis.asking import Asking
from bot.diagnosis.causes import Judged, find_causes
from bot.diagnosis.checking import Progress, gather_findings, run_checks
from bot.diagnosis.extra import or_else
from bot.diagnosis.place import place_findings
from bot.diagnosis.planned import in_maintenance, is_accepted
from bot.diagnosis.trying import add_tries, try_receivers
from bot.diagnosis.verdict import judge_paths, judge_site
from bot.facts.coverage import Peers, find_peers
from bot.facts.impact import measure_impact
from bot.knowledge.knowledge import Knowledge
from bot.model.check import Check
from bot.model.finding import Evidence, Exchange, Finding, Outcome
from bot.model.inventory import Inventory
from bot.model.ports import Appliances, Now
from bot.model.report import Coverage, Explanation, Impact, Report, ReportedCheck, ReportedFinding
from bot.model.subject import Subject


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be diagnosed: a site of an inventory, all of it or some areas, told in a language.

    `elsewhere` are entries of RELAYLISTs that are known to belong to other sites, though the inventory lacks them.
    """

    run: str
    inventory: Inventory
    site: str
    areas: tuple[str, ...] = ()
    language: str = "en"
    requested_by: str | None = None
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The report, everything that was asked and answered for it, and who belongs to other sites."""

    report: Report
    exchanges: tuple[Exchange, ...]
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doctor:
    """Diagnoses sites: what is known about findings, and the clock."""

    knowledge: Knowledge
    now: Now

    async def diagnose(self, order: Order, appliances: Appliances, progress: Progress) -> Diagnosis:
        """Asks the appliances of the site and judges what they say; whatever fails is in the report."""
        started, began = self.now(), time.monotonic()
        site, subjects = order.inventory.sites[order.site], order.inventory.subjects(order.site)
        asking = Asking(appliances, site.limits, self.now, subjects)
        try:
            explain = partial(self.knowledge.explain, order.language)
            checking = run_checks(select_checks(order.areas), subjects, asking, explain, progress)
            outcomes, tries = await asyncio.gather(
                checking, or_else(try_receivers(asking, subjects), {}, "tries")
            )
            outcomes = add_tries(outcomes, tries, self.knowledge)
            impact = await or_else(measure_impact(asking, subjects), Impact(), "impact")
            peers = await or_else(_find_peers(asking, order), Peers(), "coverage")
        finally:
            await asking.close()
        seconds, clustered = time.monotonic() - began, find_clustered(asking.exchanges)
        gathered = Gathered(started, seconds, subjects, outcomes, impact, clustered, peers)
        return Diagnosis(self._report(order, gathered), tuple(asking.exchanges), peers.elsewhere)

    def _report(self, order: Order, gathered: "Gathered") -> Report:
        subjects = gathered.subjects
        outcomes = place_findings(gathered.outcomes, subjects, self.knowledge)
        findings = gather_findings(outcomes)
        paths = judge_paths(subjects, findings, outcomes, self.knowledge)
        site = order.inventory.sites[order.site]
        uncommitted = find_uncommitted(findings, self.knowledge)
        circumstances = Circumstances(order.site, site, gathered.started, uncommitted, gathered.clustered)
        judged = narrow(find_causes(findings, self.knowledge), order.areas)
        reported = [
            self._tell(one, circumstances, order.language).model_copy(
                update={"evidence": tuple(dict.fromkeys((*one.finding.evidence, *corroborate(one, judged))))}
            )
            for one in judged
        ]
        return Report(
            id=order.run,
            site=order.site,
            language=order.language,
            started=gathered.started,
            seconds=round(gathered.seconds, 2),
            requested_by=order.requested_by,
            areas=order.areas or None,
            verdict=judge_site(paths, reported, outcomes, self.knowledge),
            impact=bounded(gathered.impact, findings, self.knowledge),
            coverage=Coverage(unlisted_peers=gathered.peers.unlisted),
            paths=tuple(paths),
            checks=tuple(_reported(outcome) for outcome in outcomes),
            findings=tuple(reported),
        )

    def _tell(self, judged: Judged, circumstances: Circumstances, language: str) -> ReportedFinding:
        finding, site, now = judged.finding, circumstances.site, circumstances.now
        description = self.knowledge.describe(finding, language)
        return ReportedFinding(
            id=finding.id,
            severity=finding.severity,
            role="cause" if judged.is_cause else "consequence",
            explained_by=tuple(
                Explanation(id=cause.id, subject=str(cause.subject)) for cause in judged.explained_by
            ),
            subject=str(finding.subject),
            planned=in_maintenance(site, now),
            accepted=is_accepted(site, finding, now.date()),
            title=description.title,
            why=description.why,
            details=dict(finding.details),
            fixes=tuple(
                offer(fix, judged, circumstances, partial(self.knowledge.remark, language))
                for fix in description.fixes
            ),
        )


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one run gathered, before it is told."""

    started: dt.datetime
    seconds: float
    subjects: Sequence[Subject]
    outcomes: Sequence[Outcome]
    impact: Impact
    clustered: frozenset[str]
    peers: Peers


async def _find_peers(asking: Asking, order: Order) -> Peers:
    """A run of some areas does not ask for what none of them needs."""
    if order.areas:
        return Peers()
    appliances = order.inventory.appliances.values()
    others = {name for one in appliances for name in (one.address, one.host)} | set(order.elsewhere)
    return await find_peers(asking, asking.subjects, others)


def corroborate(judged: Judged, all_judged: Sequence[Judged]) -> tuple[Evidence, ...]:
    """For a cause, the evidence of the worst thing that it explains directly: what makes it the cause."""
    explained = (
        one.finding.evidence
        for one in all_judged
        if judged.is_cause and any(cause is judged.finding for cause in one.explained_by)
    )
    return next(explained, ())


def bounded(impact: Impact, findings: Sequence[Finding], knowledge: Knowledge) -> Impact:
    """The impact; mail that is on its way has no time at which it bounces, only mail that is stuck."""
    stuck = any(knowledge.entry(finding.id).bounces for finding in findings)
    return impact if stuck else impact.model_copy(update={"bounces_at": None})


def select_checks(areas: Sequence[str]) -> list[Check[Any]]:
    """The checks of some areas (all without any) and what they need, in the order of their ids."""
    known = {check.id: check for check in discover()}
    wanted = {check.id for check in known.values() if not areas or check.area in areas}
    while missing := {need for name in wanted for need in known[name].needs} - wanted:
        wanted |= missing
    return [check for name, check in known.items() if name in wanted]


def narrow(judged: Sequence[Judged], areas: Sequence[str]) -> list[Judged]:
    """The findings of the areas and those that explain one of them, directly or by a chain."""
    if not areas:
        return list(judged)
    shown = [one for one in judged if one.finding.area in areas]
    queue: list[Finding] = [cause for one in shown for cause in one.explained_by]
    while queue:
        cause = queue.pop()
        found = next(one for one in judged if one.finding is cause)
        if found not in shown:
            shown.append(found)
            queue.extend(found.explained_by)
    return [one for one in judged if one in shown]


def _reported(outcome: Outcome) -> ReportedCheck:
    return ReportedCheck(
        id=outcome.check,
        subject=str(outcome.subject),
        status=outcome.status,
        reason=outcome.reason,
        seconds=round(outcome.seconds, 2),
    )
