"""Where findings meet: what a check could not know alone is decided here, when all of them are known; pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from bot.diagnosis.causes import explains
from bot.knowledge.knowledge import Knowledge
from bot.model.finding import Finding, Outcome, Severity, Status
from bot.model.subject import Node, Path, Subject

RELEASES = "queue.release"
"""The check of the SMA's one queue for all releases."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Everything that is known when a rule decides about one finding."""

    subjects: Sequence[Subject]
    outcomes: Sequence[Outcome]
    knowledge: Knowledge

    @property
    def findings(self) -> list[Finding]:
        return [finding for outcome in self.outcomes for finding in outcome.findings]

    def paths(self, *kinds: str) -> list[Path]:
        return [path for path in self.subjects if isinstance(path, Path) and path.kind in kinds]

    def stands(self, subject: Subject, *ids: str) -> bool:
        """Whether one of these findings stands at the subject."""
        return any(finding.subject == subject and finding.id in ids for finding in self.findings)

    def cannot_enable(self, subject: Subject) -> bool:
        """Whether something at the appliance keeps the centralized quarantines off."""
        prevents = self.knowledge.prevents
        return any(one.subject == subject and prevents(one.id, "enabling") for one in self.findings)

    def stuck(self, *kinds: str) -> list[Path]:
        """The paths of these kinds that something besides the SMA's release queue stops."""
        others = [finding for finding in self.findings if finding.check != RELEASES]
        return [path for path in self.paths(*kinds) if any(self.knowledge.stops(one, path) for one in others)]

    def probe(self, path: Path) -> Status | None:
        """How the probe of a CPQ path ended; None when it was not asked for."""
        probes = (one for one in self.outcomes if one.subject == path and self.knowledge.probes(one.check))
        return next((one.status for one in probes), None)


Rule = Callable[[Finding, Meeting], Iterable[Finding]]
"""What becomes of one finding: nothing, itself, or others in its place."""


def place_findings(
    outcomes: Sequence[Outcome], subjects: Sequence[Subject], knowledge: Knowledge
) -> list[Outcome]:
    """The outcomes with their findings in place; a check that has nothing wrong left to say has passed."""
    for rule in RULES:
        meeting = Meeting(subjects, outcomes, knowledge)
        outcomes = [_apply(rule, outcome, meeting) for outcome in outcomes]
    return list(outcomes)


def _apply(rule: Rule, outcome: Outcome, meeting: Meeting) -> Outcome:
    findings = tuple(placed for finding in outcome.findings for placed in rule(finding, meeting))
    if findings == outcome.findings or outcome.status not in (Status.PASSED, Status.FAILED):
        return replace(outcome, findings=findings)
    wrong = any(finding.severity is not Severity.INFO for finding in findings)
    return replace(outcome, findings=findings, status=Status.FAILED if wrong else Status.PASSED)


def _place_missing_listener(finding: Finding, meeting: Meeting) -> Iterable[Finding]:
    """An ESA without the listener is not enabled; that is wrong only where something keeps it so."""
    if finding.id == "setup.listener.missing" and finding.subject.kind == "esa":
        return (finding,) if meeting.cannot_enable(finding.subject) else ()
    return (finding,)


def _decide_enabling(finding: Finding, meeting: Meeting) -> Iterable[Finding]:
    """Exactly one of blocked and ready, and neither below what keeps PVO off on the ESA itself."""
    if finding.check != "setup.enable":
        return (finding,)
    if meeting.cannot_enable(finding.subject):
        return ()
    blocked = replace(finding, id="setup.enable.blocked", severity=Severity.WARNING)
    explained = explains(meeting.knowledge)
    in_the_way = any(explained(other, blocked) for other in meeting.findings)
    return (blocked if in_the_way else finding,)


def _place_release_queue(finding: Finding, meeting: Meeting) -> Iterable[Finding]:
    """The SMA has one queue for all releases: it goes to the paths that fail without it.

    If none fails it goes to the only release path of a site with one ESA, else it stays at the SMA.
    """
    if finding.check != RELEASES or not isinstance(finding.subject, Node):
        return (finding,)
    releases, targets = meeting.paths("release"), meeting.stuck("release")
    if not targets and len(releases) == 1:
        targets = releases
    return [replace(finding, subject=path) for path in targets] or (finding,)


def _weigh_fault(finding: Finding, meeting: Meeting) -> Iterable[Finding]:
    """An application fault is critical where releases are stuck although nothing else stops them."""
    if finding.id != "log.application.fault":
        return (finding,)
    waiting = any(other.check == RELEASES for other in meeting.findings)
    unexplained = waiting and not meeting.stuck("release", "command")
    return (replace(finding, severity=Severity.CRITICAL) if unexplained else finding,)


def _drop_silence(finding: Finding, meeting: Meeting) -> Iterable[Finding]:
    """No traffic is worth a word only where nothing critical stands at the path or its ends."""
    path = finding.subject
    if finding.id != "log.activity.none" or not isinstance(path, Path):
        return (finding,)
    places = (path, path.sender, path.receiver)
    critical = any(
        other.subject in places and other.severity is Severity.CRITICAL for other in meeting.findings
    )
    return () if critical else (finding,)


def _place_rejections(finding: Finding, meeting: Meeting) -> Iterable[Finding]:
    """Rejections of the past are told where the sender is rejected now, or where its probe succeeds.

    Addresses that nobody of the site has belong to the path that is rejected now, else to the first one.
    """
    path = finding.subject
    if finding.id != "log.receiver.rejected" or not isinstance(path, Path):
        return (finding,)
    if meeting.stands(path, "connectivity.cpq.rejected"):
        return (finding,)
    if meeting.probe(path) not in (Status.PASSED, None):
        return ()
    siblings = [other for other in meeting.paths(path.kind) if other.receiver == path.receiver]
    elsewhere = any(meeting.stands(other, "connectivity.cpq.rejected") for other in siblings)
    stranger = finding.details.get("strangers") == "yes"
    return () if stranger and (elsewhere or path != siblings[0]) else (finding,)


RULES: tuple[Rule, ...] = (
    _place_missing_listener,
    _decide_enabling,
    _place_release_queue,
    _weigh_fault,
    _drop_silence,
    _place_rejections,
)
