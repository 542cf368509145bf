"""Where findings meet: puts what the appliances report for all peers at once onto the paths it concerns; pure."""

from collections.abc import Sequence
from dataclasses import replace

from bot.diagnosis.verdict import failing
from bot.model.finding import Finding
from bot.model.subject import Node, Path, Subject


def place_findings(findings: Sequence[Finding], subjects: Sequence[Subject]) -> list[Finding]:
    """The findings, those about the SMA's one release queue moved to the release paths that fail without them.

    If none fails they go to the only release path of a site with one ESA, else they stay at the SMA.
    """
    releases = [path for path in subjects if isinstance(path, Path) and path.kind == "release"]
    others = [finding for finding in findings if finding.check != "queue.release"]
    failed = [path for path in releases if failing(path, others)]
    targets = failed or (releases if len(releases) == 1 else [])
    placed: list[Finding] = []
    for finding in findings:
        if finding.check == "queue.release" and isinstance(finding.subject, Node) and targets:
            placed.extend(replace(finding, subject=path) for path in targets)
        else:
            placed.append(finding)
    return placed
