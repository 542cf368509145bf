"""The report of one run: the contract's `pvo-report/1`, for people and programs."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.model.finding import Detail, Evidence, Severity, Status
from bot.model.subject import PathKind

Verdict = Literal["healthy", "degraded", "broken", "unknown"]
PathStatus = Literal["ok", "failed", "unknown"]


class Part(BaseModel):
    """A part of the report: frozen, and its JSON names are public."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Impact(Part):
    """What is known of the harm: recipients waiting, age of the oldest message, when mail starts to bounce."""

    waiting: int | None = None
    oldest_minutes: int | None = None
    bounces_at: dt.datetime | None = None


class Coverage(Part):
    """What the site's appliances know and the inventory does not."""

    unlisted_peers: tuple[str, ...] = ()


class ReportedPath(Part):
    """One direction of traffic and whether it works."""

    kind: PathKind
    sender: str = Field(alias="from")
    receiver: str = Field(alias="to")
    status: PathStatus


class ReportedCheck(Part):
    """How one check ended for one subject."""

    id: str
    subject: str
    status: Status
    reason: str | None = None
    seconds: float


class Explanation(Part):
    """The finding that explains a consequence."""

    id: str
    subject: str


class Fix(Part):
    """What the document says to do, filled in for this finding; `because` says why it is manual."""

    id: str
    title: str
    applicability: Literal["manual", "approval"]
    approvals: int = 0
    because: str | None = None
    steps: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    risk: Literal["low", "medium", "high"]
    effect: str = ""
    source: str


class ReportedFinding(Part):
    """One finding with its place among the causes, its texts and its fixes."""

    id: str
    severity: Severity
    role: Literal["cause", "consequence"]
    explained_by: tuple[Explanation, ...] = ()
    subject: str
    planned: bool = False
    accepted: bool = False
    title: str
    why: str
    details: dict[str, Detail] = Field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    fixes: tuple[Fix, ...] = ()

    @property
    def area(self) -> str:
        return self.id.split(".", 1)[0]

    @property
    def counts(self) -> bool:
        """Whether it means that something is wrong: critical or warning, and not accepted."""
        return self.severity is not Severity.INFO and not self.accepted


class Report(Part):
    """All of one run."""

    schema_: Literal["pvo-report/1"] = Field(default="pvo-report/1", alias="schema")
    id: str
    site: str
    language: str
    started: dt.datetime
    seconds: float
    requested_by: str | None = None
    areas: tuple[str, ...] | None = None
    verdict: Verdict
    impact: Impact = Impact()
    coverage: Coverage = Coverage()
    paths: tuple[ReportedPath, ...]
    checks: tuple[ReportedCheck, ...]
    findings: tuple[ReportedFinding, ...]

    @property
    def causes(self) -> tuple[ReportedFinding, ...]:
        """What a person must act on, worst first (findings are ordered)."""
        return tuple(finding for finding in self.findings if finding.role == "cause")
