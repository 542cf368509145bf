"""Draws the plan of a fix from code and from what the appliance says at this moment, or says why there is none."""

import datetime as dt
import re
from dataclasses import dataclass

from bot.asyncos.commands.showchanges import showchanges
from bot.asyncos.commands.who import who
from bot.knowledge.knowledge import Knowledge
from bot.model.errors import ProbeError
from bot.model.finding import Detail, Finding, Severity
from bot.model.inventory import Inventory
from bot.model.remediation import Plan, PlannedLine, Proposal, Sighting, digest_of
from bot.model.remediation_ports import Console
from bot.model.report import Fix, Report, ReportedFinding
from bot.model.subject import Subject
from bot.remediation.approve import Denied
from bot.remediation.recipes import RECIPES, Commands, Details, Recipe
from bot.remediation.verify import find_check, is_judged

_MODE = re.compile(r"^\((machine|cluster|group)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Case:
    """What a plan is drawn for: the proposal, the inventory and a report that is newer than it."""

    proposal: Proposal
    inventory: Inventory
    report: Report
    signed: bool
    now: dt.datetime

    @property
    def subject(self) -> Subject:
        return find_subject(self.inventory, self.proposal)

    @property
    def finding(self) -> ReportedFinding | None:
        """The finding as it stands now."""
        wanted = (self.proposal.finding, self.proposal.subject)
        return next((one for one in self.report.findings if (one.id, one.subject) == wanted), None)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plan and the commands whose lines it shows."""

    plan: Plan
    commands: Commands


def find_subject(inventory: Inventory, proposal: Proposal) -> Subject:
    """What the finding is about; raises `Denied` when the inventory no longer has it."""
    for subject in inventory.subjects(proposal.site):
        if str(subject) == proposal.subject:
            return subject
    raise Denied("gone", finding=proposal.finding, subject=proposal.subject)


async def draw_plan(case: Case, knowledge: Knowledge, console: Console) -> Drawn:
    """Only reads. Raises `Denied` when the fix cannot be offered here and now."""
    recipe = RECIPES.get(case.proposal.fix)
    if recipe is None or (case.proposal.undoes and recipe.undo is None):
        raise Denied("no-recipe", fix=case.proposal.fix)
    mode = _expect_mode(console.prompt, recipe)
    try:
        if recipe.commits and (await console.ask(showchanges())).pending:
            raise Denied("pending-changes", appliance=case.subject.asked.name)
        details, fix = await _find_fix(case, recipe, knowledge, console)
        commands = _make_commands(case.proposal, recipe, details)
    except ProbeError as error:
        raise Denied("not-read", error=str(error)) from error
    plan = _write_plan(case, knowledge, recipe, fix, commands, details, mode)
    seen = Sighting(at=case.now, others=await _see_others(case, console))
    return Drawn(plan.model_copy(update={"seen": seen, "endpoint": console.endpoint}), commands)


def _expect_mode(prompt: str, recipe: Recipe) -> str | None:
    found = _MODE.match(prompt)
    mode = found[1].casefold() if found else None
    if mode and recipe.commits:
        raise Denied("cluster-level")
    if mode in ("cluster", "group"):
        raise Denied("cluster-mode", mode=mode)
    return mode


async def _find_fix(
    case: Case, recipe: Recipe, knowledge: Knowledge, console: Console
) -> tuple[Details, Fix]:
    """The details that the lines are made of and the fix in words; for an undo the finding must be gone."""
    finding, proposal = case.finding, case.proposal
    if proposal.undoes is None:
        if finding is None:
            raise _missing(case)
        return finding.details, _offered(finding, proposal.fix)
    if finding is not None:
        raise Denied("nothing-to-undo", finding=proposal.finding, subject=proposal.subject)
    if not is_judged(case.report, proposal.finding, proposal.subject):
        raise _missing(case)
    details = await recipe.read(console)
    imagined = Finding(proposal.finding, case.subject, Severity.CRITICAL, (), details)
    fixes = knowledge.describe(imagined, proposal.language).fixes
    return details, next(fix for fix in fixes if fix.id == proposal.fix)


def _missing(case: Case) -> Denied:
    """Why there is no such finding: it is gone, or nobody can tell."""
    proposal = case.proposal
    if is_judged(case.report, proposal.finding, proposal.subject):
        return Denied("gone", finding=proposal.finding, subject=proposal.subject)
    check = find_check(case.report, proposal.finding, proposal.subject)
    return Denied("not-judged", finding=proposal.finding, ended=check.reason if check else None)


def _offered(finding: ReportedFinding, fix_id: str) -> Fix:
    fix = next((fix for fix in finding.fixes if fix.id == fix_id), None)
    if fix is None:
        raise Denied("no-recipe", fix=fix_id)
    if fix.applicability != "approval":
        raise Denied("manual", because=fix.because)
    return fix


def _make_commands(proposal: Proposal, recipe: Recipe, details: Details) -> Commands:
    make = recipe.undo if proposal.undoes else recipe.do
    assert make, "looked at before"
    return make(details)


def _write_plan(
    case: Case,
    knowledge: Knowledge,
    recipe: Recipe,
    fix: Fix,
    commands: Commands,
    details: Details,
    mode: str | None,
) -> Plan:
    proposal, subject = case.proposal, case.subject
    lines = tuple(
        PlannedLine(text=entry.line, at=entry.at, optional=entry.optional)
        for command in commands
        for entry in command.entries
    )
    expected = fix.undo if proposal.undoes else fix.commands
    if expected not in (tuple(line.text for line in lines), _demanded(lines)):
        raise Denied("lines-differ", fix=fix.id)
    return Plan(
        site=proposal.site,
        appliance=subject.asked.name,
        product=subject.asked.product,
        finding=proposal.finding,
        subject=proposal.subject,
        fix=fix.id,
        undoes=proposal.undoes is not None,
        language=proposal.language,
        title=fix.title,
        lines=lines,
        effect=fix.effect,
        risk=fix.risk,
        source=fix.source,
        undo=() if proposal.undoes else fix.undo,
        approvals=2 if fix.approvals == 2 else 1,
        evidence=_digest_evidence(proposal, recipe, details),
        mode=mode,
        sites=_other_sites(case, subject.asked.name),
        notes=tuple(knowledge.remark(proposal.language, note, {}) for note in _notes(case, recipe)),
        seen=Sighting(at=case.now),
    )


def _demanded(lines: tuple[PlannedLine, ...]) -> tuple[str, ...]:
    return tuple(line.text for line in lines if not line.optional)


def _digest_evidence(proposal: Proposal, recipe: Recipe, details: Details) -> str:
    resting: dict[str, Detail] = {name: details.get(name) for name in recipe.rests_on}
    return digest_of([proposal.finding, proposal.subject, resting])


def _other_sites(case: Case, appliance: str) -> tuple[str, ...]:
    return tuple(
        sorted(
            name
            for name, site in case.inventory.sites.items()
            if name != case.proposal.site and appliance in (site.sma, *site.esas)
        )
    )


def _notes(case: Case, recipe: Recipe) -> tuple[str, ...]:
    kept = ("note-undo",) if case.proposal.undoes else recipe.notes
    return kept if case.signed else (*kept, "note-unsigned")


async def _see_others(case: Case, console: Console) -> tuple[str, ...] | None:
    """Who else is logged in; our own accounts are left out."""
    account = case.inventory.appliances[case.subject.asked.name]
    ours = {account.username, account.change.username if account.change else account.username}
    try:
        present = await console.ask(who())
    except ProbeError:
        return None
    return tuple(f"{one.user} ({one.source})" for one in present if one.user not in ours)
