"""Where findings meet: the SMA's one release queue."""

from bot.diagnosis.place import place_findings
from bot.model.finding import Finding, Severity
from bot.model.subject import Node, Path, Subject

SMA, ESA1, ESA2 = (
    Node("sma-a", "sma", "10.10.10.1"),
    Node("esa-a1", "esa", "10.10.20.1"),
    Node("esa-a2", "esa", "10.10.20.2"),
)
R1, R2 = Path("release", SMA, ESA1), Path("release", SMA, ESA2)
STALLED = Finding("queue.release.stalled", SMA, Severity.CRITICAL, ())


def places(findings: list[Finding], subjects: list[Subject]) -> set[str]:
    return {str(f.subject) for f in place_findings(findings, subjects) if f.check == "queue.release"}


def test_it_goes_to_the_release_path_that_fails() -> None:
    blocked = Finding("connectivity.cpq.timeout", R1, Severity.CRITICAL, ())
    assert places([STALLED, blocked], [SMA, ESA1, ESA2, R1, R2]) == {"sma-a -> esa-a1"}


def test_it_goes_to_the_only_release_path() -> None:
    assert places([STALLED], [SMA, ESA1, R1]) == {"sma-a -> esa-a1"}


def test_it_stays_at_the_sma_when_no_path_is_to_blame() -> None:
    assert places([STALLED], [SMA, ESA1, ESA2, R1, R2]) == {"sma-a"}
