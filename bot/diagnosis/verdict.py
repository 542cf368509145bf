"""What the findings mean for each path and for the site; the rules of the contract, section 4; pure."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from bot.model.check import MATTERS
from bot.model.finding import Finding, Outcome, Severity, Status
from bot.model.report import PathStatus, ReportedFinding, ReportedPath, Verdict
from bot.model.subject import Kind, Path, Subject

# A path fails when one of these stands on it.
ON_PATH: tuple[tuple[str, frozenset[Kind]], ...] = (
    ("connectivity.cpq.*", frozenset({"quarantine", "release"})),
    ("connectivity.name.unresolvable", frozenset({"quarantine", "release"})),
    ("connectivity.command.*", frozenset({"command"})),
    ("tls.handshake.*", frozenset({"quarantine", "release"})),
    ("tls.certificate.*", frozenset({"quarantine", "release"})),
    ("setup.listener.*", frozenset({"quarantine", "release"})),
    ("queue.quarantine.stalled", frozenset({"quarantine"})),
    ("queue.release.stalled", frozenset({"release"})),
)
# A path of these kinds fails when one of these stands at its sender or its receiver.
AT_SENDER: tuple[tuple[str, frozenset[Kind]], ...] = (
    ("setup.delivery.wrong-interface", frozenset({"quarantine"})),
    ("setup.service.esa-delivery-suspended", frozenset({"quarantine"})),
    ("queue.release.stalled", frozenset({"release"})),
)
AT_RECEIVER: tuple[tuple[str, frozenset[Kind]], ...] = (
    ("setup.listener.*", frozenset({"quarantine", "release"})),
    ("setup.cluster.interface-missing", frozenset({"release"})),
    ("setup.service.sma-suspended", frozenset({"quarantine"})),
    ("setup.service.sma-transfers-suspended", frozenset({"quarantine"})),
    ("setup.service.esa-suspended", frozenset({"release"})),
)
HARMLESS = ("connectivity.cpq.busy",)


def judge_paths(
    subjects: Sequence[Subject], findings: Sequence[Finding], outcomes: Sequence[Outcome]
) -> list[ReportedPath]:
    """Every path with its status, in the order of the subjects."""
    return [
        ReportedPath(
            kind=path.kind,
            sender=path.sender.name,
            receiver=path.receiver.name,
            status=_path_status(path, findings, outcomes),
        )
        for path in subjects
        if isinstance(path, Path)
    ]


def judge_site(
    paths: Iterable[ReportedPath], findings: Iterable[ReportedFinding], outcomes: Iterable[Outcome]
) -> Verdict:
    """The site's verdict; what is accepted has no part in it, and what could not be told is never healthy."""
    counting = [finding for finding in findings if finding.counts]
    if any(path.status == "failed" for path in paths):
        return "broken"
    if any(_is_login(finding.id) for finding in counting) or any(map(leaves_open, outcomes)):
        return "unknown"
    return "degraded" if counting else "healthy"


def failing(path: Path, findings: Iterable[Finding]) -> bool:
    """Whether one of the findings means that nothing passes on the path."""
    return any(_fails(finding, path) for finding in findings)


def leaves_open(outcome: Outcome) -> bool:
    """Whether a check that matters ended as error."""
    return outcome.status is Status.ERROR and outcome.check.startswith(MATTERS)


def _path_status(path: Path, findings: Sequence[Finding], outcomes: Sequence[Outcome]) -> PathStatus:
    if failing(path, findings):
        return "failed"
    if any(_is_login(finding.id) and finding.subject == path.sender for finding in findings):
        return "unknown"
    probe = "connectivity.command" if path.kind == "command" else "connectivity.cpq"
    asked = [outcome for outcome in outcomes if outcome.check == probe and outcome.subject == path]
    return "ok" if any(outcome.status in (Status.PASSED, Status.FAILED) for outcome in asked) else "unknown"


def _fails(finding: Finding, path: Path) -> bool:
    if finding.severity is not Severity.CRITICAL or finding.id in HARMLESS:
        return False
    if isinstance(finding.subject, Path):
        return finding.subject == path and _stands(finding, path, ON_PATH)
    at_sender = finding.subject == path.sender and _stands(finding, path, AT_SENDER)
    at_receiver = finding.subject == path.receiver and _stands(finding, path, AT_RECEIVER)
    return at_sender or at_receiver or _stops_delivery(finding, path)


def _stops_delivery(finding: Finding, path: Path) -> bool:
    """A suspended SMA or ESA also stops what it sends, where its delivery is off too."""
    suspended = finding.id in ("setup.service.sma-suspended", "setup.service.esa-suspended")
    off = finding.details.get("delivery") == "off"
    return suspended and off and path.kind != "command" and finding.subject == path.sender


def _stands(finding: Finding, path: Path, rules: tuple[tuple[str, frozenset[Kind]], ...]) -> bool:
    return any(fnmatchcase(finding.id, pattern) and path.kind in kinds for pattern, kinds in rules)


def _is_login(finding_id: str) -> bool:
    return finding_id.startswith("connectivity.ssh.") and finding_id != "connectivity.ssh.role-refused"
